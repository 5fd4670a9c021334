"""How long what subjects say holds, and how far exploration may go: figures an operator may change."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Annotated

import msgspec

Count = Annotated[int, msgspec.Meta(ge=1)]
Positive = Annotated[float, msgspec.Meta(gt=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Exploration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The budget within which new items get their chance."""

    share: Share
    places: Count
    fresh_below: Annotated[int, msgspec.Meta(ge=0)]
    candidates: Count
    prior: tuple[Positive, Positive]


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See terms.yaml for what each figure means."""

    hidden_months: Annotated[tuple[Count, ...], msgspec.Meta(min_length=1)]
    postponed_days: Count
    aversion_half_life_days: Positive
    aversion_share: Annotated[float, msgspec.Meta(ge=0)]
    rating_half_life_days: Positive
    rating_prior: Positive
    least_ratings: Count
    poor_below: Annotated[float, msgspec.Meta(ge=1, le=5)]
    most_against: Annotated[float, msgspec.Meta(ge=0)]
    exploration: Exploration


@cache
def default_terms() -> Terms:
    """The terms in force until an operator says otherwise."""
    text = resources.files("models.feedback").joinpath("terms.yaml").read_bytes()
    return msgspec.yaml.decode(text, type=Terms)
