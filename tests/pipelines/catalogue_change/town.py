"""A town of a few hundred, recorded the way ingest records, under the small sound catalogue."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import insert

from catalog import artefact
from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from records.database import open_records, writing
from records.settings import Settings
from records.tables import consent, scope_item, subject

ROOT = Path(__file__).resolve().parents[3]
ON = dt.date(2026, 3, 2)
SAID = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
CARD = "public_services/senior-card.yaml"
BIRTH = "public_services/birth-registration.yaml"
SEX = "  sex:\n    names: {zh: 性别, en: Sex}\n    subject: citizen\n    scope: self\n    type: enum\n"
SEX += "    values: {male: {zh: 男, en: male}, female: {zh: 女, en: female}}\n    origin: authority\n"
SEX += "    sensitivity: ordinary\n"


@dataclass(frozen=True)
class Person:
    """One citizen: born on a day nobody knows if None; with children if consented to be known of."""

    id: str
    born: dt.date | None
    sex: str | None = "female"
    hukou: str | None = "BJ"
    children: tuple[dt.date, ...] = ()
    consents: bool = False


@dataclass(frozen=True)
class Town:
    """A catalogue folder to edit, and a home in which people are recorded and the catalogue is in use."""

    folder: Path
    settings: Settings

    @property
    def catalogue(self) -> Catalogue:
        return load_catalogue(self.folder)

    def edited(self, *edits: tuple[str, str, str]) -> Catalogue:
        """The catalogue after edits of its files (file, old text, new text); the folder stays as it was."""
        copy = self.folder.with_name("edited")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.folder, copy)
        for file, old, new in edits:
            text = (copy / file).read_text(encoding="utf8")
            assert text.count(old) == 1, (file, old)
            (copy / file).write_text(text.replace(old, new), encoding="utf8")
        return load_catalogue(copy)


def make_town(root: Path, people: list[Person], firms: int = 0) -> Town:
    """The town of these people, and of firms of which nothing is known but that they exist."""
    folder = root / "catalogue"
    shutil.copytree(ROOT / "tests" / "catalog" / "sound", folder)
    police = folder / "attributes" / "police.yaml"
    police.write_text(police.read_text(encoding="utf8") + SEX, encoding="utf8")
    town = Town(folder, Settings(home=root / "home", today=ON))
    artefact.save(town.catalogue, town.settings.catalogue_path)
    _record(town.settings, people, firms)
    own = [
        {"scope_item": p.id, "birth_date": p.born, "sex": p.sex, "hukou": p.hukou, "has_hukou": None}
        for p in people
    ]
    types = {"birth_date": pl.Date, "sex": pl.String, "hukou": pl.String, "has_hukou": pl.Boolean}
    _tell(town.settings, "citizen.self", own, types)
    children = [
        {"scope_item": f"{p.id}-{n}", "child_birth_date": born, "child_registered": False}
        for p in people
        for n, born in enumerate(p.children)
    ]
    _tell(
        town.settings,
        "citizen.child",
        children,
        {"child_birth_date": pl.Date, "child_registered": pl.Boolean},
    )
    return town


def _tell(settings: Settings, whose: str, rows: list[dict[str, Any]], types: dict[str, Any]) -> None:
    path = settings.attributes_path / whose / "public-security"
    path.mkdir(parents=True)
    schema = {"scope_item": pl.String, "observed_at": pl.Datetime("us", "UTC"), **types}
    said = [{**row, "observed_at": SAID} for row in rows]
    pl.DataFrame(said, schema=schema).write_parquet(path / "batch.parquet")


def _record(settings: Settings, people: list[Person], firms: int) -> None:
    kinds = {p.id: "citizen" for p in people} | {f"e{n}": "enterprise" for n in range(firms)}
    items = [{"id": id_, "scope": "self", "owner": id_} for id_ in kinds]
    items += [
        {"id": f"{p.id}-{n}", "scope": "child", "owner": p.id} for p in people for n in range(len(p.children))
    ]
    granted = [
        {
            "subject": p.id,
            "purpose": "assess",
            "target": "attributes:children",
            "granted_at": SAID,
            "withdrawn_at": None,
            "text_version": "1",
        }
        for p in people
        if p.consents
    ]
    engine = open_records(settings)
    with writing(engine) as connection:
        connection.execute(insert(subject), [{"id": id_, "kind": kind} for id_, kind in kinds.items()])
        connection.execute(insert(scope_item), items)
        if granted:
            connection.execute(insert(consent), granted)
    engine.dispose()
