"""An operator's desk: a catalogue, a folder to put files in, and the door they go through."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import select

from catalog.catalogue import Catalogue
from pipelines.ingest import IngestReport, ingest
from records.database import engine_for, open_records, reading
from records.settings import Settings
from records.tables import METADATA
from tests.pipelines.ingest.small_catalogue import small_catalogue
from tests.records.databases import fresh_database, postgresql_server

AT = dt.datetime(2026, 3, 1, 4, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Desk:
    """Where a test lays its files, and what came of them."""

    folder: Path
    settings: Settings
    catalogue: Catalogue
    peopled: Path | None = None
    """A home into which the people are in already."""

    def lay(self, name: str, *lines: str, encoding: str = "utf-8") -> Path:
        """Put a CSV of these lines on the desk."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))
        return path

    def ingest(self, source: Path | None = None, at: dt.datetime = AT) -> IngestReport:
        return ingest(source or self.folder, self.settings, self.catalogue, at)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """What the records hold, in an order that does not depend on how it came in."""
        engine = engine_for(self.settings.records_url)
        with reading(engine) as connection:
            found = connection.execute(select(METADATA.tables[table])).mappings()
            rows = [dict(row) for row in found]
        engine.dispose()
        return sorted(rows, key=str)

    def statements(self, table: str) -> pl.DataFrame:
        """What a register said, all batches together."""
        kind_scope, register = table.rsplit(".", 1)
        folder = self.settings.attributes_path / kind_scope / register
        parts = [pl.read_parquet(path) for path in sorted(folder.glob("*.parquet"))]
        return pl.concat(parts).sort("scope_item", "observed_at")

    def state(self) -> dict[str, Any]:
        """Everything an ingest can change, files included, but for the book of batches."""
        records = {name: self.rows(name) for name in METADATA.tables}
        files = {
            path.relative_to(self.settings.home).as_posix(): path.read_bytes()
            for path in sorted(self.settings.home.rglob("*"))
            if path.is_file() and not path.name.startswith("records.db")
        }
        return {"records": records, "files": files}

    def people(self) -> None:
        """Citizens c0, c1 and c2 with a child each, and an enterprise e0; already in."""
        if self.peopled is not None and self.peopled.exists():
            shutil.copytree(self.peopled, self.settings.home)
            return
        people = ["c0", "c1", "c2"]
        self.lay("who/subjects.csv", "subject,kind", *(f"{p},citizen" for p in people), "e0,enterprise")
        items = (line for p in people for line in (f"{p},self,{p},", f"{p}-kid,child,{p},小满"))
        self.lay("who/scope_items.csv", "id,scope,owner,label", *items)
        self.ingest(self.folder / "who")
        shutil.rmtree(self.folder / "who")
        if self.peopled is not None:
            shutil.copytree(self.settings.home, self.peopled)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    with postgresql_server() as server:
        yield server


@pytest.fixture(scope="session")
def peopled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("peopled") / "var"


@pytest.fixture
def desk(tmp_path: Path, peopled_home: Path) -> Desk:
    """With the embedded records."""
    folder = tmp_path / "desk"
    folder.mkdir()
    return Desk(folder, Settings(home=tmp_path / "var"), small_catalogue(), peopled_home)


@pytest.fixture(params=["sqlite", "postgresql"])
def either_desk(request: pytest.FixtureRequest, desk: Desk) -> Iterator[Desk]:
    """With the embedded records, and with PostgreSQL."""
    if request.param == "sqlite":
        yield desk
        return
    with fresh_database(request.getfixturevalue("postgres")) as url:
        settings = Settings(home=desk.settings.home, records_url=url)
        open_records(settings).dispose()
        yield Desk(desk.folder, settings, desk.catalogue)
