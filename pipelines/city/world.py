"""A world: every knob of a synthetic city, as one value read from one YAML file."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from catalog.vocabulary import Names

Scalar = bool | float | str
Shares = dict[str, float]


class Statistic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A published figure the city is calibrated to."""

    value: float
    unit: str
    source: str
    year: int | None = None


class Draw(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one attribute's value comes about; exactly one way of drawing.

    `present` is the share for whom the thing exists at all (else absent). `days` is a range of
    days from the city's first day. `cases` replace the draw where their condition holds; the
    first that holds wins.
    """

    value: Scalar | None = None
    share: float | None = None
    choice: Shares | None = None
    lognormal: tuple[float, float] | None = None
    """Median and sigma."""
    normal: tuple[float, float] | None = None
    uniform: tuple[float, float] | None = None
    poisson: float | None = None
    days: tuple[int, int] | None = None
    months: tuple[int, int] | None = None
    """A range of months from the city's first day, at the first of a month."""
    expr: str | None = None
    structure: bool = False
    """Made with the households or firms themselves."""
    absent: bool = False
    add: float | None = None
    """In an event: added to the value held."""
    years: float | None = None
    """In an event: the day so many years after the event."""
    after: int | None = None
    """In an event: the day so many days after the event."""
    present: float = 1.0
    low: float | None = None
    high: float | None = None
    round: float | None = None
    source: str = "assumed"
    cases: tuple[Case, ...] = ()


class Case(Draw, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A draw for the rows where `when` (SQL over attributes drawn earlier) holds."""

    when: str


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


class ItemKnob(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the city knows of one item beyond the catalogue."""

    rate: float | None = None
    """Expected uses a month by an average eligible subject in an open window."""
    season: tuple[float, ...] = ()
    effects: dict[str, Draw] = {}
    """Attributes a successful case changes, on the scope item or its owner, where held."""
    spawn: dict[str, dict[str, Draw]] = {}
    ends: bool = False
    repeat_months: int | None = None
    """How long after a success it may be used again; None: by its cycle."""
    days: float | None = None
    """Median days from submission to decision."""
    lifts: dict[str, float] = {}
    """Trait name: added to the log rate."""
    topics: tuple[str, ...] = ()


class Demand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What makes a subject want an item."""

    rates: Shares
    """By nature: obligation, benefit, other; and `policy`."""
    urgency: dict[str, float]
    """Multipliers of the rate: window open, closing, overdue, not yet."""
    traits: dict[str, dict[str, str]]
    """By kind: visible traits, each an SQL condition."""
    trait_theme_scale: float
    trait_item_scale: float
    popularity_scale: float
    prototypes: int
    factors: int
    taste_scale: float
    taste_from_traits: float
    """How strongly visible traits tilt the taste; 0 makes taste wholly hidden."""
    theme_lifts: dict[str, dict[str, float]] = {}
    activity: tuple[float, float] = (1.0, 0.6)
    """Mean and coefficient of variation of a subject's hidden activity."""
    need_half_life: float = 1.5
    items: dict[str, ItemKnob] = {}


class Journey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From wanting an item to having it, with friction."""

    online: dict[str, str]
    """By kind: SQL expression of the share of journeys made online."""
    view: float
    search: float
    noise_view: float
    start: float
    drop: float
    paper_friction: float
    """Each missing paper multiplies the chance to start by this."""
    abandon: float
    withdrawn: float
    failed: float
    failed_missing: float
    self_declared: float
    decision_days: Shares
    decision_sigma: float
    hall_channels: Shares
    rating: float
    score: Shares


class SlateKnob(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The logging policy and how people read a page."""

    length: int
    visits: dict[str, float]
    """By kind: page visits a month by an average subject."""
    visit_need: float
    """Added visits a month while something is pending."""
    uniform: float
    """Share of slates that are a uniformly random choice; the rest follow the base order."""
    examination: tuple[float, ...]
    """Probability that each position is looked at."""
    click: tuple[float, float, float]
    """Given a look: base, with taste at its height, with a pending need."""
    spark: float
    """Chance that a click on something not yet wanted makes it wanted."""
    dismiss: float


class Register(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How soon and how completely one source register knows."""

    delay_days: float
    unknown: float
    """Share of cells it does not know."""


class PaperKnob(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who holds a kind of paper on the first day, and how long it holds."""

    when: str = "TRUE"
    share: float = 1.0
    scope: str = "self"
    kind: Literal["citizen", "enterprise"] = "citizen"
    valid_to: str | None = None
    """An attribute that says until when."""
    years: float | None = None


class ConsentMix(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A way of consenting, and the share of subjects who do so."""

    share: float
    purposes: tuple[str, ...]
    groups: float = 1.0
    """Share of consent groups each purpose is granted for."""
    withdraws: float = 0.0


class Consultations(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hotline and web enquiries."""

    monthly: dict[str, float]
    pending_share: float
    channels: Shares
    outcomes: Shares


class Reminders(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How people would answer a reminder: shares of latent responses, per subject and item."""

    persuadable: float
    put_off: float
    lift: float


class TruthKnob(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is written apart for evaluation."""

    horizon_months: int
    scored_subjects: int
    reminders: Reminders


class Showcase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One curated subject: fixed attributes, on itself and on scope items of its own."""

    id: str
    kind: Literal["citizen", "enterprise"]
    title: Names
    set: dict[str, Draw] = {}
    scopes: dict[str, tuple[dict[str, Draw], ...]] = {}
    labels: dict[str, tuple[str, ...]] = {}


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
