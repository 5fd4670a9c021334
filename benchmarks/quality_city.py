"""`quality-city`: how near the served ranking comes to the best there can be, in synthetic cities.

Models learn from months 1 to 24 what consent lets them; of every subject's eligible pairs of scope item
and item, those used in months 25 to 27 should rank first. The visible oracle knows the world's own
parameters and all that a model may see; it assumes consent to ranking, which is therefore taken as given
by whoever is scored. `visible_oracle_share` ranks what the rules admit; `_of_all` counts also what the true
facts allow and the product's rules, going by registers that are late, do not show: there it comes last.
Cold are the tenth with the fewest cases, looks, searches and starts. `page` figures are of whole pages,
duties first, against the oracle put inside the same fence. Reminders are simulated, three a subject.
A reminder lifts a share of those who would not have come by themselves, the same for every item, so what
is likeliest gains least: an order by likelihood completes more than rule order and lifts somewhat less.
Worlds 1 to 3 were fixed before the models were tuned; the fourth is drawn at random. All is synthetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from benchmarks.city_judged import CityJudged, judge_city
from benchmarks.city_measure import OMNISCIENT, OURS, RULES, VISIBLE, Floats, Gathered, Reminded
from benchmarks.city_world import committed, fresh
from benchmarks.result import Result
from catalog.vocabulary import SubjectKind

SEEDS: Final = (11, 12, 13)
FRESH_SEED: Final = 20_261
UNIT: Final = "nDCG@10, synthetic"
SHARE: Final = "share, synthetic"


def run(quick: bool) -> list[Result]:
    """Three worlds and a fresh one; quick takes a small town with the first world's knobs."""
    if quick:
        town = msgspec.structs.replace(committed(1), citizens=700, enterprises=140)
        return _results([judge_city(town, SEEDS[0], 0, quick=True)])
    plan = [(committed(number), SEEDS[number - 1], number - 1) for number in (1, 2, 3)]
    plan.append((fresh(FRESH_SEED), FRESH_SEED, 3))
    return _results([judge_city(world, seed, at, quick=False) for world, seed, at in plan])


def _results(cities: Sequence[CityJudged]) -> list[Result]:
    """The figures over all cities, each subject counting once; then city by city."""
    admitted, everything = _joined([c.admitted for c in cities]), _joined([c.all for c in cities])
    found = [
        _share("visible_oracle_share", admitted, VISIBLE),
        _share("cold_visible_oracle_share", admitted, VISIBLE, cold=True),
        _share("omniscient_share", admitted, OMNISCIENT),
        _share("visible_oracle_share_of_all", everything, VISIBLE),
        _share("page_visible_oracle_share", _joined([c.page for c in cities]), VISIBLE),
        *_reminders(cities),
        Result("ineligible_shown", float(sum(c.ineligible for c in cities)), "entries"),
        Result("subjects", float(len(admitted.traces)), "subjects"),
        Result("cold_subjects", float(admitted.cold.sum()), "subjects"),
        Result("cold_traces", float(admitted.most_traces_of_cold), "traces at most"),
        *_beside(admitted),
    ]
    for kind in SubjectKind:
        found.append(_share(f"visible_oracle_share: {kind}s", _of_kind(admitted, kind), VISIBLE))
    found += [_share(f"visible_oracle_share: {c.name}", c.admitted, VISIBLE) for c in cities]
    return found


def _share(name: str, gathered: Gathered, peer: str, cold: bool = False) -> Result:
    """Ours over an oracle."""
    ours, best = gathered.mean(OURS, cold), gathered.mean(peer, cold)
    return Result(name, ours / best, SHARE, peer, best, ours / best)


def _beside(gathered: Gathered) -> list[Result]:
    """Every baseline, and the paired difference to it with its standard error."""
    found = []
    for name in (n for n in gathered.values if n not in (OURS, VISIBLE, OMNISCIENT)):
        gaps = gathered.of(OURS) - gathered.of(name)
        ours, theirs = gathered.mean(OURS), gathered.mean(name)
        found += [
            Result(f"ndcg10 beside {name}", ours, UNIT, name, theirs, ours / theirs),
            Result(f"difference to {name}", float(gaps.mean()), UNIT, name),
            Result(f"difference to {name}, standard error", _error(gaps), UNIT, name),
        ]
    gaps = gathered.of(OURS) - gathered.of(VISIBLE)
    found.append(Result("difference to the visible oracle", float(gaps.mean()), UNIT, VISIBLE))
    found.append(Result("difference to the visible oracle, standard error", _error(gaps), UNIT, VISIBLE))
    return found


def _reminders(cities: Sequence[CityJudged]) -> list[Result]:
    """Completion of what was reminded of, its uplift, and the same by the rules' order."""
    served = [own for c in cities for own, _ in c.reminded]
    rules = [other for c in cities for _, other in c.reminded]
    completed = _weighed(served, [one.completed for one in served])
    without, by_rules = (
        _weighed(served, [one.without for one in served]),
        _weighed(rules, [one.completed for one in rules]),
    )
    uplift, uplift_by_rules = (_weighed(each, [one.uplift for one in each]) for each in (served, rules))
    return [
        Result("reminder_completion", completed, SHARE, "no reminder", without, completed / without),
        Result("reminder_uplift", uplift, SHARE, RULES, uplift_by_rules),
        Result(
            "reminder_completion beside rule order", completed, SHARE, RULES, by_rules, completed / by_rules
        ),
    ]


def _weighed(reminded: Sequence[Reminded], values: Sequence[float]) -> float:
    """The mean over all that was reminded of."""
    return float(np.average(values, weights=[one.pairs for one in reminded]))


def _error(gaps: Floats) -> float:
    return float(gaps.std(ddof=1) / np.sqrt(len(gaps)))


def _joined(parts: Sequence[Gathered]) -> Gathered:
    values = {name: [v for part in parts for v in part.values[name]] for name in parts[0].values}
    traces = [traces for part in parts for traces in part.traces]
    return Gathered(values, traces, [kind for part in parts for kind in part.kinds])


def _of_kind(gathered: Gathered, kind: SubjectKind) -> Gathered:
    kept = [at for at, own in enumerate(gathered.kinds) if own == kind]
    values = {name: [each[at] for at in kept] for name, each in gathered.values.items()}
    return Gathered(values, [gathered.traces[at] for at in kept], [gathered.kinds[at] for at in kept])
