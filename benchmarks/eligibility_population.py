"""`eligibility-population`: 4,000 rules on a million enterprises, beside DuckDB and Polars on the same rules.

Every verdict is materialised, two bits each. DuckDB has the same rules as SQL and the completed table
(implied and derived columns in it, which our own time includes making). On the whole table it counts
true verdicts, its faster way, and the counts are compared. On a smaller one, where ours is timed as well,
it materialises all verdicts, and every verdict is compared. Polars has the same SQL as expressions.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Iterator

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.eligibility_rules import KIND, ON, catalogues, rules_of, table
from benchmarks.eligibility_sql import condition
from benchmarks.result import Result
from catalog.vocabulary import Scope
from features.schema import MaskedTable
from models.eligibility.population import PopulationRules, VerdictTable
from models.eligibility.register import register_of
from models.eligibility.rules import RuleSet, compile_rules
from models.eligibility.table_completion import complete_table

RULES = 4_000
AT_ONCE = 100
"""Rules a query, the fastest for DuckDB of those tried between 25 and 1,000."""
GIB = 1 << 30
REPEAT = 5
UNIT = "scope-item x rule pairs/s"


def run(quick: bool) -> list[Result]:
    """Pairs a second with all verdicts materialised, beside DuckDB, and the peak of memory."""
    sources = catalogues()
    register = register_of(sources[0], KIND, Scope.SELF)
    rules = compile_rules(rules_of(sources, Scope.SELF, RULES), register, ON)
    ready = PopulationRules.of_items(rules)
    many = table(rules, 250_000 if quick else 1_000_000)
    # The memory of an answer is used again from run to run, as a city's is from day to day.
    answer = ready.judge(many, workers=_workers())
    before = time.process_time()
    seconds = _best(lambda: ready.judge(many, workers=_workers(), over=answer), repeat=REPEAT)
    processor = (time.process_time() - before) / REPEAT
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / GIB
    few = MaskedTable(many.kind, many.scope, many.purpose, many.frame.head(20_000 if quick else 50_000))
    return [
        Result("pairs_per_second", _pairs(rules, many) / seconds, UNIT),
        # Of use where other work shares the machine: what one core does while it is ours.
        Result("pairs_per_core_second", _pairs(rules, many) / processor, UNIT),
        Result("peak_memory_gb", peak, "GiB"),
        _beside_polars(ready, many, seconds),
        _beside_counting(ready, many, seconds),
        *_beside_materialising(ready, few),
        Result("rules", float(len(rules.rules)), "rules"),
        Result("atoms", float(len(rules.circuit.atoms)), "distinct"),
        Result("rows", float(many.frame.height), "enterprises"),
    ]


def _workers() -> int:
    return os.cpu_count() or 1


def _pairs(rules: RuleSet, judged: MaskedTable) -> float:
    return float(len(rules.rules) * judged.frame.height)


def _best(work: Callable[[], object], repeat: int) -> float:
    """The shortest time in seconds, as whatever else runs on the machine only adds to it."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def _beside_polars(ready: PopulationRules, judged: MaskedTable, seconds: float) -> Result:
    """The same rules as Polars expressions over the completed table, all materialised: Booleans and nulls."""
    rules = ready.rules
    completed = complete_table(judged.frame, rules.completion, rules.on)
    texts = [condition(predicates, rules) for predicates in rules.predicates]
    expressions = [pl.sql_expr(text).alias(name) for name, text in zip(ready.names, texts, strict=True)]
    lazy = completed.lazy()
    taken = _best(lambda: lazy.select(expressions).collect(), repeat=1)
    ours, pairs = ready.judge(judged, workers=_workers()).counts(), _pairs(rules, judged)
    if lazy.select(pl.sum_horizontal(e.sum() for e in expressions)).collect().item() != ours[:, 2].sum():
        raise RuntimeError("Polars counts other verdicts than we do")
    return Result(
        "pairs_per_second_beside_polars", pairs / seconds, UNIT, "Polars", pairs / taken, taken / seconds
    )


def _beside_counting(ready: PopulationRules, judged: MaskedTable, seconds: float) -> Result:
    """DuckDB counting true verdicts of the whole table, which it does faster than materialise them."""
    peer, pairs = _peer(ready, judged), _pairs(ready.rules, judged)
    taken = _best(peer.count, repeat=1)
    if peer.counts != ready.judge(judged, workers=_workers()).counts()[:, 2].tolist():
        raise RuntimeError("DuckDB counts other verdicts than we do")
    return Result("ratio_duckdb", taken / seconds, "times", "DuckDB", pairs / taken, taken / seconds)


def _beside_materialising(ready: PopulationRules, judged: MaskedTable) -> list[Result]:
    """DuckDB materialising every verdict of a smaller table, and each compared with ours."""
    peer, pairs = _peer(ready, judged), _pairs(ready.rules, judged)
    theirs = pairs / _best(peer.materialise, repeat=1)
    ours = pairs / _best(lambda: ready.judge(judged, workers=_workers()), repeat=10)
    _compare(ready.judge(judged), peer)
    return [
        Result("pairs_per_second_beside_materialised", ours, UNIT, "DuckDB", theirs, ours / theirs),
        Result("compared_verdicts", pairs, "verdicts, all equal"),
    ]


def _peer(ready: PopulationRules, judged: MaskedTable) -> Peer:
    rules = ready.rules
    completed = complete_table(judged.frame, rules.completion, rules.on)
    return Peer(completed, [condition(predicates, rules) for predicates in rules.predicates])


def _compare(ours: VerdictTable, peer: Peer) -> None:
    """Raises RuntimeError where DuckDB gave another verdict."""
    for name, theirs in zip(ours.names, peer.verdicts(), strict=True):
        if not np.array_equal(ours.of(name), theirs):
            raise RuntimeError(f"DuckDB judges {name} otherwise than we do")


class Peer:
    """DuckDB with the completed table in its own memory."""

    def __init__(self, completed: pl.DataFrame, conditions: list[str]) -> None:
        self.conditions = conditions
        self.counts: list[int] = []
        self.connection = duckdb.connect(config={"threads": _workers()})
        self.connection.register("arrow", completed.to_arrow())
        self.connection.execute("CREATE TABLE judged AS SELECT * FROM arrow")

    def count(self) -> None:
        """How many rows hold, by rule."""
        self.counts = []
        for _, conditions in self._parts():
            wanted = ", ".join(f"count(*) FILTER (WHERE {text})" for text in conditions)
            self.counts += self.connection.execute(f"SELECT {wanted} FROM judged").fetchall()[0]  # noqa: S608 - own rules

    def materialise(self) -> None:
        """A table of Boolean columns, null for unknown, for every part of the rules."""
        for first, conditions in self._parts():
            wanted = ", ".join(f"({text}) AS r{first + i}" for i, text in enumerate(conditions))
            made = f"CREATE OR REPLACE TABLE part{first} AS SELECT {wanted} FROM judged"  # noqa: S608 - own rules
            self.connection.execute(made).fetchall()

    def verdicts(self) -> Iterator[NDArray[np.int8]]:
        """The verdicts of each rule that `materialise` left."""
        for first, conditions in self._parts():
            part = self.connection.sql(f"SELECT * FROM part{first}").to_arrow_table()  # noqa: S608 - own rules
            for i in range(len(conditions)):
                holds = pl.Series(part.column(f"r{first + i}"))
                yield (holds.cast(pl.Int8) * 2).fill_null(1).to_numpy()

    def _parts(self) -> Iterator[tuple[int, list[str]]]:
        for first in range(0, len(self.conditions), AT_ONCE):
            yield first, self.conditions[first : first + AT_ONCE]
