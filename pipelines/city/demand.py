"""How much each scope item wants each item this month: base, traits, taste, season, deadlines, events."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from catalog.catalogue import Item
from catalog.duty import AroundAnchor, Before, Duty, Recurring, Within
from catalog.predicate import attributes_of
from catalog.public_service import PublicService
from catalog.support_policy import SupportPolicy
from catalog.vocabulary import SCOPES_OF, Scope, SubjectKind
from pipelines.city.block import Block, Setting
from pipelines.city.draws import expression, names_in
from pipelines.city.life import Month
from pipelines.city.randomness import Bools, Floats, Ints
from pipelines.city.rules import Judge
from pipelines.city.taste import ItemWeights, Tastes, tastes_of, trait_columns, weights_of
from pipelines.city.wants import NEVER, ScopeWants
from pipelines.city.windows import anchor_days, windows

Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Geometry:
    """The weights of one kind of subject, by scope."""

    tastes: Tastes
    weights: Mapping[str, ItemWeights]
    judges: Mapping[str, Judge]

    @classmethod
    def of(cls, setting: Setting, kind: SubjectKind) -> Geometry:
        """The geometry of this city."""
        scopes = [str(scope) for scope in SCOPES_OF[kind]]
        items = {scope: setting.catalogue.items_for(kind, Scope(scope)) for scope in scopes}
        return cls(
            tastes_of(setting, kind),
            {scope: weights_of(setting, kind, items[scope]) for scope in scopes},
            {scope: Judge(items[scope], setting.catalogue, setting.world.figures) for scope in scopes},
        )


@dataclass(frozen=True, slots=True)
class People:
    """What one month's demand reads of the subjects."""

    traits: Floats
    prototype: Ints
    activity: Floats
    online: Floats
    usually_online: Floats
    """What age or size alone says of `online`."""


@dataclass(frozen=True, slots=True)
class Demanded:
    """One scope's demand in one month: rows x items."""

    frame: pl.DataFrame
    allowed: Bools
    """Eligible all month long, and not yet done in this cycle."""
    visible_pull: Matrix
    """What visible traits multiply a want by."""
    taste_pull: Matrix
    """What hidden taste multiplies a want by."""
    usual: Matrix
    """Intents a month of an average subject: popularity, season, deadlines; 0 where not allowed."""
    rate: Matrix
    """Expected intents a month, over all causes."""

    @property
    def appeal(self) -> Matrix:
        """Taste and traits together."""
        return self.visible_pull * self.taste_pull


def people(block: Block, tastes: Tastes, month: Month) -> People:
    """The subjects' traits this month and their hidden, lasting taste and activity."""
    setting, count = block.setting, block.subjects.rows
    online_share = setting.world.journey.online[block.kind]
    conditions = (*setting.world.demand.traits[block.kind].values(), online_share)
    frame = block.frame("self", month.first, None, frozenset().union(*map(names_in, conditions)))
    traits = trait_columns(setting, block.kind, frame)
    mean, variation = setting.world.demand.activity
    shape = 1.0 / variation**2
    rng = block.rng("people")
    activity = rng.gamma(shape, mean / shape, count)
    habit = rng.normal(0.0, 0.15, count)
    share = frame.select(expression(online_share).alias("_")).to_series()
    usually = np.asarray(share.fill_null(0.5).to_numpy(), dtype=np.float64)
    online = np.clip(usually + habit, 0.02, 0.98)
    return People(traits, block_tastes(block, tastes, traits), activity, online, usually)


def block_tastes(block: Block, tastes: Tastes, traits: Floats) -> Ints:
    """Tastes are settled once, from the traits of the first day asked."""
    if block.taste is None:
        block.taste = tastes.draw(traits, block.rng("taste"))
        block.taste_prior = tastes.prior(traits)
    return block.taste


def demanded(
    block: Block, scope: str, wants: ScopeWants, geometry: Geometry, who: People, month: Month
) -> Demanded:
    """The demand of one scope in one month."""
    state = block.states[scope]
    names = names_judged(wants.items)
    frame, later = block.frames(scope, (month.first, month.last), None, names)
    judge = geometry.judges[scope]
    allowed = judge.eligible(frame, month.first) & judge.eligible(later, month.last)
    here = state.alive & block.living[state.owner] & (state.born <= month.first_day + month.days - 1)
    allowed &= here[:, None]
    weights = geometry.weights[scope]
    phase = _phases(block, wants, later, month, allowed)
    level = (np.exp(weights.base) * weights.season[month.first.month - 1]).astype(np.float32)
    usual = phase * level * allowed
    visible, taste = pulls(who, geometry, weights, state.owner)
    activity = who.activity.astype(np.float32)[state.owner][:, None]
    return Demanded(frame, allowed, visible, taste, usual, activity * visible * taste * (usual + wants.need))


def pulls(who: People, geometry: Geometry, weights: ItemWeights, owner: Ints) -> tuple[Matrix, Matrix]:
    """What visible traits and hidden taste multiply wants by: rows x items each."""
    visible = np.exp(np.clip(who.traits.astype(np.float32) @ weights.traits.astype(np.float32), -4.0, 4.0))
    by_prototype = taste_pulls(geometry, weights)
    return visible[owner], by_prototype[who.prototype[owner]]


def taste_pulls(geometry: Geometry, weights: ItemWeights) -> Matrix:
    """Prototypes x items: what each taste multiplies wants by."""
    utility = geometry.tastes.prototypes @ weights.factors.T
    return np.exp(np.clip(utility, -4.0, 4.0)).astype(np.float32)


@functools.lru_cache(maxsize=64)
def names_judged(items: tuple[Item, ...]) -> frozenset[str]:
    """The attributes that items' criteria and deadlines read."""
    names = {
        name for item in items for criterion in item.criteria for name in attributes_of(criterion.predicate)
    }
    anchors = {anchor for item in items if (anchor := anchor_of(item.duty))}
    return frozenset(names | anchors)


def anchor_of(duty: Duty | None) -> str | None:
    """The date a duty counts from."""
    rule = duty.rule if duty is not None else None
    return rule.anchor if isinstance(rule, Within | Before | AroundAnchor | Recurring) else None


def _phases(block: Block, wants: ScopeWants, frame: pl.DataFrame, month: Month, allowed: Bools) -> Matrix:
    """The urgency of each pair; pairs already done in their cycle are struck from `allowed`."""
    urgency = block.setting.world.demand.urgency
    phase = np.ones(allowed.shape, dtype=np.float32)
    names = {name for item in wants.items if (name := anchor_of(item.duty)) and name in frame.columns}
    anchors = anchor_days(frame, names)
    for n, item in enumerate(wants.items):
        window = windows(item.duty, anchors, frame.height, (month.first, month.last), urgency)
        opens: Ints | int
        if window is None:
            opens = _repeats(block.setting, item, month)
        else:
            phase[:, n], opens = window.phase, window.opens
        allowed[:, n] &= wants.done[:, n] < opens
    return phase


def _repeats(setting: Setting, item: Item, month: Month) -> int:
    """Successes before this day no longer count; without a knob, one success is for good."""
    knob = setting.world.demand.items.get(item.id)
    if knob is None or knob.repeat_months is None:
        return int(NEVER) + 1
    return month.first_day - round(knob.repeat_months * 30.44)


def yields(item: Item) -> tuple[str, ...]:
    """The evidence types a success yields."""
    return tuple(item.outputs) if isinstance(item, PublicService) else ()


def needs_no_application(item: Item) -> bool:
    """Policies enjoyed without applying leave no case."""
    return isinstance(item, SupportPolicy) and item.apply_mode in ("no_application",)
