"""A world: every knob of a synthetic city, as one value read from one YAML file."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from catalog.vocabulary import Names
from pipelines.city.draw_spec import Draw, Shares
from pipelines.city.world_knobs import (
    ConsentMix,
    Consultations,
    Demand,
    Journey,
    PaperKnob,
    Register,
    SlateKnob,
    TruthKnob,
)


class Statistic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A published figure the city is calibrated to."""

    value: float
    unit: str
    source: str
    year: int | None = None


class AgeBand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ages from `low` to `high`, inclusive, evenly spread, with a weight."""

    low: int
    high: int
    weight: float


class HouseholdType(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One shape of household: the head's age and who else lives there."""

    weight: float
    head_age: tuple[AgeBand, ...]
    members: tuple[Literal["spouse", "child", "elder"], ...] = ()
    collective: bool = False
    male_head: float = 0.5


class Households(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How people live together."""

    types: dict[str, HouseholdType]
    spouse_gap: tuple[float, float]
    """Mean and deviation of husband's age less wife's, years."""
    birth_age: tuple[float, float]
    """Mother's age at a birth."""
    leaves_home: int
    source: str = "assumed"


class Initial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Scope items a subject has on the first day: how many, when a condition holds."""

    scope: str
    when: str = "TRUE"
    count: dict[str, float] = {}
    """Numbers and their shares; empty is one."""
    count_from: str | None = None
    """A numeric attribute that says how many (employees), up to `limit`."""
    limit: int = 30
    set: dict[str, Draw] = {}


class Stage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an event brings `month` months after it happens (before, if negative)."""

    month: int = 0
    when: str | None = None
    share: float = 1.0
    set: dict[str, Draw] = {}
    set_owner: dict[str, Draw] = {}
    set_spouse: dict[str, Draw] = {}
    spawn: dict[str, dict[str, Draw]] = {}
    """New scope items by scope, with the attributes that are known of them."""
    ends: bool = False
    """The scope item ceases to be (a car scrapped, an employee gone)."""
    needs: dict[str, float] = {}
    """Expected uses a month of each item, at its height; it halves by `need_half_life`."""


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something that may happen in a life or to a firm, seen or unseen by registers."""

    kind: Literal["citizen", "enterprise"]
    scope: str = "self"
    when: str
    yearly: float
    """Rate a year for those it may happen to."""
    factors: dict[str, float] = {}
    """SQL conditions, and what they multiply the rate by."""
    season: tuple[float, ...] = ()
    """Twelve multipliers, January first; empty is even."""
    months: tuple[int, ...] = ()
    """If given, it can only happen in these months of the year."""
    stages: tuple[Stage, ...] = (Stage(),)
    event: str | None = None
    """The catalogue's life or business event it announces."""
    source: str = "assumed"


class Showcase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One curated subject: fixed attributes, on itself and on scope items of its own."""

    id: str
    kind: Literal["citizen", "enterprise"]
    title: Names
    set: dict[str, Draw] = {}
    scopes: dict[str, tuple[dict[str, Draw], ...]] = {}
    labels: dict[str, tuple[str, ...]] = {}
    missed: tuple[str, ...] = ()
    """Past duties it did not meet; it met all others that bound it."""


class World(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All knobs of one synthetic city."""

    world: str
    synthetic: Literal[True]
    citizens: int
    enterprises: int
    months_history: int = 24
    block: int = 20_000
    statistics: dict[str, Statistic]
    households: Households
    attributes: dict[str, dict[str, Draw]]
    """By `<kind>.<scope>`: every stored attribute, in the order drawn; `_name` stays inside."""
    initial: dict[str, tuple[Initial, ...]]
    events: dict[str, Event]
    figures: Shares = {}
    """What authorities go by where the catalogue's parameters have no sourced value (assumed)."""
    demand: Demand
    journey: Journey
    slates: SlateKnob
    registers: dict[str, Register]
    unknown: Shares = {}
    """By attribute: share unknown to its register, instead of the register's own."""
    papers: dict[str, PaperKnob] = {}
    consents: dict[str, ConsentMix] = {}
    consent_texts: str = "synthetic-1"
    consultations: Consultations
    truth: TruthKnob
    labels: dict[str, tuple[str, ...]]
    showcase: tuple[Showcase, ...] = ()
    hash: str = ""


def months_before(day: dt.date, months: int) -> dt.date:
    """The first day of the month `months` months before the month of `day`."""
    index = day.year * 12 + day.month - 1 - months
    return dt.date(index // 12, index % 12 + 1, 1)
