"""Random catalogues: some of the real things of the real one, their delicacy drawn afresh."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue, Item
from catalog.deadline import anchor_of
from catalog.derivation import parse_derivation, reads
from catalog.event import LifeEvent
from catalog.expression import write_condition
from catalog.linking import issued
from catalog.perturbation import Kindred, perturbed
from catalog.predicate import attributes_of
from catalog.support_policy import SupportPolicy
from catalog.vocabulary import Delicacy, Origin, Proactive, Sensitivity, Status, SubjectKind
from features.named import traits_of

SERVICES, POLICIES, EVENTS, TRAITS = 9, 5, 1, 6
"""How many of each, of either kind of subject where there are two."""
_DELICACY = (Sensitivity.ORDINARY, Sensitivity.SENSITIVE, Sensitivity.MINOR)


def random_catalogue(real: Catalogue, rng: random.Random) -> Catalogue:
    """A small catalogue that hangs together; the same generator state gives the same one."""
    events = _events(real, rng)
    chosen = _items(real, events, rng)
    names = set(_read_by([*chosen, *events]))
    for kind in SubjectKind:
        traits = sorted({trait.attribute for trait in traits_of(real, kind).values()})
        names |= set(rng.sample(traits, min(TRAITS, len(traits))))
    names = _with_sources(names, real)
    attributes = _redrawn({n: real.attributes[n] for n in sorted(names & real.attributes.keys())}, rng)
    kindred = Kindred(attributes)
    items = {item.id: _varied(item, kindred, rng) for item in chosen}
    services = {
        id_: real_item for id_, real_item in items.items() if not isinstance(real_item, SupportPolicy)
    }
    policies = {id_: item for id_, item in items.items() if isinstance(item, SupportPolicy)}
    papers = {paper: real.evidence_types[paper] for paper in sorted(_papers(items.values(), real))}
    groups = sorted(real.consent_groups)
    papers = {
        id_: replace(p, consent_group=rng.choice(groups) if rng.random() < 0.2 else p.consent_group)
        for id_, p in papers.items()
    }
    return replace(
        real,
        version=f"random-{rng.randrange(10**9)}",
        attributes=attributes,
        evidence_types=issued(papers, services),
        public_services=services,
        support_policies=policies,
        events={event.id: event for event in events},
    )


def _events(real: Catalogue, rng: random.Random) -> list[LifeEvent]:
    short = [
        event
        for event in real.events.values()
        if event.status is Status.CONFIRMED and sum(map(len, event.stages)) <= 5
    ]
    return [
        rng.choice([event for event in short if event.subject is kind])
        for kind in SubjectKind
        for _ in range(EVENTS)
    ]


def _items(real: Catalogue, events: list[LifeEvent], rng: random.Random) -> list[Item]:
    steps = {step.service for event in events for stage in event.stages for step in stage}
    confirmed = [i for _, i in sorted(real.items.items()) if i.status is Status.CONFIRMED]
    found: dict[str, Item] = {id_: real.items[id_] for id_ in sorted(steps)}
    for kind in SubjectKind:
        services = [i for i in confirmed if i.subject is kind and not isinstance(i, SupportPolicy)]
        found |= {item.id: item for item in rng.sample(services, SERVICES)}
    policies = [item for item in confirmed if isinstance(item, SupportPolicy)]
    found |= {item.id: item for item in rng.sample(policies, POLICIES)}
    return list(found.values())


def _read_by(things: Iterable[Item | LifeEvent]) -> Iterator[str]:
    for thing in things:
        for criterion in thing.criteria:
            yield from attributes_of(criterion.predicate)
        if thing.duty is not None and (anchor := anchor_of(thing.duty.rule)):
            yield anchor
        if isinstance(thing, LifeEvent):
            yield thing.trigger
        if isinstance(thing, SupportPolicy) and thing.amount is not None and thing.amount.per:
            yield thing.amount.per


def _with_sources(names: set[str], real: Catalogue) -> set[str]:
    waiting, found = list(names), set[str]()
    while waiting:
        name = waiting.pop()
        attribute = real.attributes.get(name)
        if name in found or attribute is None:
            continue
        found.add(name)
        if attribute.derived is not None:
            waiting += reads(parse_derivation(attribute.derived))
        if attribute.implied_by is not None:
            waiting.append(attribute.implied_by.attribute)
    return found


def _redrawn(attributes: dict[str, Attribute], rng: random.Random) -> dict[str, Attribute]:
    """The attributes with other sensitivities; what comes from another is no less delicate than that."""
    groups = ("children", "health", "disability", "business-plans", "business-finance")
    drawn: dict[str, Attribute] = {}
    for name, attribute in attributes.items():
        drawn[name] = attribute
        if attribute.derived is None and rng.random() < 0.3:
            sensitivity = rng.choice(_DELICACY)
            drawn[name] = replace(
                attribute,
                sensitivity=sensitivity,
                origin=rng.choice((Origin.AUTHORITY, Origin.DECLARED)),
                consent_group=None if sensitivity is Sensitivity.ORDINARY else rng.choice(groups),
            )
    return drawn


def _varied(item: Item, kindred: Kindred, rng: random.Random) -> Item:
    """The item with conditions moved a little, and sometimes another delicacy."""
    criteria = item.criteria
    if rng.random() < 0.3:
        criteria = tuple(
            replace(
                c,
                predicate=(moved := perturbed(c.predicate, kindred, rng)),
                expression=write_condition(moved),
            )
            for c in criteria
        )
    delicacy = rng.choice(tuple(Delicacy)) if rng.random() < 0.25 else item.delicacy
    proactive = rng.choice(tuple(Proactive)) if rng.random() < 0.25 else item.proactive
    return replace(item, criteria=criteria, delicacy=delicacy, proactive=proactive)


def _papers(items: Iterable[Item], real: Catalogue) -> set[str]:
    waiting: list[str] = [paper for item in items for paper in item.evidence]
    waiting += [paper for item in items if not isinstance(item, SupportPolicy) for paper in item.outputs]
    found: set[str] = set()
    while waiting:
        paper = waiting.pop()
        if paper not in found:
            found.add(paper)
            waiting += real.evidence_types[paper].substitutes
    return found
