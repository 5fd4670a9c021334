"""What was heard of the items, brought to bear on the order of a page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from features.schema import MaskedProfile
from models.feedback.aversion import aversions
from models.feedback.terms import Terms, default_terms
from models.feedback.wishes import NONE, Wishes
from models.ranking.signals import RankSignals


@dataclass(frozen=True, slots=True)
class Heard:
    """What one subject asked for, and what bad ratings of all subjects say against items."""

    wishes: Wishes = NONE
    against: Mapping[str, float] = field(default_factory=dict)
    """By item, in units of being shown in vain."""
    terms: Terms = field(default_factory=default_terms)


UNHEARD = Heard()


def weighed(signals: RankSignals, profile: MaskedProfile, heard: Heard, on: dt.date) -> RankSignals:
    """The signals with refusals (as far as a profile masked to rank shows any) and bad ratings counted in.

    Both count as having been shown in vain, which moves nothing but what is ordered by score.
    """
    refused = aversions(profile.interactions, signals.themes, on, heard.terms)
    costs = dict(signals.fatigue)
    for more in (refused, heard.against):
        for item, cost in more.items():
            costs[item] = costs.get(item, 0.0) + cost
    return replace(signals, fatigue=costs)
