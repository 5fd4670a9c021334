"""What is asked for again and again: papers, form fields, and the offices that ask and that hold them.

How much would be saved if each paper and each field were shared or kept, counted in submissions: one for
each item that asks, or as many as the item has cases in a year where those are known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

import msgspec

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue, Item
from catalog.deadline import anchor_of
from catalog.derivation import parse_derivation, reads
from catalog.evidence import EvidenceType
from catalog.offices import offices_in, offices_of
from catalog.predicate import attributes_of
from catalog.support_policy import SupportPolicy
from catalog.vocabulary import Names, Nature, Origin, Status

Weighting = Literal["items", "cases"]
Way = Literal["fetched", "share", "keep"]
"""Government fetches it already; its holder could share it with others; brought once, it could be kept."""
WAYS: Final[tuple[Way, ...]] = ("fetched", "share", "keep")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One paper or field: who holds it, who asks for it, and what not asking again would save."""

    id: str
    names: Names
    way: Way
    holders: tuple[str, ...]
    """The offices that issue or hold it; none where only the subject does."""
    items: tuple[str, ...]
    submissions: float
    saved: float
    askers: dict[str, float]
    """By office, its submissions; an item of several offices counts for each."""


class Office(msgspec.Struct, frozen=True, kw_only=True):
    """One office: what it answers for, what it issues and holds, and what it asks for that others have."""

    name: str
    services: tuple[str, ...]
    policies: tuple[str, ...]
    obligations: int
    with_others: int
    """Of its items, those it answers for together with, or in place of, other offices."""
    papers_issued: tuple[str, ...]
    fields_held: tuple[str, ...]
    asks_others: float
    """Submissions it asks for of papers and fields that other offices issue or hold."""


class Reuse(msgspec.Struct, frozen=True, kw_only=True):
    """Papers (材料图谱) and fields (数据图谱), most saved first, and offices (权责图谱), most items first."""

    weighting: Weighting
    papers: tuple[Asked, ...]
    fields: tuple[Asked, ...]
    offices: tuple[Office, ...]
    uncounted: tuple[str, ...]
    """Confirmed items whose cases are not known; they are left out, which is not that they have none."""


def reuse(catalogue: Catalogue, cases: Mapping[str, float] | None = None) -> Reuse:
    """What sharing would save; `cases` are yearly cases by item, None to count each item once."""
    items = [item for item in catalogue.items.values() if item.status is Status.CONFIRMED]
    weights = dict.fromkeys((item.id for item in items), 1.0) if cases is None else dict(cases)
    counted = [item for item in items if item.id in weights]
    papers = _ranked(_papers(catalogue, counted, weights))
    fields = _ranked(_fields(catalogue, counted, weights))
    return Reuse(
        weighting="items" if cases is None else "cases",
        papers=papers,
        fields=fields,
        offices=_offices(catalogue, items, (*papers, *fields)),
        uncounted=tuple(sorted(item.id for item in items if item.id not in weights)),
    )


def _ranked(found: Iterable[Asked]) -> tuple[Asked, ...]:
    return tuple(sorted(found, key=lambda each: (-each.saved, -each.submissions, each.id)))


def _papers(catalogue: Catalogue, items: list[Item], weights: Mapping[str, float]) -> Iterator[Asked]:
    """Every paper asked for but blank forms, whose fields are counted as fields."""
    asking: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        for name in item.evidence:
            asking[name].append(item)
    for name, askers in asking.items():
        paper = catalogue.evidence_types[name]
        if paper.kind != "form":
            holders = _issuers(catalogue, paper)
            way: Way = "fetched" if paper.fetchable else "share" if holders else "keep"
            yield _asked(paper.id, paper.names, way, holders, askers, weights)


def _issuers(catalogue: Catalogue, paper: EvidenceType) -> tuple[str, ...]:
    services = (catalogue.public_services[service] for service in paper.issued_by)
    yielding = (office for service in services for office in offices_of(service))
    return tuple(dict.fromkeys((*offices_in(paper.issuing_authority), *yielding)))


def _fields(catalogue: Catalogue, items: list[Item], weights: Mapping[str, float]) -> Iterator[Asked]:
    asking: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        for name in sorted(_told(catalogue, item)):
            asking[name].append(item)
    for name, askers in asking.items():
        attribute = catalogue.attributes[name]
        holders = offices_in(attribute.authority) if attribute.origin is Origin.AUTHORITY else ()
        way: Way = "share" if holders else "keep"
        yield _asked(name, attribute.names, way, holders, askers, weights)


def _told(catalogue: Catalogue, item: Item) -> set[str]:
    """The stored attributes somebody must tell for an item to be judged, dated and paid."""
    names = {name for criterion in item.criteria for name in attributes_of(criterion.predicate)}
    anchor = None if item.duty is None else anchor_of(item.duty.rule)
    per = item.amount.per if isinstance(item, SupportPolicy) and item.amount else None
    names |= {name for name in (anchor, per) if name is not None}
    known = (catalogue.attributes[name] for name in names if name in catalogue.attributes)
    return {stored for attribute in known for stored in _stored(attribute, catalogue)}


def _stored(attribute: Attribute, catalogue: Catalogue) -> Iterator[str]:
    if attribute.derived is None:
        yield attribute.name
        return
    for source in reads(parse_derivation(attribute.derived)):
        yield from _stored(catalogue.attributes[source], catalogue)


def _asked(
    name: str,
    names: Names,
    way: Way,
    holders: tuple[str, ...],
    askers: list[Item],
    weights: Mapping[str, float],
) -> Asked:
    each = [weights[item.id] for item in askers]
    by_office: dict[str, float] = defaultdict(float)
    for item in askers:
        for office in offices_of(item):
            by_office[office] += weights[item.id]
    own = sum(weights[item.id] for item in askers if not {*holders}.isdisjoint(offices_of(item)))
    # Kept, it must still be brought once: at least by everybody the item with the most submissions has.
    spared = {"fetched": 0.0, "share": own, "keep": max(each)}[way]
    return Asked(
        id=name,
        names=names,
        way=way,
        holders=holders,
        items=tuple(sorted(item.id for item in askers)),
        submissions=sum(each),
        saved=sum(each) - spared,
        askers=dict(sorted(by_office.items(), key=lambda pair: (-pair[1], pair[0]))),
    )


def _offices(catalogue: Catalogue, items: list[Item], asked: Iterable[Asked]) -> tuple[Office, ...]:
    of: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        for office in offices_of(item):
            of[office].append(item)
    issues: dict[str, set[str]] = defaultdict(set)
    holds: dict[str, set[str]] = defaultdict(set)
    for paper in catalogue.evidence_types.values():
        for office in _issuers(catalogue, paper):
            issues[office].add(paper.id)
    for attribute in catalogue.attributes.values():
        for office in offices_in(attribute.authority) if attribute.origin is Origin.AUTHORITY else ():
            holds[office].add(attribute.name)
    others = _asked_of_others(asked)
    made = [
        _office(name, of.get(name, []), sorted(issues[name]), sorted(holds[name]), others.get(name, 0.0))
        for name in {*of, *issues, *holds}
    ]
    return tuple(sorted(made, key=lambda each: (-len(each.services) - len(each.policies), each.name)))


def _asked_of_others(asked: Iterable[Asked]) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    for each in asked:
        for office, submissions in each.askers.items():
            if each.holders and office not in each.holders:
                found[office] += submissions
    return found


def _office(name: str, items: list[Item], issued: list[str], held: list[str], asks: float) -> Office:
    policies = tuple(sorted(item.id for item in items if isinstance(item, SupportPolicy)))
    services = tuple(sorted(item.id for item in items if not isinstance(item, SupportPolicy)))
    return Office(
        name=name,
        services=services,
        policies=policies,
        obligations=sum(getattr(item, "nature", None) is Nature.OBLIGATION for item in items),
        with_others=sum(len(offices_of(item)) > 1 for item in items),
        papers_issued=tuple(issued),
        fields_held=tuple(held),
        asks_others=asks,
    )
