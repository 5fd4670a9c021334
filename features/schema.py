"""The shape of what is known: profiles of one subject, tables of many. Knows nothing of Feast.

A profile is a subject and its scope items, the subject itself first. Attribute values are plain
Python values; `ABSENT` records that a register says there is none, which is not the same as not
being told: an attribute that is missing from `attributes` is unknown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Literal

import polars as pl

from catalog.vocabulary import Scope, SubjectKind, ValueType


class Absence(Enum):
    """The single value of a fact that is known not to exist."""

    ABSENT = "absent"


ABSENT: Final = Absence.ABSENT
Value = bool | float | str | dt.date | Absence
"""An attribute's value: boolean, number, enum, date, or known to be none."""

COLUMN_TYPES: Final[Mapping[ValueType, pl.DataType]] = {
    ValueType.BOOLEAN: pl.Boolean(),
    ValueType.ENUM: pl.String(),
    ValueType.NUMBER: pl.Float64(),
    ValueType.DATE: pl.Date(),
}
"""The column type of an attribute in every frame; `has_<attribute>` columns are Boolean."""

CaseStatus = Literal["open", "succeeded", "failed", "withdrawn", "self_declared"]
InteractionKind = Literal[
    "search", "view", "impression", "click", "start", "submit", "complete", "dismiss", "rating"
]
PurposeName = Literal["assess", "rank", "train", "aggregate", "remind"]
"""What one consents to."""
UseName = Literal[
    "assess",
    "rank",
    "train",
    "aggregate",
    "remind",
    "remind_app",
    "remind_email",
    "remind_sms",
    "remind_webhook",
    "remind_letter",
]
"""What data are put to. Reminders in the inbox are `remind`; what leaves it by a channel may rest on less."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A paper held for a scope item. Open ends are None; unknown validity is not valid for ever."""

    id: str
    scope_item: str
    type: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    source: Literal["authority", "upload"]


@dataclass(frozen=True, slots=True)
class Case:
    """One run of an item through an authority, for one scope item and cycle."""

    id: str
    scope_item: str
    item: str
    cycle: str
    status: CaseStatus
    channel: str | None
    opened_at: dt.datetime
    closed_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Interaction:
    """Something the subject did on a page or channel; times are aware, UTC."""

    client_id: str
    kind: InteractionKind
    at: dt.datetime
    item: str | None = None
    scope_item: str | None = None
    channel: str | None = None
    query: str | None = None
    slate: str | None = None
    position: int | None = None
    propensity: float | None = None


@dataclass(frozen=True, slots=True)
class Consultation:
    """Something the subject asked the hotline or on the web: what about and how it ended, never the words."""

    id: str
    topic: str
    """A theme or an item of the catalogue, or another word of the list."""
    channel: str
    place: str | None
    outcome: str | None
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Rating:
    """How well an item was served, as the subject says: 1 to 5."""

    item: str
    score: int
    source: str
    at: dt.datetime
    case: str | None = None


CONSULTATION_COLUMNS: Final[Mapping[str, pl.DataType]] = {
    **dict.fromkeys(("id", "subject", "topic", "channel", "place", "outcome"), pl.String()),
    "at": pl.Datetime("us", "UTC"),
}
RATING_COLUMNS: Final[Mapping[str, pl.DataType]] = {
    **dict.fromkeys(("subject", "item", "case", "source"), pl.String()),
    "score": pl.Int64(),
    "at": pl.Datetime("us", "UTC"),
}


def no_consultations() -> pl.DataFrame:
    """A table of consultations without a row."""
    return pl.DataFrame(schema=dict(CONSULTATION_COLUMNS))


def no_ratings() -> pl.DataFrame:
    """A table of ratings without a row."""
    return pl.DataFrame(schema=dict(RATING_COLUMNS))


@dataclass(frozen=True, slots=True)
class Relation:
    """Who acts for, employs or owns whom."""

    subject: str
    other: str
    kind: str
    scope: str | None
    valid_from: dt.date | None
    valid_to: dt.date | None


@dataclass(frozen=True, slots=True)
class ScopeItem:
    """The subject itself, or one child, vehicle, permit ... of theirs, with what is known of it."""

    id: str
    scope: Scope
    owner: str
    label: str | None = None
    """What the subject calls it (小满, 京A12345); shown to the subject alone."""
    attributes: Mapping[str, Value] = field(default_factory=dict)
    """Beside the attributes, `has_<attribute>: True` where one exists but its value is not told."""
    as_of: Mapping[str, dt.datetime] = field(default_factory=dict)
    """When each source register last spoke."""
    evidence: tuple[Evidence, ...] = ()
    cases: tuple[Case, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """All that is held on one subject, before any mask. Only `records.profiles` makes one."""

    subject: str
    kind: SubjectKind
    scope_items: tuple[ScopeItem, ...]
    interactions: tuple[Interaction, ...] = ()
    relations: tuple[Relation, ...] = ()
    consultations: tuple[Consultation, ...] = ()
    ratings: tuple[Rating, ...] = ()


@dataclass(frozen=True, slots=True)
class MaskedProfile:
    """What one purpose may know of one subject. Only `privacy.mask` makes one.

    `withheld` names the attributes (and `evidence:*`, `case:*`, `interactions`, `consultations`,
    `ratings`) that consent would open; whether a value exists behind them is not told.
    """

    subject: str
    kind: SubjectKind
    purpose: UseName
    scope_items: tuple[ScopeItem, ...]
    interactions: tuple[Interaction, ...]
    relations: tuple[Relation, ...]
    withheld: frozenset[str]
    unwanted_events: frozenset[str] = frozenset()
    """Events that the subject does not want to be guessed."""
    consultations: tuple[Consultation, ...] = ()
    ratings: tuple[Rating, ...] = ()

    @property
    def itself(self) -> ScopeItem:
        """The scope item that is the subject."""
        return self.scope_items[0]


@dataclass(frozen=True, slots=True)
class ScopeTable:
    """Many scope items of one kind as columns, owner's attributes joined in, before any mask.

    `frame` has `scope_item`, `subject`, one column an attribute (owner's attributes under their
    own names) and `has_<attribute>` beside each optional one. Null is unknown. A training set also
    has `event_timestamp`, the instant as of which each row holds.
    """

    kind: SubjectKind
    scope: Scope
    frame: pl.DataFrame


@dataclass(frozen=True, slots=True)
class MaskedTable:
    """A `ScopeTable` as one purpose may see it. Only `privacy.mask` makes one."""

    kind: SubjectKind
    scope: Scope
    purpose: UseName
    frame: pl.DataFrame


@dataclass(frozen=True, slots=True)
class RecordTables:
    """The records of many subjects of one kind, before any mask, with the columns of the ingest tables."""

    kind: SubjectKind
    scope_items: pl.DataFrame
    """id, scope, owner, label: among them the scope item of each subject itself."""
    evidence: pl.DataFrame
    cases: pl.DataFrame
    interactions: pl.DataFrame
    relations: pl.DataFrame
    consultations: pl.DataFrame = field(default_factory=no_consultations)
    """Of those who were known when they asked."""
    ratings: pl.DataFrame = field(default_factory=no_ratings)


@dataclass(frozen=True, slots=True)
class MaskedRecordTables:
    """`RecordTables` as one purpose may see them. Only `privacy.mask` makes one."""

    kind: SubjectKind
    purpose: UseName
    scope_items: pl.DataFrame
    evidence: pl.DataFrame
    cases: pl.DataFrame
    interactions: pl.DataFrame
    relations: pl.DataFrame
    observed: pl.DataFrame
    """subject, and by `interactions`, `consultations`, `ratings` whether the purpose may know what the
    subject did, asked and thought (else: unknown, not none)."""
    consultations: pl.DataFrame = field(default_factory=no_consultations)
    ratings: pl.DataFrame = field(default_factory=no_ratings)
