"""Two subjects who differ only in what is masked: the same open part, other secrets."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from benchmarks.interference.people import AT, Person
from catalog.catalogue import Catalogue
from features.registers import stored_attributes
from features.schema import (
    Case,
    Consultation,
    Evidence,
    Interaction,
    Profile,
    Rating,
    Relation,
    ScopeItem,
    UseName,
)
from privacy.consent import Consent, granted_targets
from privacy.gate import Opening, opening
from privacy.policy_file import default_policy
from privacy.purposes import purpose_of
from records.wishes import MEANING


@dataclass(frozen=True)
class Sight:
    """What several purposes together may know of one subject."""

    gates: tuple[Opening, ...]
    catalogue: Catalogue

    @classmethod
    def of(
        cls,
        profile: Profile,
        consents: Iterable[Consent],
        purposes: Collection[UseName],
        catalogue: Catalogue,
    ) -> Sight:
        """The sight of these purposes under the policy in force."""
        given, policy = tuple(consents), default_policy()
        granted = {use: granted_targets(given, purpose_of(use), AT) for use in sorted(purposes)}
        gates = (opening(catalogue, policy, profile.kind, use, targets) for use, targets in granted.items())
        return cls(tuple(gates), catalogue)

    def attribute(self, name: str) -> bool:
        """Whether an attribute, or a presence, is open."""
        return any(name in gate.attributes for gate in self.gates)

    def scope_item(self, item: ScopeItem) -> bool:
        """Whether it may be known that there is one."""
        return any(item.scope in gate.scopes for gate in self.gates)

    def paper(self, paper: Evidence) -> bool:
        """Whether a paper is open."""
        return any(paper.type in gate.evidence for gate in self.gates)

    def case(self, case: Case) -> bool:
        """Whether a case is open."""
        return any(case.item in gate.cases for gate in self.gates)

    def case_of(self, item: str) -> bool:
        """Whether dealing with an item is open."""
        return any(item in gate.cases for gate in self.gates)

    def interaction(self, done: Interaction, open_items: Collection[str]) -> bool:
        """Whether an interaction is open."""
        return any(
            gate.interactions and (done.item is None or done.item in gate.interactions_with)
            for gate in self.gates
        ) and (done.scope_item is None or done.scope_item in open_items)

    def consultation(self, asked: Consultation) -> bool:
        """Whether a question is open."""
        return any(gate.consultations and asked.topic not in gate.closed_topics for gate in self.gates)

    def rating(self, said: Rating) -> bool:
        """Whether a rating is open."""
        return any(gate.ratings and said.item in gate.ratings_of for gate in self.gates)

    def relation(self, relation: Relation) -> bool:
        """Whether a relation is open."""
        return any(
            relation.kind in gate.relations
            or (gate.other_relations and relation.kind not in gate.closed_relations)
            for gate in self.gates
        )


def with_other_secrets(
    one: Person, other: Person, purposes: Collection[UseName], catalogue: Catalogue
) -> Person:
    """`one`, with what all these purposes may not know of it replaced by what they may not of `other`."""
    sight = Sight.of(one.now, one.consents, purposes, catalogue)
    now = _blended(one.now, other.now, sight)
    before = _blended(one.before, other.before, sight)
    invited, enrolled = one.invited, one.enrolled
    if set(purposes) == {"aggregate"}:
        # A page tells a subject of their own appointments; statistics alone are kept from them.
        places = {item.id for item in now.scope_items}
        mine = {item.id for item in now.scope_items if sight.scope_item(item)}
        kept = [i for i in one.invited if i.scope_item in mine and sight.case_of(i.item)]
        others = [i for i in other.invited if not (i.scope_item in mine and sight.case_of(i.item))]
        taken = {i.id for i in kept}
        others = [i for i in others if i.scope_item in places and i.id not in taken]
        invited = (*kept, *others)
        mine_of = [e for e in one.enrolled if sight.case_of(e.item)]
        enrolled = (*mine_of, *(e for e in other.enrolled if not sight.case_of(e.item)))
    else:
        places = {item.id for item in now.scope_items}
        invited = tuple(i for i in one.invited if i.scope_item in places)
    return Person(now, before, one.consents, invited, enrolled)


def _blended(one: Profile, other: Profile, sight: Sight) -> Profile:
    shown = [item for item in one.scope_items if sight.scope_item(item)]
    hidden = [item for item in other.scope_items if not sight.scope_item(item)]
    theirs = list(other.scope_items)
    items = [_item(item, _taken(theirs, item), one, sight) for item in shown]
    ids = {item.id for item in items}
    asked = {done.item for done in one.interactions if done.kind == "dismiss"}
    return replace(
        one,
        scope_items=(*items, *hidden),
        interactions=(
            *(
                d
                for d in one.interactions
                if sight.interaction(d, ids) or (_is_wish(d, asked) and d.scope_item in {None, *ids})
            ),
            *(
                d
                for d in other.interactions
                if not sight.interaction(d, ids) and _theirs(d, ids, hidden) and not _is_wish(d, asked)
            ),
        ),
        consultations=(
            *(asked for asked in one.consultations if sight.consultation(asked)),
            *(asked for asked in other.consultations if not sight.consultation(asked)),
        ),
        ratings=(
            *(said for said in one.ratings if sight.rating(said)),
            *(said for said in other.ratings if not sight.rating(said)),
        ),
        relations=(
            *(r for r in one.relations if sight.relation(r)),
            *(r for r in other.relations if not sight.relation(r)),
        ),
    )


def _is_wish(done: Interaction, asked: Collection[str | None]) -> bool:
    """Whether it says what the subject wants of their own page: an instruction, followed without consent."""
    return done.kind == "dismiss" or (done.item in asked and done.kind in MEANING)


def _taken(theirs: list[ScopeItem], mine: ScopeItem) -> ScopeItem | None:
    """The next of their scope items of the same scope, each once."""
    for at, item in enumerate(theirs):
        if item.scope is mine.scope:
            return theirs.pop(at)
    return None


def _theirs(done: Interaction, ids: Collection[str], hidden: Iterable[ScopeItem]) -> bool:
    """Whether the scope item an interaction names is there at all."""
    return done.scope_item is None or done.scope_item in ids or any(i.id == done.scope_item for i in hidden)


def _item(mine: ScopeItem, theirs: ScopeItem | None, profile: Profile, sight: Sight) -> ScopeItem:
    secret = theirs or ScopeItem(mine.id, mine.scope, mine.owner)
    attributes = {
        **{name: value for name, value in mine.attributes.items() if sight.attribute(name)},
        **{name: value for name, value in secret.attributes.items() if not sight.attribute(name)},
    }
    closed = {r for r in mine.as_of if not _speaks_openly(r, mine, profile, sight)}
    return replace(
        mine,
        attributes=attributes,
        as_of={r: secret.as_of.get(r, t) if r in closed else t for r, t in mine.as_of.items()},
        evidence=(
            *(paper for paper in mine.evidence if sight.paper(paper)),
            *(replace(p, scope_item=mine.id) for p in secret.evidence if not sight.paper(p)),
        ),
        cases=(
            *(case for case in mine.cases if sight.case(case)),
            *(replace(case, scope_item=mine.id) for case in secret.cases if not sight.case(case)),
        ),
    )


def _speaks_openly(register: str, item: ScopeItem, profile: Profile, sight: Sight) -> bool:
    """Whether anything the register states of such scope items is open: then its dates are known."""
    stated = stored_attributes(sight.catalogue, profile.kind, item.scope, register)
    return any(sight.attribute(attribute.name) for attribute in stated)
