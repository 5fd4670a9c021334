"""A copy of everything held of one subject: one JSON document, or a zip of CSV files, a table each."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import orjson
import polars as pl

from catalog.vocabulary import Scope
from features.registers import registers_of
from features.schema import ABSENT
from features.statements import AttributeHistory
from privacy.purposes import PURPOSES
from serving.parts import Parts
from serving.privacy.held import Held

Row = dict[str, Any]
NONE_ON_RECORD: Final = "none on record"
"""In a copy, the value of what a register knows not to exist."""
MANIFEST: Final = "manifest.json"


def copy_of(parts: Parts, held: Held) -> dict[str, Any]:
    """The document: a manifest that counts the rows of each table, and the tables."""
    tables: dict[str, list[Row]] = {
        "document": [{"scheme": scheme, "number": number} for scheme, number in held.documents.items()],
        "attribute": [_value(one) for one in held.values],
        "attribute_history": list(_history(parts, held)),
        "training_feature": list(_features(parts, held)),
        "access": [_access(one) for one in held.accesses],
        **held.tables,
    }
    manifest = {
        "subject": held.subject,
        "kind": held.kind,
        "made_at": held.at,
        "rows": {name: len(rows) for name, rows in tables.items()},
        "last_used": {purpose: held.last_used(purpose) for purpose in PURPOSES},
        "left_out": list(held.left_out),
    }
    return {"manifest": manifest, "tables": tables}


def as_json(document: Mapping[str, Any]) -> bytes:
    """The document as JSON."""
    return orjson.dumps(document, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)


def as_zip(document: Mapping[str, Any]) -> bytes:
    """The document as CSV files that spreadsheets read, with the manifest beside them."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, as_json(document["manifest"]))
        for name, rows in document["tables"].items():
            archive.writestr(f"{name}.csv", _csv(rows))
    return made.getvalue()


def _csv(rows: list[Row]) -> bytes:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    """A value as text; what a spreadsheet would run as a formula is quoted."""
    if value is None:
        return ""
    text = (
        value
        if isinstance(value, str)
        else orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode().strip('"')
    )
    return f"'{text}" if text[:1] in ("=", "+", "@", "\t", "\r") else text


def _value(one: Any) -> Row:
    return {
        "scope_item": one.scope_item,
        "attribute": one.attribute.name,
        "name_zh": one.attribute.names.zh,
        "name_en": one.attribute.names.en,
        "value": NONE_ON_RECORD if one.value is ABSENT else one.value,
        "source": one.attribute.authority,
        "register": one.attribute.register,
        "observed_at": one.observed_at,
        "sensitivity": one.attribute.sensitivity,
        "purposes": list(one.purposes),
        "still_used": one.fresh,
        "disputed": one.disputed,
    }


def _access(one: Any) -> Row:
    return {
        "at": one.at,
        "role": one.role,
        "actor": "yourself" if one.own else one.actor,
        "action": one.action,
        "purpose": one.purpose,
        "detail": dict(one.detail),
    }


def _scope_items(held: Held) -> dict[Scope, list[str]]:
    found: dict[Scope, list[str]] = {Scope.SELF: [held.subject]}
    for row in held.tables["scope_item"]:
        if row["id"] not in found.setdefault(Scope(row["scope"]), []):
            found[Scope(row["scope"])].append(row["id"])
    return found


def _history(parts: Parts, held: Held) -> Iterator[Row]:
    """What registers said of the subject over time, from the offline files."""
    history = AttributeHistory(parts.settings.attributes_path, parts.catalogue)
    for scope, ids in _scope_items(held).items():
        for register in registers_of(parts.catalogue, held.kind, scope):
            said = history.statements(held.kind, scope, register).filter(pl.col("scope_item").is_in(ids))
            for row in said.sort("scope_item", "observed_at").collect().iter_rows(named=True):
                yield {"register": register, **{n: value for n, value in row.items() if value is not None}}


def _features(parts: Parts, held: Held) -> Iterator[Row]:
    """What models may train on; packed profiles repeat the history and are left out."""
    ids = [id_ for found in _scope_items(held).values() for id_ in found]
    for folder in sorted((parts.settings.offline_path / "views").glob("[!.]*")):
        for file in sorted(folder.glob("*.parquet")):
            yield from _rows_of(file, ids, folder.name)


def _rows_of(file: Any, ids: Iterable[str], view: str) -> Iterator[Row]:
    schema = pl.read_parquet_schema(file)
    if "scope_item" not in schema or pl.Binary in schema.values():
        return
    mine = pl.scan_parquet(file).filter(pl.col("scope_item").is_in(list(ids))).collect()
    for row in mine.iter_rows(named=True):
        yield {"view": view, **{name: value for name, value in row.items() if value is not None}}


def file_name(held: Held, suffix: str) -> str:
    """What a copy is called when it is saved: the day it was made, and nothing of the subject."""
    return f"qianmian-{held.at.astimezone(dt.UTC):%Y%m%d}.{suffix}"
