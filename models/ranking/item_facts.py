"""What of each item the ranker reads in the catalogue, looked up once a catalogue."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from catalog.catalogue import Catalogue, Item
from catalog.derivation import parse_derivation, reads
from catalog.predicate import attributes_of
from catalog.public_service import PublicService
from catalog.vocabulary import Delicacy


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """One item: its theme and nature, whose word its criteria rest on, what goes with it in an event."""

    theme: str
    nature: str
    told_by: tuple[tuple[bool, str], ...]
    """Registers its criteria rest on: whether they speak of the subject itself, and their slug."""
    events: tuple[tuple[str, frozenset[str]], ...]
    """The events it is a step of that may be guessed at, and their other steps."""

    def beside(self, unwanted: frozenset[str]) -> frozenset[str]:
        """Items that are steps of an event with it, but for events the subject wants no guess at."""
        return frozenset[str]().union(*(steps for event, steps in self.events if event not in unwanted))


def facts_of(catalogue: Catalogue, never_guessed: Collection[str]) -> Mapping[str, ItemFacts]:
    """By item id. Of the events in `never_guessed` one step tells nothing of another."""
    events: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for id_, event in sorted(catalogue.events.items()):
        if id_ in never_guessed or event.delicacy is not Delicacy.NORMAL:
            continue
        steps = frozenset(step.service for stage in event.stages for step in stage)
        for step in steps:
            events.setdefault(step, []).append((id_, steps - {step}))
    return {
        id_: ItemFacts(
            theme=item.theme if isinstance(item, PublicService) else item.category,
            nature=str(item.nature) if isinstance(item, PublicService) else "policy",
            told_by=_told_by(item, catalogue),
            events=tuple(events.get(id_, ())),
        )
        for id_, item in catalogue.items.items()
    }


def _told_by(item: Item, catalogue: Catalogue) -> tuple[tuple[bool, str], ...]:
    names = {name for criterion in item.criteria for name in attributes_of(criterion.predicate)}
    known = [catalogue.attributes[name] for name in sorted(names) if name in catalogue.attributes]
    sources = {name for a in known if a.derived is not None for name in reads(parse_derivation(a.derived))}
    known += [catalogue.attributes[name] for name in sorted(sources) if name in catalogue.attributes]
    return tuple(sorted({(str(a.scope) == "self", a.register) for a in known if a.derived is None}))
