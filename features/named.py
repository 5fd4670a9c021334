"""Which named features there are: traits of subjects, counts of behaviour, statistics of services."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Annotated, Final, NamedTuple

import msgspec

from catalog.catalogue import Catalogue
from catalog.vocabulary import Scope, SubjectKind
from features.schema import InteractionKind

Days = Annotated[int, msgspec.Meta(ge=1)]
RECENCY: Final = "days_since_last"
STATISTICS: Final = ("viewed", "started", "completed")


class Trait(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One trait: an attribute as it is, or in bands between cuts."""

    attribute: str
    cuts: tuple[float, ...] = ()


class Counted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Interactions of these kinds, counted over these many days."""

    kinds: tuple[InteractionKind, ...]
    days: tuple[Days, ...]


class Behaviour(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is counted of subjects' behaviour and of services' use."""

    counted: dict[str, Counted]
    statistics_days: tuple[Days, ...]


def traits_of(catalogue: Catalogue, kind: SubjectKind) -> dict[str, Trait]:
    """The traits this catalogue has attributes for, by name; see `missing_traits` for the others."""
    attributes = catalogue.attributes
    return {
        name: trait
        for name, trait in all_traits()[kind].items()
        if trait.attribute in attributes
        and attributes[trait.attribute].subject == kind
        and attributes[trait.attribute].scope is Scope.SELF
    }


def missing_traits(catalogue: Catalogue, kind: SubjectKind) -> tuple[str, ...]:
    """Traits that no attribute of this catalogue can tell."""
    return tuple(sorted(all_traits()[kind].keys() - traits_of(catalogue, kind).keys()))


class Count(NamedTuple):
    """One count of a subject's interactions; an empty theme is all themes."""

    name: str
    kinds: tuple[InteractionKind, ...]
    days: int
    theme: str


def counts_of(catalogue: Catalogue, kind: SubjectKind) -> list[Count]:
    """The counts by name: `viewed_90d` for all items, `viewed_90d_health` for a theme."""
    themes = sorted(theme.id for theme in catalogue.themes.values() if theme.subject == kind)
    return [
        Count(f"{name}_{days}d{'_' + theme.replace('-', '_') if theme else ''}", counted.kinds, days, theme)
        for name, counted in behaviour().counted.items()
        for days in counted.days
        for theme in ("", *themes)
    ]


def statistics_columns() -> list[str]:
    """The counts of a service's use by name."""
    return [f"{name}_{days}d" for name in STATISTICS for days in behaviour().statistics_days]


@lru_cache(maxsize=1)
def all_traits() -> dict[SubjectKind, dict[str, Trait]]:
    """Every trait of traits.yaml."""
    return msgspec.yaml.decode(_text("traits.yaml"), type=dict[SubjectKind, dict[str, Trait]])


@lru_cache(maxsize=1)
def behaviour() -> Behaviour:
    """behaviour.yaml."""
    return msgspec.yaml.decode(_text("behaviour.yaml"), type=Behaviour)


def _text(name: str) -> bytes:
    return (resources.files("features") / name).read_bytes()
