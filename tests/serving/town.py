"""A town of a few subjects behind a real server: the real catalogue, feature store, records and mask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import yaml
from sqlalchemy import Connection

from catalog.artefact import save
from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from catalog.predicate import presence
from catalog.vocabulary import Scope, SubjectKind, ValueType
from features.freshness import default_shelf_life
from features.packing import Statement
from features.registers import registers_of, stored_attributes
from features.registry import StoreLocation, apply
from features.retrieval import OnlineProfiles
from features.schema import ABSENT, Value
from features.statements import INSTANT, statement_columns
from records.database import open_records, writing
from records.settings import now_in_utc
from records.tables import case, consent, evidence, scope_item, subject
from serving.settings import ServingSettings

ROOT = Path(__file__).resolve().parents[2]
TODAY = dt.date(2026, 11, 21)
TOWN = yaml.safe_load((Path(__file__).parent / "town.yaml").read_text("utf-8"))
SUBJECTS: tuple[dict[str, Any], ...] = tuple(TOWN["subjects"])


def build_town(
    home: Path, subjects: Sequence[Mapping[str, Any]] = SUBJECTS, **stores: Any
) -> ServingSettings:
    """Everything a run would have made, under `home`; the settings of a server for it.

    `stores` are settings of other stores than the embedded ones.
    """
    settings = ServingSettings(home=home, today=TODAY, **stores)
    catalogue = load_catalogue(ROOT / "catalog" / "data")
    save(catalogue, settings.catalogue_path)
    engine = open_records(settings)
    with writing(engine) as connection:
        for one in subjects:
            _record(connection, one, catalogue)
    engine.dispose()
    _speak(settings, catalogue, subjects)
    return settings


def _record(connection: Connection, one: Mapping[str, Any], catalogue: Catalogue) -> None:
    kind = SubjectKind(one["kind"])
    connection.execute(subject.insert().values(id=one["id"], kind=kind.value))
    for owned in _scope_items(one):
        row = {"id": owned["id"], "scope": owned["scope"], "owner": one["id"], "label": owned.get("label")}
        connection.execute(scope_item.insert().values(**row))
        for type_ in owned.get("evidence", ()):
            held = {"id": f"{owned['id']}/{type_}", "scope_item": owned["id"], "type": type_}
            connection.execute(evidence.insert().values(**held, source="authority"))
        for number, run in enumerate(owned.get("cases", ())):
            row = {"id": f"{owned['id']}/{number}", "scope_item": owned["id"], "channel": "online", **run}
            connection.execute(case.insert().values(**row))
    for purpose in one["consents"]:
        for target in consent_targets(catalogue, kind):
            row = {"subject": one["id"], "purpose": purpose, "target": target, "text_version": "1"}
            connection.execute(consent.insert().values(**row, granted_at=TOWN["observed_at"]))


def consent_targets(catalogue: Catalogue, kind: SubjectKind) -> list[str]:
    """Everything a subject of the kind could consent to."""
    groups = [group.id for group in catalogue.consent_groups.values() if group.subject == kind]
    groups += ["ordinary", "declared", "sensitive", "tax-secrets"]
    return [
        "interactions",
        *(f"attributes:{group}" for group in groups),
        *(f"evidence:{group}" for group in groups),
    ]


def _scope_items(one: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    itself = {key: one[key] for key in ("id", "told", "evidence", "cases") if key in one}
    return [{"scope": "self", **itself}, *one.get("scope_items", ())]


def _speak(settings: ServingSettings, catalogue: Catalogue, subjects: Sequence[Mapping[str, Any]]) -> None:
    """Let every register say what it knows of every scope item: into the history, and online."""
    location = StoreLocation(
        settings.registry_path,
        settings.offline_path,
        settings.online_path,
        settings.online_store,
        settings.redis_url,
    )
    store = apply(location, catalogue)
    online = OnlineProfiles(store, catalogue, default_shelf_life(), lambda: now_in_utc(settings))
    for one in subjects:
        kind = SubjectKind(one["kind"])
        for owned in _scope_items(one):
            scope = Scope(owned["scope"])
            for register in registers_of(catalogue, kind, scope):
                told = _told(catalogue, kind, scope, register, owned["told"], one.get("rest") == "none")
                if told:
                    said = Statement(TOWN["observed_at"], told)
                    online.push(kind, scope, owned["id"], register, said)
                    _keep(
                        settings.attributes_path / f"{kind}.{scope}" / register, catalogue, owned["id"], said
                    )


def _keep(register: Path, catalogue: Catalogue, scope_item: str, said: Statement) -> None:
    """A statement as ingest keeps it."""
    kind, _, scope = register.parent.name.partition(".")
    attributes = stored_attributes(catalogue, SubjectKind(kind), Scope(scope), register.name)
    row: dict[str, Any] = {"scope_item": scope_item, "observed_at": said.observed_at}
    for name in (attribute.name for attribute in attributes):
        value = said.attributes.get(name)
        row[name] = None if value is ABSENT else value
        row[presence(name)] = False if value is ABSENT else said.attributes.get(presence(name))
    schema = {"scope_item": pl.String(), "observed_at": INSTANT, **statement_columns(attributes)}
    register.mkdir(parents=True, exist_ok=True)
    frame = pl.DataFrame({name: [row[name]] for name in schema}, schema=schema, strict=False)
    frame.write_parquet(register / f"{scope_item}.parquet")


def _told(
    catalogue: Catalogue,
    kind: SubjectKind,
    scope: Scope,
    register: str,
    told: Mapping[str, Value],
    rest_is_none: bool,
) -> dict[str, Value]:
    said: dict[str, Value] = {}
    for attribute in stored_attributes(catalogue, kind, scope, register):
        if attribute.name in told:
            said[attribute.name] = told[attribute.name]
            if attribute.optional:
                said[presence(attribute.name)] = True
        elif rest_is_none and attribute.type is ValueType.BOOLEAN:
            said[attribute.name] = False
        elif rest_is_none and attribute.optional:
            said[attribute.name] = ABSENT
        elif rest_is_none and attribute.type is ValueType.NUMBER:
            said[attribute.name] = 0.0
        elif rest_is_none and "none" in attribute.allowed:
            said[attribute.name] = "none"
    return said
