"""The written data contracts: what each table of an operator's files must look like."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from catalog.vocabulary import Names, Scope, SubjectKind

ColumnType = Literal["id", "word", "text", "choice", "integer", "number", "boolean", "date", "moment"]
Reference = Literal["subjects", "scope_items", "cases", "items", "evidence_types"]
Change = Literal["fixed", "once", "free"]
"""Whether a later file may change the value: never, only from empty to filled, or at will."""


class Column(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One column of a table; values are exact, `least` and `most` are included."""

    name: str
    type: ColumnType
    zh: str
    en: str
    field: str | None = None
    """Its name in the records, where that differs."""
    nullable: bool = False
    optional: bool = False
    """True where the file may leave the column out, which says nothing about any row."""
    allowed: tuple[str, ...] = ()
    references: Reference | None = None
    change: Change = "fixed"
    unit: str | None = None
    least: float | None = None
    above: float | None = None
    most: float | None = None
    longest: int = 64
    past: bool = False
    """True for a date that must not lie after the day of ingest."""
    empty_means: str | None = None
    identifies_nobody: bool = False
    """True where a number that identifies a person must not be used."""

    @property
    def stored_as(self) -> str:
        """The column's name once it is in."""
        return self.field or self.name


class NotBefore(msgspec.Struct, frozen=True, tag="not_before", forbid_unknown_fields=True):
    """`column` is not earlier than `other`, where both are filled."""

    column: str
    other: str


class Differs(msgspec.Struct, frozen=True, tag="differs", forbid_unknown_fields=True):
    """`column` is not `other`."""

    column: str
    other: str


class EmptyWhen(msgspec.Struct, frozen=True, tag="empty_when", forbid_unknown_fields=True):
    """`column` is empty where `where` is one of `is`."""

    column: str
    where: str
    values: tuple[str, ...] = msgspec.field(name="is")


class FilledWhen(msgspec.Struct, frozen=True, tag="filled_when", forbid_unknown_fields=True):
    """`column` is filled where `where` is one of `is`."""

    column: str
    where: str
    values: tuple[str, ...] = msgspec.field(name="is")


class Theirs(msgspec.Struct, frozen=True, tag="theirs", forbid_unknown_fields=True):
    """What `column` names belongs to the subject that `subject` names."""

    column: str
    subject: str


class FitsItem(msgspec.Struct, frozen=True, tag="fits_item", forbid_unknown_fields=True):
    """The scope item is of the kind and scope that the item ranges over."""

    item: str
    scope_item: str


class ScopeOfKind(msgspec.Struct, frozen=True, tag="scope_of_kind", forbid_unknown_fields=True):
    """The scope is one that the owner's kind of subject can have."""

    scope: str
    owner: str


class SelfItem(msgspec.Struct, frozen=True, tag="self_item", forbid_unknown_fields=True):
    """`id` is the owner's own exactly where the scope is self."""

    id: str
    scope: str
    owner: str


class ConsentTarget(msgspec.Struct, frozen=True, tag="consent_target", forbid_unknown_fields=True):
    """`column` is something one can consent to the use of."""

    column: str


class Absent(msgspec.Struct, frozen=True, tag="absent", forbid_unknown_fields=True):
    """`column` is empty where `presence` says that there is none."""

    column: str
    presence: str


class OfScope(msgspec.Struct, frozen=True, tag="of_scope", forbid_unknown_fields=True):
    """`column` names a scope item of this kind of subject and this scope."""

    column: str
    kind: SubjectKind
    scope: Scope


class OnlyFor(msgspec.Struct, frozen=True, tag="only_for", forbid_unknown_fields=True):
    """`column` has this value only where `subject` names a subject of this kind."""

    column: str
    value: str
    subject: str
    kind: SubjectKind


Check = (
    NotBefore
    | Differs
    | EmptyWhen
    | FilledWhen
    | Theirs
    | FitsItem
    | ScopeOfKind
    | SelfItem
    | ConsentTarget
    | Absent
    | OfScope
    | OnlyFor
)


class Contract(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table: its columns, what makes two rows the same row, and what must hold across columns."""

    table: str
    names: Names
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    checks: tuple[Check, ...] = ()
    into: str | None = None
    """The table of the records it goes into; None for observed attributes, which go offline."""
    stamped: str | None = None
    """The column of the records that holds when the row was taken in or changed."""

    @property
    def references(self) -> frozenset[str]:
        """The tables (or lists of the catalogue) its rows refer to."""
        return frozenset(column.references for column in self.columns if column.references)


@cache
def record_contracts() -> dict[str, Contract]:
    """The contracts of the tables that go into the records, in an order that references allow."""
    order = (
        "subjects",
        "scope_items",
        "relations",
        "evidence",
        "cases",
        "consents",
        "interactions",
        "consultations",
        "ratings",
        "departures",
    )
    return {table: _read(f"{table}.yaml") for table in order}


def _read(file: str) -> Contract:
    text = (resources.files("pipelines.ingest") / "contracts" / file).read_bytes()
    return msgspec.yaml.decode(text, type=Contract)
