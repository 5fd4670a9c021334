"""A copy of one who did much is whole, and there within a minute."""

from __future__ import annotations

import csv
import datetime as dt
import io
import time
import zipfile
from typing import Final

import polars as pl
import pytest
from fastapi.testclient import TestClient

from records.audit import AuditEntry
from records.bulk import insert_rows
from records.database import writing
from records.tables import interaction
from serving.parts import Parts

AT: Final = dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC)
DONE, LOOKS = 20_000, 1_200
WITHIN: Final = 60.0
"""Seconds a copy may take."""
LI: Final = "c-li"


@pytest.fixture
def busy(own_client: TestClient) -> TestClient:
    """Li did much for years, and often somebody looked."""
    parts: Parts = own_client.app.state.parts  # type: ignore[attr-defined]
    moments = [AT - dt.timedelta(minutes=n) for n in range(DONE)]
    done = pl.DataFrame(
        {"client_id": [f"much-{n}" for n in range(DONE)], "at": moments},
        schema={"client_id": pl.String, "at": pl.Datetime("us", "UTC")},
    ).with_columns(subject=pl.lit(LI), kind=pl.lit("view"), item=pl.lit("cs-hf-rent"))
    with writing(parts.engine) as connection:
        insert_rows(connection, interaction, done)
        for n in range(LOOKS):
            looked = AuditEntry(AT - dt.timedelta(hours=n), "agent", "login-7", "read", LI, "assess")
            parts.audit.append(connection, looked)
    return own_client


@pytest.mark.slow
def test_a_copy_of_much_is_whole_and_there_within_a_minute(busy: TestClient) -> None:
    began = time.perf_counter()
    copy = busy.get(f"/v1/citizens/{LI}/privacy/data").json()
    packed = busy.get(f"/citizens/{LI}/privacy/copy.zip")
    took = time.perf_counter() - began
    assert took < 2 * WITHIN, "each of the two"
    rows = copy["manifest"]["rows"]
    assert rows["interaction"] >= DONE
    assert sum(one["role"] == "agent" for one in copy["tables"]["access"]) == LOOKS, (
        "every look, to the first"
    )
    archive = zipfile.ZipFile(io.BytesIO(packed.content))
    for table in ("interaction", "access"):
        lines = list(csv.reader(io.StringIO(archive.read(f"{table}.csv").decode("utf-8-sig"))))
        assert len(lines) > rows[table], "a line for the names of the columns"
