"""`eligibility-subject`: one enterprise and its scope items judged by 4,000 rules, beside CEL and zen-engine.

A fifth of all values is unknown, so verdicts have three values; all engines must give the same ones. Ours
starts from what registers told; the peers are handed completed facts.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from benchmarks.eligibility_peers import PEERS, Context, Evaluate, context
from benchmarks.eligibility_rules import ON, SEED, UNTOLD, facts, rule_sets
from benchmarks.result import Result
from catalog.vocabulary import Scope
from features.schema import Value
from models.eligibility.assessment import assess
from models.eligibility.joint import JointRules, join_rules
from models.eligibility.rule_book import SubjectJudgement
from models.eligibility.rules import RuleSet
from models.eligibility.subject import Judged
from models.recommendation import Verdict

RULES = 4_000
SHOWN = 20
OURS = "ours"
REPEAT_OURS = 10
Told = list[dict[str, Value]]
"""What is told of an enterprise and of one scope item of each kind."""


@dataclass(frozen=True, slots=True)
class Race:
    """The times of several engines in ms, taken in turn on the same subjects so that load hits all alike."""

    times: dict[str, list[float]]

    def p50(self, engine: str) -> float:
        """The median time of an engine."""
        return median(self.times[engine])

    def beside(self, name: str, peer: str) -> Result:
        """Our median with a peer's beside it."""
        return Result(name, self.p50(OURS), "ms", peer, self.p50(peer), self.p50(peer) / self.p50(OURS))


def run(quick: bool) -> list[Result]:
    """p50 in ms with the best peer beside it, each peer's own, and the explanation of a page of items."""
    by_scope = rule_sets(RULES)
    sets = [by_scope[scope] for scope in (Scope.SELF, *(s for s in by_scope if s is not Scope.SELF))]
    joint = join_rules(sets)
    draw = random.Random(SEED)  # noqa: S311 - a draw, no secret
    subjects = [_subject(sets, draw) for _ in range(8 if quick else 40)]
    judged = [joint.judge(told) for told in subjects]
    ours = [[each.items.tolist() for each in one] for one in judged]
    race = _race(joint, subjects, _peers(sets, judged, ours), rounds=3 if quick else 10)
    best = min(PEERS, key=race.p50)
    return [
        race.beside("p50_ms", best),
        Result("ratio_best_peer", race.p50(best) / race.p50(OURS), "times", peer=best),
        *(race.beside(f"p50_ms_beside_{_slug(name)}", name) for name in PEERS),
        Result("explained_p50_ms", _explained(joint, judged, rounds=20 if quick else 50), "ms"),
        Result("rules", float(sum(len(rules.rules) for rules in sets)), "scope-item x rule pairs"),
        Result("atoms", float(sum(len(rules.circuit.atoms) for rules in sets)), "distinct a scope"),
    ]


def _slug(name: str) -> str:
    return name.lower().replace(",", "").replace(" ", "_").replace("-", "_")


def _race(
    joint: JointRules, subjects: Sequence[Told], peers: dict[str, Callable[[int], object]], rounds: int
) -> Race:
    engines: dict[str, Callable[[int], object]] = {
        OURS: lambda number: joint.judge(subjects[number]),
        **peers,
    }
    times: dict[str, list[float]] = {name: [] for name in engines}
    for number in [n for _ in range(rounds) for n in range(len(subjects))]:
        for name, engine in engines.items():
            # Warm caches for each alike; ours is too short to be taken once.
            engine(number)
            for _ in range(REPEAT_OURS if name == OURS else 1):
                times[name].append(_milliseconds(engine, number))
    return Race(times)


def _milliseconds(work: Callable[[Any], object], given: object) -> float:
    start = time.perf_counter()
    work(given)
    return (time.perf_counter() - start) * 1e3


def _subject(sets: Sequence[RuleSet], draw: random.Random) -> Told:
    """Each scope item's own attributes."""
    told = []
    for place, rules in enumerate(sets):
        own = Scope.SELF if place == 0 else None
        everything = facts(rules.register, draw, UNTOLD)
        told.append({n: v for n, v in everything.items() if _belongs(rules, n, own)})
    return told


def _belongs(rules: RuleSet, name: str, own: Scope | None) -> bool:
    is_owners = rules.register.attributes[name].scope is Scope.SELF
    return is_owners if own is Scope.SELF else not is_owners


def _peers(
    sets: Sequence[RuleSet], judged: Sequence[Sequence[Judged]], ours: list[list[list[int]]]
) -> dict[str, Callable[[int], object]]:
    """The peers, ready to judge a subject by number. Raises RuntimeError for one that judges otherwise."""
    contexts = [[context(rules, each.facts) for rules, each in zip(sets, one, strict=True)] for one in judged]
    peers: dict[str, Callable[[int], object]] = {}
    for name, make in PEERS.items():
        judge = peers[name] = partial(_judge, [make(rules) for rules in sets], contexts)
        for number, expected in enumerate(ours):
            if [_verdicts(conditions) for conditions in judge(number)] != expected:
                raise RuntimeError(f"{name} judges subject {number} otherwise than we do")
    return peers


def _judge(
    engines: Sequence[Evaluate], contexts: Sequence[Sequence[Context]], number: int
) -> list[Sequence[bool]]:
    return [engine(known) for engine, known in zip(engines, contexts[number], strict=True)]


def _verdicts(conditions: Sequence[bool]) -> list[int]:
    return [
        int(true) + int(possible) for true, possible in zip(conditions[::2], conditions[1::2], strict=True)
    ]


def _explained(joint: JointRules, judged: Sequence[Sequence[Judged]], rounds: int) -> float:
    """The median time of explaining the items of a page: half of them held, half undetermined."""
    names = [str(place) for place in range(len(joint.parts))]
    sets = {name: part.rules for name, part in zip(names, joint.parts, strict=True)}
    judgements = [SubjectJudgement(ON, sets, dict(zip(names, one, strict=True))) for one in judged]
    pages = [(judgement, _shown(judgement)) for judgement in judgements]
    return median(_milliseconds(_explain, page) for _ in range(rounds) for page in pages)


def _explain(page: tuple[SubjectJudgement, list[tuple[str, str]]]) -> None:
    for scope_item, item in page[1]:
        assess(page[0], scope_item, item)


def _shown(judgement: SubjectJudgement) -> list[tuple[str, str]]:
    found: dict[Verdict, list[tuple[str, str]]] = {verdict: [] for verdict in Verdict}
    for scope_item in judgement.sets:
        for item, verdict in judgement.verdicts(scope_item).items():
            found[verdict].append((scope_item, item))
    half = SHOWN // 2
    return [*found[Verdict.TRUE][:half], *found[Verdict.UNKNOWN][:half]]
