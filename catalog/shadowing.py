"""Items nobody needs: whoever they are for may have the very same by another, as easily.

Two items bring the same when the catalogue says so: services of one procedure, under one article, by the
same papers they yield, a licence among them (a decision on a benefit is one of many that look alike);
policies by the same words or the same stated sum. The other is as easy when
nobody meets this one's conditions without meeting its own, it asks for no other paper, and it is in force
whenever this one is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from itertools import permutations

from catalog.catalogue import Catalogue, Item
from catalog.criterion import Criterion
from catalog.predicate import And, Not, Predicate
from catalog.public_service import PublicService
from catalog.satisfiability import unsatisfiable
from catalog.support_policy import SupportPolicy
from catalog.vocabulary import Nature, Status


def shadowed(catalogue: Catalogue) -> Iterator[tuple[Item, Item]]:
    """Each confirmed item that another one makes idle, with that other; of two alike, the later by id."""
    for alike in _same_benefit(catalogue):
        for item, other in permutations(sorted(alike, key=lambda each: each.id), 2):
            twins = _as_easy(other, item, catalogue) and _as_easy(item, other, catalogue)
            if _as_easy(other, item, catalogue) and (not twins or item.id > other.id):
                yield item, other


def _same_benefit(catalogue: Catalogue) -> Iterator[list[Item]]:
    groups: dict[Hashable, list[Item]] = defaultdict(list)
    for item in catalogue.items.values():
        if item.status is Status.CONFIRMED:
            for benefit in _benefits(item, catalogue):
                groups[item.subject, item.scope, benefit].append(item)
    return (alike for alike in groups.values() if len(alike) > 1)


def _benefits(item: Item, catalogue: Catalogue) -> Iterator[Hashable]:
    """What marks an item's benefit as the same as another's."""
    if isinstance(item, PublicService):
        kinds = {catalogue.evidence_types[paper].kind for paper in item.outputs}
        if item.nature is Nature.BENEFIT and "licence" in kinds:
            for article in item.legal_basis.split(";"):
                yield item.procedure, article.strip(), frozenset(item.outputs)
    elif isinstance(item, SupportPolicy):
        yield item.category, item.benefit_type, item.benefit.zh
        if item.amount is not None:
            amount = item.amount
            yield item.category, item.benefit_type, amount.yuan, amount.per, amount.cap, amount.every


def _as_easy(item: Item, other: Item, catalogue: Catalogue) -> bool:
    """Whether whoever may have the other may have this item, on every day and with no more papers."""
    missed = And((_all(other.criteria), Not(_all(item.criteria))))
    return (
        {*item.evidence} <= {*other.evidence}
        and (item.valid_from or "") <= (other.valid_from or "")
        and (item.valid_to or "9999") >= (other.valid_to or "9999")
        and unsatisfiable(missed, catalogue.attributes)
    )


def _all(criteria: Iterable[Criterion]) -> Predicate:
    return And(tuple(criterion.predicate for criterion in criteria))
