"""The city run, partition by partition; one that was broken off goes on where it stopped."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Final

import msgspec
import polars as pl
from sqlalchemy import Engine

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from features.statements import AttributeHistory
from models.affinity.linear import LinearAffinity
from models.eligibility.rule_book import RuleBook
from models.feedback.terms import default_terms
from models.feedback.wishes import wishes_of
from models.standing.standings_table import COLUMNS
from models.standing.working_days import published_calendar
from pipelines.score.ground import PURPOSE, Ground, Rules
from pipelines.score.learned import affinities
from pipelines.score.order import in_page_order
from pipelines.score.rows import standings_of
from pipelines.score.standings_store import Begun, Manifest, Standings, scorings
from privacy.policy_file import default_policy
from records.database import open_records, reading
from records.partitions import partition_of, present_subjects, slice_of
from records.settings import Settings
from records.wishes import said_by_many

SUBJECTS_A_PARTITION: Final = 20_000
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class LearnedOrder:
    """The affinity in force, small enough for a whole city, and its name and version."""

    name: str
    affinity: Mapping[SubjectKind, LinearAffinity]


BY_RULES: Final = LearnedOrder("rules", {})


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """What a city run came to."""

    standings: Standings
    manifest: Manifest
    scored: int
    """Subjects scored by this call; those of partitions that were complete before are not among them."""
    seconds: float

    @property
    def pace(self) -> float:
        """Subjects a second."""
        return self.scored / self.seconds if self.seconds else 0.0


def score(
    settings: Settings,
    catalogue: Catalogue,
    on: dt.date,
    at: dt.datetime,
    partitions: int | None = None,
    *,
    again: bool = False,
    order: LearnedOrder = BY_RULES,
    progress: Progress = lambda what, share: None,
) -> ScoreReport:
    """Where every subject stands on a day, as far as they may be told unasked; read at an instant.

    `order` is what the order of what can be done is learned from. What was begun for the day by the same
    catalogue, policy and order is gone on with, in as many partitions as it
    was begun in; `again` begins anew. Each partition is read in one transaction. ValueError for fewer than
    one partition.
    """
    started = perf_counter()
    engine = open_records(settings)
    try:
        with reading(engine) as connection:
            everyone = present_subjects(connection, on)
        standings, begun = _begun(
            settings, catalogue, on, partitions, everyone.height, order.name, again=again
        )
        standings.sweep()
        rules = Rules(
            catalogue,
            AttributeHistory(settings.attributes_path, catalogue),
            RuleBook(catalogue),
            published_calendar(),
            on,
            order.affinity,
        )
        scored = _score_parts(engine, standings, begun, rules, everyone, at, progress)
    finally:
        engine.dispose()
    return ScoreReport(standings, standings.complete(begun), scored, perf_counter() - started)


def _begun(
    settings: Settings,
    catalogue: Catalogue,
    on: dt.date,
    partitions: int | None,
    subjects: int,
    ordered_by: str,
    *,
    again: bool,
) -> tuple[Standings, Begun]:
    """The scoring to go on with, or one that begins."""
    if partitions is not None and partitions < 1:
        raise ValueError(f"a city has at least one partition, not {partitions}")
    begun = Begun(
        as_of=on.isoformat(),
        partitions=partitions or max(1, math.ceil(subjects / SUBJECTS_A_PARTITION)),
        catalogue_version=catalogue.version,
        policy_version=default_policy().version,
        purpose=PURPOSE,
        ordered_by=ordered_by,
    )
    of_day = [each for each in scorings(settings.standings_path) if each.on == on]
    last = of_day[-1] if of_day else None
    known = last.begun if last is not None else None
    if last is not None and known is not None and not again:
        counted = (
            begun if partitions is not None else msgspec.structs.replace(begun, partitions=known.partitions)
        )
        if known == counted:
            return last, known
    number = int(last.folder.name) + 1 if last is not None else 1
    made = Standings(settings.standings_path / on.isoformat() / str(number))
    made.begin(begun)
    return made, begun


def _score_parts(
    engine: Engine,
    standings: Standings,
    begun: Begun,
    rules: Rules,
    everyone: pl.DataFrame,
    at: dt.datetime,
    progress: Progress,
) -> int:
    parts = everyone.with_columns(partition_of(everyone["id"], begun.partitions))
    scored = 0
    for partition in range(begun.partitions):
        if standings.slip(partition) is None:
            mine = parts.filter(pl.col("partition") == partition)
            standings.write(partition, _score_part(engine, rules, mine), mine.height, at)
            scored += mine.height
        progress(f"partition {partition + 1} of {begun.partitions}", (partition + 1) / begun.partitions)
    return scored


def _score_part(engine: Engine, rules: Rules, subjects: pl.DataFrame) -> pl.DataFrame:
    found = [pl.DataFrame(schema=dict(COLUMNS))]
    with reading(engine) as connection:
        for kind in SubjectKind:
            ids = subjects.filter(pl.col("kind") == kind.value)["id"]
            if len(ids):
                said = said_by_many(connection, ids)
                wishes = {subject: wishes_of(each, default_terms()) for subject, each in said.items()}
                held = slice_of(connection, kind, ids, PURPOSE)
                rows = standings_of(Ground(kind, rules, held, wishes))
                liked = affinities(connection, kind, rules, held, ids)
                found.append(in_page_order(rows, rules.catalogue, rules.on, wishes, liked))
    return pl.concat(found).sort("subject", "rank")
