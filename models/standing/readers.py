"""Who reads what: the items whose standing may change with an attribute, a paper or a case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from catalog.catalogue import Catalogue, Item
from catalog.predicate import attributes_of
from catalog.vocabulary import Scope, SubjectKind
from models.standing.due import beginnings
from models.standing.turns import anchor_needed

Index = Mapping[str, frozenset[str]]
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Readers:
    """The items that range over one kind of scope item, by what their standings are read from."""

    items: tuple[str, ...]
    """All of them, in order."""
    by_attribute: Index
    """By attribute, derived ones too: whose criteria read it, and whose dates count from it."""
    by_paper: Index
    """By evidence type: who asks for it, accepts it in place of another, or alone yields it."""
    by_case: Index
    """By the item that a case is of: that item, and whoever asks for what the case has yielded."""

    def of_attributes(self, names: Iterable[str]) -> frozenset[str]:
        """Who reads any of these attributes."""
        return _of(self.by_attribute, names)

    def of_papers(self, types: Iterable[str]) -> frozenset[str]:
        """Whom a paper of any of these types may serve."""
        return _of(self.by_paper, types)

    def of_cases(self, items: Iterable[str]) -> frozenset[str]:
        """Whom a case of any of these items may serve."""
        return _of(self.by_case, items)


def readers_of(catalogue: Catalogue, kind: SubjectKind, scope: Scope) -> Readers:
    """The readers among the items that range over such scope items."""
    items = catalogue.items_for(kind, scope)
    began = beginnings().get(kind, {}).get(scope)
    by_paper = _index((paper, item.id) for item in items for paper in _papers(item, catalogue))
    mine = {item.id for item in items}
    cases = {name: (name,) for name in mine}
    yields = ((name, service.outputs) for name, service in catalogue.public_services.items())
    by_case = {name: _of(by_paper, outputs) for name, outputs in yields}
    return Readers(
        items=tuple(item.id for item in items),
        by_attribute=_index((name, item.id) for item in items for name in _attributes(item, began)),
        by_paper=by_paper,
        by_case={name: by_case.get(name, NOBODY).union(cases.get(name, ())) for name in {*by_case, *cases}},
    )


def _attributes(item: Item, began: str | None) -> Iterator[str]:
    for criterion in item.criteria:
        yield from attributes_of(criterion.predicate)
    if anchor := anchor_needed(item.duty):
        yield anchor
    if item.duty and began:
        yield began


def _papers(item: Item, catalogue: Catalogue) -> Iterator[str]:
    for paper in item.evidence:
        yield paper
        yield from catalogue.evidence_types[paper].substitutes
    yield from catalogue.sole_outputs.get(item.id, NOBODY)


def _index(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for key, item in pairs:
        found.setdefault(key, set()).add(item)
    return {key: frozenset(items) for key, items in found.items()}


def _of(index: Index, keys: Iterable[str]) -> frozenset[str]:
    return NOBODY.union(*(index.get(key, NOBODY) for key in keys))
