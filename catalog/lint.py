"""What is doubtful in a catalogue that loads: for an editor to look at, not a reason to refuse it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final, Literal

import msgspec

from catalog.catalogue import Catalogue, Item
from catalog.criterion import Criterion
from catalog.deadline import anchor_of
from catalog.derivation import parse_derivation, reads
from catalog.event import LifeEvent
from catalog.predicate import And, Constant, Not, Predicate, attributes_of
from catalog.public_service import PublicService
from catalog.satisfiability import always_true, unsatisfiable
from catalog.shadowing import shadowed
from catalog.vocabulary import Nature, Origin, Status

SOON_DAYS: Final = 90
"""How long before its end an item counts as expiring."""
_LINK: Final = ("https://",)

Kind = Literal[
    "expired",
    "unsatisfiable",
    "contradicts_event",
    "out_of_order",
    "unverified_link",
    "malformed_link",
    "always_true",
    "shadowed",
    "no_register",
    "never_told",
    "redundant_criterion",
    "expiring",
    "nobody_issues",
    "parameter_unknown",
    "unread_attribute",
    "unused_evidence",
]


class Finding(msgspec.Struct, frozen=True, order=True):
    """One doubtful thing: what kind it is, where, and what an editor may do."""

    kind: Kind
    id: str
    what: str
    remedy: str


def lint(catalogue: Catalogue, on: dt.date) -> tuple[Finding, ...]:
    """Everything doubtful about a catalogue on a day, by kind and id."""
    found = [
        *_expiry(catalogue, on),
        *_conditions(catalogue),
        *_links(catalogue),
        *_events(catalogue),
        *_evidence(catalogue),
        *_register(catalogue, on),
        *_shadows(catalogue),
        *_unheld(catalogue),
    ]
    return tuple(sorted(set(found)))


def _confirmed(catalogue: Catalogue) -> Iterator[Item]:
    return (item for item in catalogue.items.values() if item.status is Status.CONFIRMED)


def _expiry(catalogue: Catalogue, on: dt.date) -> Iterator[Finding]:
    for item in _confirmed(catalogue):
        if item.valid_to is None:
            continue
        days = (dt.date.fromisoformat(item.valid_to) - on).days
        if days < 0:
            yield Finding("expired", item.id, f"it ended on {item.valid_to}", "renew it or remove it")
        elif days <= SOON_DAYS:
            yield Finding("expiring", item.id, f"it ends on {item.valid_to}", "ask whether it goes on")


def _all(criteria: Iterable[Criterion]) -> Predicate:
    return And(tuple(criterion.predicate for criterion in criteria))


def _conditions(catalogue: Catalogue) -> Iterator[Finding]:
    known = catalogue.attributes
    for item in (*_confirmed(catalogue), *catalogue.events.values()):
        if unsatisfiable(_all(item.criteria), known):
            yield Finding("unsatisfiable", item.id, "nobody can ever meet it", "correct its criteria")
            continue
        for criterion in item.criteria:
            others = [each.predicate for each in item.criteria if each is not criterion]
            where = f"{item.id}/{criterion.id}"
            if isinstance(criterion.predicate, Constant):
                continue
            if always_true(criterion.predicate, known):
                yield Finding("always_true", where, "it holds for everyone", "write TRUE or correct it")
            elif others and unsatisfiable(And((*others, Not(criterion.predicate))), known):
                yield Finding("redundant_criterion", where, "the other criteria imply it", "remove it")


def _links(catalogue: Catalogue) -> Iterator[Finding]:
    for item in _confirmed(catalogue):
        if isinstance(item, PublicService):
            online = item.channels.online if item.channels else None
            if online is not None and not online.startswith(_LINK):
                yield Finding("malformed_link", item.id, f"`{online}` is no secure address", "use https://")
            continue
        for name in item.related_services:
            yield from _unverified(catalogue, item.id, name)
    for event in catalogue.events.values():
        for stage in event.stages:
            for step in stage:
                yield from _unverified(catalogue, event.id, step.service)


def _unverified(catalogue: Catalogue, source: str, service: str) -> Iterator[Finding]:
    if catalogue.public_services[service].status is Status.UNVERIFIED:
        remedy = "have the owning department confirm it"
        yield Finding("unverified_link", source, f"it leads to `{service}`, which is unverified", remedy)


def _shadows(catalogue: Catalogue) -> Iterator[Finding]:
    for item, other in shadowed(catalogue):
        what = f"whoever it is for may have the same by `{other.id}`, which asks no more"
        yield Finding("shadowed", item.id, what, "drop one of the two, or say what sets them apart")


def _unheld(catalogue: Catalogue) -> Iterator[Finding]:
    """Obligations that rest on what only the subject can tell: nobody can remind them of it in time."""
    resting: dict[str, list[str]] = {}
    for service in catalogue.public_services.values():
        if service.status is Status.CONFIRMED and service.nature is Nature.OBLIGATION:
            for name in sorted({name for each in service.criteria for name in attributes_of(each.predicate)}):
                if name in catalogue.attributes and catalogue.attributes[name].origin is Origin.DECLARED:
                    resting.setdefault(name, []).append(service.id)
    for name, services in resting.items():
        duties = ", ".join(f"`{each}`" for each in services)
        what = f"no register holds it, and whoever has the duty of {duties} must tell it first"
        yield Finding("no_register", name, what, "name the office that holds it, or leave it to be told")


def never_told(names: Iterable[str]) -> tuple[Finding, ...]:
    """That rules read attributes of which no register has told anything."""
    what, remedy = "rules read it, and its register has told it of nobody", "have the register deliver it"
    return tuple(Finding("never_told", name, what, remedy) for name in sorted(names))


def _events(catalogue: Catalogue) -> Iterator[Finding]:
    for event in catalogue.events.values():
        for stage in event.stages:
            for step in stage:
                service = catalogue.public_services[step.service]
                same = (service.subject, service.scope) == (event.subject, event.scope) and not step.another
                both = And((_all(event.criteria), _all(service.criteria)))
                if same and unsatisfiable(both, catalogue.attributes):
                    what = f"nobody can take its step `{service.id}` as the event begins"
                    remedy = "correct one of the two, unless an earlier step changes what is asked"
                    yield Finding("contradicts_event", event.id, what, remedy)
        yield from _out_of_order(catalogue, event)


def _out_of_order(catalogue: Catalogue, event: LifeEvent) -> Iterator[Finding]:
    """Steps that need a paper which only a later stage of the event yields, and nobody else does."""
    stage_of = {
        (step.service, step.another): number for number, stage in enumerate(event.stages) for step in stage
    }
    for (name, another), number in stage_of.items():
        for paper in catalogue.public_services[name].evidence:
            yielding = catalogue.evidence_types[paper].issued_by
            # What a step yields for the new car is no paper of the old one.
            if yielding and all(stage_of.get((other, another), -1) > number for other in yielding):
                what = f"`{name}` needs `{paper}`, which only a later step yields"
                yield Finding("out_of_order", event.id, what, "move one of the two steps")


def _evidence(catalogue: Catalogue) -> Iterator[Finding]:
    needed = {paper for item in _confirmed(catalogue) for paper in item.evidence}
    for paper in catalogue.evidence_types.values():
        if paper.id not in needed and not paper.issued_by:
            yield Finding("unused_evidence", paper.id, "nothing asks for it or yields it", "remove it")
        if paper.kind == "licence" and paper.id in needed and not paper.issued_by and not paper.fetchable:
            what = "a licence that is asked for, that no service yields and that cannot be fetched"
            yield Finding("nobody_issues", paper.id, what, "add the service that issues it")


def _register(catalogue: Catalogue, on: dt.date) -> Iterator[Finding]:
    read = attributes_read(catalogue)
    for name in catalogue.attributes.keys() - read:
        yield Finding("unread_attribute", name, "no rule, deadline or derivation reads it", "remove it")
    for parameter in catalogue.parameters.values():
        if not any(dt.date.fromisoformat(value.valid_from) <= on for value in parameter.values):
            what = "no text sets its value on this day, so what rests on it is undetermined"
            yield Finding("parameter_unknown", parameter.name, what, "add the value with its source")


def attributes_read(catalogue: Catalogue) -> set[str]:
    """Everything that a rule, deadline, trigger, amount or derivation reads."""
    read: set[str] = set()
    for item in (*catalogue.items.values(), *catalogue.events.values()):
        for criterion in item.criteria:
            read.update(attributes_of(criterion.predicate))
        anchor = None if item.duty is None else anchor_of(item.duty.rule)
        read.update([] if anchor is None else [anchor])
    read.update(event.trigger for event in catalogue.events.values())
    read.update(
        policy.amount.per
        for policy in catalogue.support_policies.values()
        if policy.amount is not None and policy.amount.per is not None
    )
    for attribute in catalogue.attributes.values():
        if attribute.derived is not None:
            read.update(reads(parse_derivation(attribute.derived)))
        if attribute.implied_by is not None:
            read.add(attribute.implied_by.attribute)
    return read
