"""The catalogue's rules, compiled once a kind of scope item and day, and one subject judged by them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.catalogue import Catalogue
from catalog.vocabulary import SCOPES_OF, Names, Scope, SubjectKind
from features.schema import MaskedProfile, Value
from models.eligibility.atoms import words_of
from models.eligibility.explanation import attributes_behind, open_atoms
from models.eligibility.joint import JointRules, join_rules
from models.eligibility.near_miss import first_day, verdict_on
from models.eligibility.plausibility import Impossibility, known_impossibilities
from models.eligibility.register import register_of
from models.eligibility.rules import Rule, RuleSet, compile_rules
from models.eligibility.subject import Judged, hopeful
from models.recommendation import Verdict

VERDICTS = (Verdict.FALSE, Verdict.UNKNOWN, Verdict.TRUE)
DAYS_KEPT = 8
"""Of how many days the compiled rules are kept."""
JOINTS_KEPT = 128
"""Of how many sorts of household, or of firm, the rules are kept joined."""


@dataclass(slots=True)
class RuleBook:
    """Compiled rule sets of one catalogue, made when first asked for."""

    catalogue: Catalogue
    impossibilities: tuple[Impossibility, ...] = field(default_factory=known_impossibilities)
    _sets: dict[tuple[dt.date, SubjectKind, Scope], RuleSet] = field(default_factory=dict)
    _joint: dict[tuple[dt.date, SubjectKind, tuple[Scope, ...]], JointRules] = field(default_factory=dict)
    _words: dict[SubjectKind, tuple[str, ...]] = field(default_factory=dict)

    def rules(self, kind: SubjectKind, scope: Scope, on: dt.date) -> RuleSet:
        """The rules of every confirmed item and event that ranges over such scope items."""
        key = (on, kind, scope)
        if key not in self._sets:
            self._forget(on)
            register = register_of(self.catalogue, kind, scope)
            never = [i for i in self.impossibilities if i.concerns(kind, scope, register.attributes)]
            self._sets[key] = compile_rules(
                self._rules(kind, scope), register, on, never, self._words_of(kind)
            )
        return self._sets[key]

    def judge(self, profile: MaskedProfile, on: dt.date) -> SubjectJudgement:
        """Judge one subject on one day."""
        items = profile.scope_items
        rules = self.joint_rules(profile.kind, tuple(item.scope for item in items), on)
        judged = rules.judge([item.attributes for item in items])
        sets = {item.id: part.rules for item, part in zip(items, rules.parts, strict=True)}
        return SubjectJudgement(on, sets, {i.id: j for i, j in zip(items, judged, strict=True)})

    def joint_rules(self, kind: SubjectKind, scopes: tuple[Scope, ...], on: dt.date) -> JointRules:
        """The rules of a subject with such scope items, itself first."""
        key = (on, kind, scopes)
        if key not in self._joint:
            sets = [self.rules(kind, scope, on) for scope in scopes]
            while len(self._joint) >= JOINTS_KEPT:
                self._joint.pop(next(iter(self._joint)), None)
            self._joint[key] = join_rules(sets)
        return self._joint[key]

    def _rules(self, kind: SubjectKind, scope: Scope) -> list[Rule]:
        rules = [Rule(item.id, item.criteria) for item in self.catalogue.items_for(kind, scope)]
        return rules + [Rule(event.id, event.criteria) for event in self.catalogue.events_for(kind, scope)]

    def _words_of(self, kind: SubjectKind) -> tuple[str, ...]:
        """Every enum word that the rules or the registers of a kind of subject mention."""
        if kind not in self._words:
            rules = (rule for scope in SCOPES_OF[kind] for rule in self._rules(kind, scope))
            mentioned = words_of(criterion.predicate for rule in rules for criterion in rule.criteria)
            mentioned |= words_of(impossibility.condition for impossibility in self.impossibilities)
            for attribute in self.catalogue.attributes.values():
                mentioned.update(attribute.allowed)
            self._words[kind] = tuple(sorted(mentioned))
        return self._words[kind]

    def _forget(self, on: dt.date) -> None:
        days = dict.fromkeys(day for day, _, _ in self._sets)
        if on not in days and len(days) >= DAYS_KEPT:
            oldest = next(iter(days))
            self._sets = {key: rules for key, rules in self._sets.items() if key[0] != oldest}
            self._joint = {key: rules for key, rules in self._joint.items() if key[0] != oldest}


@dataclass(frozen=True, slots=True)
class SubjectJudgement:
    """What the rules say of one subject on one day."""

    on: dt.date
    sets: Mapping[str, RuleSet]
    judged: Mapping[str, Judged]
    _completed: dict[str, Mapping[str, Value]] = field(default_factory=dict)
    _hopes: dict[str, frozenset[str]] = field(default_factory=dict)

    def verdicts(self, scope_item: str) -> dict[str, Verdict]:
        """The verdict of every item and event that ranges over such a scope item."""
        verdicts = map(VERDICTS.__getitem__, self.judged[scope_item].items.tolist())
        return dict(zip(self.sets[scope_item].places, verdicts, strict=True))

    def value(self, scope_item: str, attribute: str) -> Value | None:
        """What is told of a scope item or its owner, or follows from it; None is unknown."""
        facts, rules = self.judged[scope_item].facts, self.sets[scope_item]
        completion = rules.register.completion
        if attribute in facts or attribute not in completion.by_attribute:
            return facts.get(attribute)
        if scope_item not in self._completed:
            self._completed[scope_item] = completion.complete(self.judged[scope_item].told, self.on)
        return self._completed[scope_item].get(attribute)

    def unknown(self, scope_item: str, item: str) -> tuple[str, ...]:
        """The attributes that would settle an undetermined item."""
        rules, judged = self.sets[scope_item], self.judged[scope_item]
        wire = int(rules.items[rules.places[item]])
        return attributes_behind(rules, judged.facts, open_atoms(rules, judged.verdicts, wire))

    def eligible_from(self, scope_item: str, item: str, until: dt.date) -> dt.date | None:
        """The first day up to `until` on which time alone makes a refused item hold."""
        if item not in self._hoped_for(scope_item):
            return None
        return first_day(self.sets[scope_item], self.judged[scope_item].told, item, until)

    def verdict_on(self, scope_item: str, item: str, on: dt.date) -> Verdict:
        """The verdict on another day, were nothing to change but the date."""
        return verdict_on(self.sets[scope_item], self.judged[scope_item].told, item, on)

    def contradictions(self, scope_item: str) -> tuple[Impossibility, ...]:
        """What was told of a scope item and cannot be so; it is judged as unknown."""
        return self.judged[scope_item].contradictions

    def impossible(self) -> tuple[Names, ...]:
        """In words, all that was told of the subject and theirs and cannot be so, each once."""
        met = {each.id: each.names for item in self.judged for each in self.contradictions(item)}
        return tuple(names for _, names in sorted(met.items()))

    def _hoped_for(self, scope_item: str) -> frozenset[str]:
        """The refused items that time might turn."""
        if scope_item not in self._hopes:
            rules, judged = self.sets[scope_item], self.judged[scope_item]
            turning = (judged.items == Verdict.FALSE) & (hopeful(rules, judged) == Verdict.TRUE)
            self._hopes[scope_item] = frozenset(rules.rules[i].item for i in turning.nonzero()[0])
        return self._hopes[scope_item]
