"""A large synthetic catalogue for scale tests: real rules, perturbed and recombined.

It is marked synthetic, holds none of the real items, and is never served.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

import msgspec

from catalog.artefact import sealed
from catalog.catalogue import Catalogue, Item
from catalog.criterion import Criterion
from catalog.expression import write_condition
from catalog.linking import issued
from catalog.perturbation import Kindred, perturbed
from catalog.predicate import And, Compare, Constant, Not, OneOf, Or, Predicate, Present, attributes_of
from catalog.public_service import PublicService
from catalog.support_policy import SupportPolicy
from catalog.vocabulary import Names, Scope

SOURCE = "合成数据 (synthetic)"


def synthesize(catalogue: Catalogue, seed: int, services: int = 4_000, policies: int = 23_000) -> Catalogue:
    """A synthetic catalogue of so many services and policies over the real one's attributes.

    The same catalogue, seed and sizes always give the same version. Raises ValueError for a
    catalogue without confirmed services and policies to vary.
    """
    generator = random.Random(seed)  # noqa: S311 - a reproducible sample, no secret
    models = [item for item in catalogue.public_services.values() if item.status == "confirmed"]
    schemes = [item for item in catalogue.support_policies.values() if item.status == "confirmed"]
    if not models or not schemes:
        raise ValueError("there is nothing to vary: the catalogue has no confirmed services or policies")
    mixer = _Mixer(catalogue, [*models, *schemes], generator)
    made_services = {f"ss-{n:05d}": _service(generator.choice(models), n, mixer) for n in range(services)}
    made_policies = {f"sp-{n:05d}": _policy(generator.choice(schemes), n, mixer) for n in range(policies)}
    return sealed(
        msgspec.structs.replace(
            catalogue,
            version="",
            synthetic=True,
            evidence_types=issued(catalogue.evidence_types, made_services),
            public_services=made_services,
            support_policies=made_policies,
            events={},
        )
    )


def atoms(catalogue: Catalogue) -> set[Predicate]:
    """The distinct atoms (comparisons, memberships, presences) of all items' conditions."""
    found: set[Predicate] = set()
    waiting = [criterion.predicate for item in catalogue.items.values() for criterion in item.criteria]
    while waiting:
        match waiting.pop():
            case And(terms) | Or(terms):
                waiting.extend(terms)
            case Not(term):
                waiting.append(term)
            case Compare() | OneOf() | Present() as atom:
                found.add(atom)
            case Constant():
                continue
    return found


class _Mixer:
    """Makes criteria for an item out of its own and those of others it could have had."""

    def __init__(self, catalogue: Catalogue, items: Iterable[Item], generator: random.Random) -> None:
        self._catalogue = catalogue
        self._kindred = Kindred(catalogue.attributes)
        self._generator = generator
        self._borrowable: dict[tuple[str, str], list[Criterion]] = {}
        for item in items:
            for criterion in item.criteria:
                if not isinstance(criterion.predicate, Constant):
                    self._lend(item, criterion)

    def _lend(self, item: Item, criterion: Criterion) -> None:
        """Any scope may borrow what reads only the owner; a scope's own attributes stay in it."""
        read = [name for name in attributes_of(criterion.predicate) if name in self._catalogue.attributes]
        own = all(self._catalogue.attributes[name].scope is Scope.SELF for name in read)
        scopes = {each.scope for each in self._catalogue.items.values()} if own else {item.scope}
        for scope in scopes:
            self._borrowable.setdefault((item.subject, scope), []).append(criterion)

    def criteria(self, item: Item) -> tuple[Criterion, ...]:
        """Perturbed criteria of the item, one perhaps dropped, one or two borrowed."""
        kept: Sequence[Criterion] = item.criteria
        if len(kept) > 1 and self._generator.random() < 0.3:
            kept = self._generator.sample(kept, len(kept) - 1)
        lenders = self._borrowable[item.subject, item.scope]
        borrowed = self._generator.sample(lenders, min(len(lenders), self._generator.choice((0, 1, 1, 2))))
        return tuple(
            self._criterion(criterion, number) for number, criterion in enumerate([*kept, *borrowed], start=1)
        )

    def _criterion(self, criterion: Criterion, number: int) -> Criterion:
        predicate = perturbed(criterion.predicate, self._kindred, self._generator)
        return Criterion(
            id=f"c{number}",
            expression=write_condition(predicate),
            predicate=predicate,
            legal_source=SOURCE,
        )

    def consents(self, criteria: Iterable[Criterion]) -> tuple[str, ...]:
        """The attributes these criteria read that need consent."""
        known = self._catalogue.attributes
        read = {name for criterion in criteria for name in attributes_of(criterion.predicate)}
        return tuple(sorted(name for name in read if name in known and known[name].consent_group is not None))


def _named(names: Names, number: int) -> Names:
    return Names(zh=f"【合成】{names.zh} {number}", en=f"[synthetic] {names.en} {number}")


def _service(model: PublicService, number: int, mixer: _Mixer) -> PublicService:
    criteria = mixer.criteria(model)
    return msgspec.structs.replace(
        model,
        id=f"ss-{number:05d}",
        names=_named(model.names, number),
        criteria=criteria,
        legal_basis=SOURCE,
        source=SOURCE,
        consent_attributes=mixer.consents(criteria),
        note=None,
    )


def _policy(model: SupportPolicy, number: int, mixer: _Mixer) -> SupportPolicy:
    criteria = mixer.criteria(model)
    return msgspec.structs.replace(
        model,
        id=f"sp-{number:05d}",
        names=_named(model.names, number),
        criteria=criteria,
        legal_basis=SOURCE,
        source=SOURCE,
        consent_attributes=mixer.consents(criteria),
        relations=(),
        related_services=(),
        note=None,
    )
