"""Hidden taste and the popularity, trait and taste weights of items: low rank, drawn from the seed.

A subject's taste is one of a few prototypes; visible traits tilt which one, history tells the rest.
That it is one of finitely many makes the best guess from what is visible an exact sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from catalog.catalogue import Item
from catalog.public_service import PublicService
from catalog.support_policy import SupportPolicy
from catalog.vocabulary import SubjectKind
from pipelines.city.block import Setting
from pipelines.city.draws import holds_each
from pipelines.city.randomness import Floats, Ints


@dataclass(frozen=True, slots=True)
class Tastes:
    """The hidden geometry of one kind of subject."""

    traits: tuple[str, ...]
    prototypes: Floats
    """Prototypes x factors."""
    tilt: Floats
    """Traits x prototypes: log odds each visible trait adds."""

    def prior(self, traits: Floats) -> Floats:
        """Subjects x prototypes: how likely each taste is, given visible traits alone."""
        scores = traits @ self.tilt
        scores -= scores.max(axis=1, keepdims=True)
        odds = np.exp(scores)
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def draw(self, traits: Floats, rng: np.random.Generator) -> Ints:
        """One prototype a subject."""
        below = self.prior(traits).cumsum(axis=1) < rng.random((len(traits), 1))
        return np.asarray(below.sum(axis=1))


@dataclass(frozen=True, slots=True)
class ItemWeights:
    """What moves the log rate of each item: base, visible traits, hidden factors, twelve months."""

    base: Floats
    traits: Floats
    """Traits x items."""
    factors: Floats
    """Items x factors."""
    season: Floats
    """12 x items."""


def theme_of(item: Item) -> str:
    """The theme an item is shown under."""
    return item.category if isinstance(item, SupportPolicy) else item.theme


def tastes_of(setting: Setting, kind: SubjectKind) -> Tastes:
    """The tastes of a kind of subject in this city."""
    knobs = setting.world.demand
    traits = tuple(knobs.traits[kind])
    rng = setting.rng("tastes", kind)
    tilt = knobs.taste_from_traits * rng.standard_normal((len(traits), knobs.prototypes))
    return Tastes(traits, rng.standard_normal((knobs.prototypes, knobs.factors)), tilt)


def weights_of(setting: Setting, kind: SubjectKind, items: Sequence[Item]) -> ItemWeights:
    """The weights of some items; an item's weights do not depend on which others are asked for."""
    knobs = setting.world.demand
    traits = tuple(knobs.traits[kind])
    columns = [_weights(setting, kind, item, traits) for item in items]
    if not columns:
        nothing = np.zeros((0, knobs.factors))
        return ItemWeights(np.zeros(0), np.zeros((len(traits), 0)), nothing, np.ones((12, 0)))
    base, by_trait, factors, season = (np.array(part) for part in zip(*columns, strict=True))
    return ItemWeights(base, by_trait.T, factors, season.T)


def _weights(
    setting: Setting, kind: SubjectKind, item: Item, traits: Sequence[str]
) -> tuple[float, Floats, Floats, Floats]:
    knobs = setting.world.demand
    knob = knobs.items.get(item.id)
    theme = theme_of(item)
    shared, own = setting.rng("theme", kind, theme), setting.rng("item", item.id)
    rate = knob.rate if knob is not None and knob.rate is not None else knobs.rates[_sort(item)]
    base = float(np.log(rate) + knobs.popularity_scale * own.standard_normal())
    by_trait = knobs.trait_theme_scale * shared.standard_normal(len(traits))
    by_trait = by_trait + knobs.trait_item_scale * own.standard_normal(len(traits))
    for trait, lift in {**knobs.theme_lifts.get(theme, {}), **(knob.lifts if knob else {})}.items():
        if trait in traits:
            by_trait[traits.index(trait)] += lift
    direction = 0.7 * shared.standard_normal(knobs.factors) + 0.7 * own.standard_normal(knobs.factors)
    factors = knobs.taste_scale / np.sqrt(knobs.factors) * direction
    season = np.array(knob.season if knob is not None and knob.season else (1.0,) * 12)
    return base, by_trait, factors, season


def _sort(item: Item) -> str:
    return str(item.nature) if isinstance(item, PublicService) else "policy"


def trait_columns(setting: Setting, kind: SubjectKind, frame: pl.DataFrame) -> Floats:
    """Subjects x traits: 1 where the visible trait holds."""
    conditions = setting.world.demand.traits[kind].values()
    return holds_each(frame, list(conditions)).astype(np.float64)
