"""The same three-valued rules in the languages of CEL and zen-engine.

Neither knows an unknown truth, so a rule becomes two conditions: that it is true, and that it is not
false; the verdict is how many of the two hold. Every attribute x comes with `k_x`, whether its value is
known, and, where it need not exist, `u_x` and `p_x`: whether it may exist unknown to us, and whether it
is known to exist. Derived attributes and figures are worked out beforehand, to the peers' advantage.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cel
import zen

from catalog.predicate import And, AttributeRef, Compare, Constant, Not, OneOf, Or, Predicate, presence
from features.schema import ABSENT, Value
from models.eligibility.circuit import Atom
from models.eligibility.rules import RuleSet

Context = dict[str, Any]
Evaluate = Callable[[Context], Sequence[bool]]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a peer writes AND, OR, NOT, equality with a word, and numbers."""

    conjunction: str
    disjunction: str
    negation: str
    quote: str

    def true(self, predicate: Predicate, rules: RuleSet) -> str:
        """The condition that a predicate is known to hold."""
        return self._write(predicate, rules, possible=False)

    def possible(self, predicate: Predicate, rules: RuleSet) -> str:
        """The condition that a predicate is not known to fail."""
        return self._write(predicate, rules, possible=True)

    def _write(self, predicate: Predicate, rules: RuleSet, possible: bool) -> str:
        match predicate:
            case Constant(value):
                return "true" if value else "false"
            case Not(term):
                return f"{self.negation}({self._write(term, rules, not possible)})"
            case And(terms):
                return self._join(self.conjunction, "true", terms, rules, possible)
            case Or(terms):
                return self._join(self.disjunction, "false", terms, rules, possible)
            case _:
                return self._atom(predicate, rules, possible)

    def _join(
        self, word: str, neutral: str, terms: Sequence[Predicate], rules: RuleSet, possible: bool
    ) -> str:
        written = [f"({self._write(term, rules, possible)})" for term in terms]
        return f" {word} ".join(written) or neutral

    def _atom(self, atom: Atom, rules: RuleSet, possible: bool) -> str:
        name = atom.attribute
        names: tuple[str, ...] = (name,)
        match atom:
            case Compare(_, op, AttributeRef(other)):
                holds, names = f"{name} {_symbol(op)} {other}", (name, other)
            case Compare(_, op, value):
                holds = f"{name} {_symbol(op)} {self._literal(value, name, rules)}"
            case OneOf(_, options):
                each = (f"{name} == {self._literal(option, name, rules)}" for option in options)
                holds = f"({f' {self.disjunction} '.join(each)})"
            case _:
                known = f"p_{name}"
                return f"({known} {self.disjunction} u_{name})" if possible else known
        known = f" {self.conjunction} ".join(f"k_{each}" for each in names)
        if not possible:
            return f"{known} {self.conjunction} {holds}"
        open_to_it = f"({self.negation}({known}) {self.disjunction} {holds})"
        need_not_exist = [each for each in names if each in rules.completion.absentable]
        maybe = [f"(k_{each} {self.disjunction} u_{each})" for each in need_not_exist]
        return f" {self.conjunction} ".join([*maybe, open_to_it])

    def _literal(self, value: object, name: str, rules: RuleSet) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str) and rules.codec.types[name] == "enum":
            return f"{self.quote}{value}{self.quote}"
        return f"{rules.codec.number(name, value)}"


def _symbol(op: str) -> str:
    return "==" if op == "=" else op


CEL = Dialect("&&", "||", "!", "'")
ZEN = Dialect("and", "or", "not ", '"')


def context(rules: RuleSet, facts: Mapping[str, Value]) -> Context:
    """The completed facts of one scope item as a peer reads them; values nobody told are stand-ins."""
    found: Context = {}
    for name in rules.codec.names:
        value = facts.get(name)
        told = value is not None and value is not ABSENT
        found[name] = _plain(value) if told else _stand_in(rules.codec.types[name])
        found[f"k_{name}"] = told
        if name in rules.completion.absentable:
            found[f"u_{name}"] = value is None
        if name in rules.codec.asked:
            found[f"u_{name}"] = value is None
            found[f"p_{name}"] = told or (value is None and facts.get(presence(name)) is True)
    return found


def _plain(value: Value | None) -> object:
    if isinstance(value, dt.date):
        return float(value.toordinal())
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _stand_in(kind: str) -> object:
    return {"boolean": False, "enum": ""}.get(kind, 0.0)


def conditions(dialect: Dialect, rules: RuleSet) -> list[str]:
    """Two conditions a rule: that it is true, that it is not false."""
    found = []
    for predicates in rules.predicates:
        whole = And(predicates)
        found += [dialect.true(whole, rules), dialect.possible(whole, rules)]
    return found


def cel_programs(rules: RuleSet) -> Evaluate:
    """CEL: a compiled program for every condition, one context for all of them."""
    programs = [cel.compile(condition) for condition in conditions(CEL, rules)]

    def evaluate(facts: Context) -> Sequence[bool]:
        known = cel.Context(facts)
        return [program.execute(known) for program in programs]

    return evaluate


def zen_decision(rules: RuleSet) -> Evaluate:
    """zen-engine: a decision whose expression node yields every condition."""
    written = conditions(ZEN, rules)
    expressions = [{"id": f"e{i}", "key": f"r{i}", "value": text} for i, text in enumerate(written)]
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in", "content": {}},
        {"id": "all", "type": "expressionNode", "name": "all", "content": {"expressions": expressions}},
        {"id": "out", "type": "outputNode", "name": "out", "content": {}},
    ]
    edges = [
        {"id": "1", "type": "edge", "sourceId": "in", "targetId": "all"},
        {"id": "2", "type": "edge", "sourceId": "all", "targetId": "out"},
    ]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))

    def evaluate(facts: Context) -> Sequence[bool]:
        result = decision.evaluate(facts)["result"]
        return [result[f"r{i}"] for i in range(len(written))]

    return evaluate


def zen_list(rules: RuleSet) -> Evaluate:
    """zen-engine: one compiled expression, the list of all conditions; no documented use, but its fastest."""
    expression = zen.compile_expression(f"[{', '.join(conditions(ZEN, rules))}]")

    def evaluate(facts: Context) -> Sequence[bool]:
        result: Sequence[bool] = expression.evaluate(facts)
        return result

    return evaluate


PEERS: dict[str, Callable[[RuleSet], Evaluate]] = {
    "CEL": cel_programs,
    "zen-engine": zen_decision,
    "zen-engine, one list": zen_list,
}
