"""The knobs of behaviour: what people want, how they get it, what is logged, known, consented and true."""

from __future__ import annotations

from typing import Literal

import msgspec

from pipelines.city.draw_spec import Draw, Shares


class ItemKnob(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the city knows of one item beyond the catalogue."""

    rate: float | None = None
    """Expected uses a month by an average eligible subject in an open window."""
    season: tuple[float, ...] = ()
    effects: dict[str, Draw] = {}
    """Attributes a successful case changes, on the scope item or its owner, where held."""
    spawn: dict[str, dict[str, Draw]] = {}
    repeat_months: int | None = None
    """How long after a success it may be used again; None: by its cycle."""
    days: float | None = None
    """Median days from submission to decision."""
    lifts: dict[str, float] = {}
    """Trait name: added to the log rate."""


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
