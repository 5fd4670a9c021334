"""What the champions say of one subject: signals for the ranker, uptake for the policy package."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from catalog.catalogue import Catalogue
from catalog.public_service import PublicService
from catalog.vocabulary import Delicacy, SubjectKind
from features.schema import MaskedProfile
from features.transforms import traits_of_profile
from models.affinity.linear import LinearAffinity
from models.affinity.profile_batch import batch_of, indicators_of, together
from models.life_event_forecast.forecaster import LifeEventForecaster
from models.life_event_forecast.labels import closed_list
from models.policy_package.uptake import UptakeModel
from models.policy_package.uptake_signals import past_of
from models.ranking.item_facts import ItemFacts, facts_of
from models.ranking.signals import LearnedUse, RankSignals, RankWeights
from models.ranking.subject_past import past_of as acts_of
from models.ranking.terms import TRAITS, SubjectTerms
from models.ranking.use_model import UseModel
from models.recommendation import Judgement

FORECAST_DAYS = 90
"""How far ahead an event counts for the order of a page."""
FATIGUE_DAYS = 30
FATIGUE_HALF_LIFE = 7.0
TAKEN = frozenset({"click", "start", "submit", "complete"})
LEARNED_WEIGHTS = RankWeights(diversity=0.1)
"""Beside the learned ranker, whose score has what to be diverse about in it already."""
SURE = 1e-6
"""A probability no closer to 0 or 1 than this, so that its log-odds are finite."""

Traits = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Champions:
    """The learned models in force; whichever is missing says nothing."""

    affinity: Mapping[SubjectKind, LinearAffinity] = field(default_factory=dict)
    forecast: Mapping[SubjectKind, LifeEventForecaster] = field(default_factory=dict)
    uptake: UptakeModel | None = None
    use: Mapping[SubjectKind, UseModel] = field(default_factory=dict)
    """The ranker that puts the others' signals together."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Name and version by part: `affinity`, `forecast`, `uptake`, `use`."""


@dataclass(frozen=True)
class LearnedSignals:
    """Asks the champions about one subject at a time."""

    champions: Champions
    catalogue: Catalogue

    def ranks(self, kind: SubjectKind) -> bool:
        """Whether any champion orders the pages of such subjects."""
        learned = kind in self.champions.affinity or kind in self.champions.use
        return learned or (kind is SubjectKind.ENTERPRISE and self._uptake)

    @cached_property
    def _facts(self) -> Mapping[str, ItemFacts]:
        return facts_of(self.catalogue, closed_list().events)

    @cached_property
    def _themes(self) -> Mapping[str, str]:
        return {id: theme_of_item(id, self.catalogue) for id in self.catalogue.items}

    @property
    def _uptake(self) -> bool:
        return self.champions.uptake is not None

    def ordered_by(self, kind: SubjectKind) -> str:
        """The names and versions of those that order the pages of such subjects."""
        taking_part = {
            "affinity": kind in self.champions.affinity,
            "uptake": kind is SubjectKind.ENTERPRISE and self._uptake,
            "forecast": kind in self.champions.forecast,
            "use": kind in self.champions.use,
        }
        return " + ".join(self.champions.names.get(part, part) for part, does in taking_part.items() if does)

    def signals(self, profile: MaskedProfile, judgement: Judgement) -> RankSignals | None:
        """Signals from a profile masked to rank; None where no champion ranks for such subjects."""
        if not self.ranks(profile.kind):
            return None
        terms = self.terms(profile, judgement.on)
        use = self.champions.use.get(profile.kind)
        return RankSignals(
            model=self.ordered_by(profile.kind),
            affinity=terms.affinity,
            event_probability=terms.event_probability,
            fatigue=terms.fatigue,
            themes=self._themes,
            weights=RankWeights() if use is None else LEARNED_WEIGHTS,
            use=None if use is None else LearnedUse(use, terms),
        )

    def terms(self, profile: MaskedProfile, on: dt.date) -> SubjectTerms:
        """What the ranker reads of a subject, and learns from: one path for pages and for training."""
        return self.terms_of([profile], on)[0]

    def terms_of(self, profiles: Sequence[MaskedProfile], on: dt.date) -> list[SubjectTerms]:
        """The same of subjects of one kind, together: the affinity multiplies all of them at once."""
        traits = [traits_of_profile(profile, self.catalogue, on) for profile in profiles]
        affinities = self._affinities([_unguessed(profile) for profile in profiles], traits, on)
        return [self._terms(*each, on) for each in zip(profiles, traits, affinities, strict=True)]

    def _terms(
        self, profile: MaskedProfile, traits: Traits, affinity: Mapping[str, float], on: dt.date
    ) -> SubjectTerms:
        past, profile = acts_of(profile, on), _unguessed(profile)
        for service in closed_list().services & past.looked_at.keys():
            del past.looked_at[service]
        return SubjectTerms(
            on=on,
            itself=profile.itself.id,
            past=past,
            traits=tuple(f"{name}={traits[name]}" for name in sorted(TRAITS & traits.keys()) if traits[name]),
            facts=self._facts,
            affinity=affinity,
            event_probability=self._events(profile, traits, on),
            fatigue=fatigue_of(profile, on),
            unwanted_events=profile.unwanted_events,
        )

    def uptake(self, profile: MaskedProfile, on: dt.date) -> dict[str, float] | None:
        """The chance by policy that an enterprise would apply and obtain; None without a champion."""
        if self.champions.uptake is None:
            return None
        traits = traits_of_profile(profile, self.catalogue, on)
        return self.champions.uptake.uptake(past_of(profile, on), traits)

    def _affinities(
        self, profiles: Sequence[MaskedProfile], traits: Sequence[Traits], on: dt.date
    ) -> list[dict[str, float]]:
        scores = [self._uptakes(*each, on) for each in zip(profiles, traits, strict=True)]
        model = self.champions.affinity.get(profiles[0].kind) if profiles else None
        if model is not None:
            read = indicators_of(model)
            batches = [
                batch_of(profile, known, read, model.items, on)
                for profile, known in zip(profiles, traits, strict=True)
            ]
            batch = together(batches) if len(batches) > 1 else batches[0]
            for own, row in zip(scores, model.scores(batch).tolist(), strict=True):
                own |= dict(zip(model.items, row, strict=True))
        return scores

    def _uptakes(self, profile: MaskedProfile, traits: Traits, on: dt.date) -> dict[str, float]:
        if self.champions.uptake is None or profile.kind is not SubjectKind.ENTERPRISE:
            return {}
        chances = self.champions.uptake.uptake(past_of(profile, on), traits)
        return {item: _logit(chance) for item, chance in chances.items()}

    def guesses(self, profile: MaskedProfile, on: dt.date) -> dict[str, float]:
        """By event, the chance within `FORECAST_DAYS` that may shape the page of this (rank) profile."""
        return self._guesses(profile, traits_of_profile(profile, self.catalogue, on), on)

    def _guesses(self, profile: MaskedProfile, traits: Traits, on: dt.date) -> dict[str, float]:
        """What is delicate, or unwanted by the subject, is never guessed."""
        forecaster = self.champions.forecast.get(profile.kind)
        return {
            forecast.event: forecast.within.get(FORECAST_DAYS, 0.0)
            for forecast in (forecaster.forecast(profile, traits, on) if forecaster else ())
            if forecast.event not in profile.unwanted_events and self._may_guess(forecast.event)
        }

    def _may_guess(self, event: str) -> bool:
        known = self.catalogue.events.get(event)
        return known is not None and known.delicacy is Delicacy.NORMAL

    def _events(self, profile: MaskedProfile, traits: Traits, on: dt.date) -> dict[str, float]:
        """By item, the likeliest forecast event it is a step of."""
        likely: dict[str, float] = {}
        for event, chance in self._guesses(profile, traits, on).items():
            for stage in self.catalogue.events[event].stages:
                for step in stage:
                    likely[step.service] = max(chance, likely.get(step.service, 0.0))
        return likely


def _unguessed(profile: MaskedProfile) -> MaskedProfile:
    """The profile less looks at services of the closed list: what they might tell is never guessed."""
    closed = closed_list().services
    told = tuple(act for act in profile.interactions if act.item not in closed)
    return replace(profile, interactions=told)


def fatigue_of(profile: MaskedProfile, on: dt.date) -> dict[str, float]:
    """How often each item was shown of late and not taken up, older showings counting less."""
    taken = {done.item for done in profile.interactions if done.kind in TAKEN}
    tired: dict[str, float] = {}
    for done in profile.interactions:
        age = (on - done.at.date()).days
        if done.kind == "impression" and done.item and done.item not in taken and 0 <= age <= FATIGUE_DAYS:
            tired[done.item] = tired.get(done.item, 0.0) + 0.5 ** (age / FATIGUE_HALF_LIFE)
    return tired


def theme_of_item(item: str, catalogue: Catalogue) -> str:
    """The theme slug of an item."""
    found = catalogue.items[item]
    return found.theme if isinstance(found, PublicService) else found.category


def _logit(probability: float) -> float:
    kept = min(max(probability, SURE), 1 - SURE)
    return math.log(kept / (1 - kept))
