"""Whoever closed their account and is in a later delivery all the same is not there when it has ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from records.database import open_records
from records.erasure import erase, erasing_for
from records.keys import open_secrets
from tests.pipelines.ingest.conftest import AT, Desk


@pytest.fixture
def erased(desk: Desk) -> Iterator[Desk]:
    """A desk whose people were taken in, c1 with a child erased since."""
    desk.people()
    engine: Engine = open_records(desk.settings)
    try:
        erase(
            erasing_for(desk.settings, engine, open_secrets(desk.settings)), "c1", role="citizen", actor="c1"
        )
    finally:
        engine.dispose()
    yield desk


def everything(desk: Desk) -> None:
    """The operator's next delivery, c1 still in it: a child that is new, and a row that cannot go in."""
    desk.lay("subjects.csv", "subject,kind", "c0,citizen", "c1,citizen", "c9,citizen")
    items = ("c1,self,c1,", "c1-kid,child,c1,小满", "c1-baby,child,c1,小雨", "c9,self,c9,")
    desk.lay("scope_items.csv", "id,scope,owner,label", *items)
    seen = ("a,c1,,view", "b,c9,,view", "c,c1,c0-kid,view")
    desk.lay(
        "interactions.csv",
        "client_id,subject,scope_item,item,kind,channel,query,slate,position,propensity,at",
        *(
            f"{id_},{who},{item},,{kind},,,,,,2026-02-01T04:00:00Z"
            for id_, who, item, kind in (row.split(",") for row in seen)
        ),
    )


def test_who_was_erased_is_erased_again(erased: Desk) -> None:
    everything(erased)
    report = erased.ingest()
    assert report.erased_again == 1
    assert {row["id"] for row in erased.rows("subject")} == {"c0", "c2", "c9", "e0"}
    assert [row["client_id"] for row in erased.rows("interaction")] == ["b"]
    left = [
        path.name
        for path in erased.settings.home.rglob("*")
        if path.is_file()
        and any(word in path.read_bytes() for word in (b"c1-kid", b"c1-baby", "小雨".encode()))
    ]
    assert left == [], "neither in the records nor among the rejected rows"


def test_where_nobody_was_erased_no_key_is_asked_for(desk: Desk) -> None:
    desk.people()
    everything(desk)
    assert desk.ingest(at=AT + dt.timedelta(days=1)).erased_again == 0
    assert not (desk.settings.home / "secrets").exists()
    assert "c1" in {row["id"] for row in desk.rows("subject")}
