"""Standings of one kind of scope item: on columns where many are alike, one by one where they are not.

Four in five standings of a city are `needs_information` of items that nothing is on record of. These follow
from the item and the date its window counts from alone, so they are worked out once for all who are alike.
Whatever is eligible, begun, or about to be eligible is worked out one by one, by the code that makes pages.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from catalog.catalogue import Item
from catalog.vocabulary import Scope
from features.schema import ScopeItem, Value
from models.eligibility.rule_book import SubjectJudgement
from models.recommendation import Entry, Standing, Verdict
from models.standing.papers import Papers
from models.standing.place import HORIZON, Place, place_at
from models.standing.standing import entries_of, in_force
from models.standing.turns import anchor_needed
from pipelines.score.ground import Ground

ROW: Final = {
    "subject": pl.String(),
    "scope_item": pl.String(),
    "item": pl.String(),
    "cycle": pl.String(),
    "standing": pl.String(),
    "ready": pl.Boolean(),
    "opens_on": pl.Date(),
    "due_on": pl.Date(),
    "reason_code": pl.String(),
    "missing": pl.List(pl.String()),
    "unknown": pl.Int32(),
}
"""A standing before it has its rank; `unknown` counts the attributes that would settle it."""
BETWEEN: Final = "\x1f"
_PLAIN: Final = {**ROW, "missing": pl.String()}
"""Lists are made of joined words at the end: Polars takes long to look through many small ones."""
Rows = NDArray[np.intp]


class _Row(NamedTuple):
    """One scope item's judgement, made only where a page would look closer than a verdict."""

    scope: ScopeStandings
    at: int

    @property
    def on(self) -> dt.date:
        """The day of judgement."""
        return self.scope.judged.rules.on

    @property
    def _alone(self) -> SubjectJudgement:
        return self.scope.judgement(self.at)

    def verdicts(self, scope_item: str) -> dict[str, Verdict]:
        """Every verdict."""
        return self._alone.verdicts(scope_item)

    def value(self, scope_item: str, attribute: str) -> Value | None:
        """What is told or follows."""
        if self.at in self.scope.contradicted:
            return self._alone.value(scope_item, attribute)
        return self.scope.values(attribute)[self.at]

    def unknown(self, scope_item: str, item: str) -> tuple[str, ...]:
        """The attributes that would settle an item."""
        return self._alone.unknown(scope_item, item)

    def eligible_from(self, scope_item: str, item: str, until: dt.date) -> dt.date | None:
        """The first day on which a refused item holds."""
        return self._alone.eligible_from(scope_item, item, until)

    def verdict_on(self, scope_item: str, item: str, on: dt.date) -> Verdict:
        """The verdict on another day."""
        return self._alone.verdict_on(scope_item, item, on)


@dataclass(frozen=True, slots=True)
class _Anyone:
    """Whoever's window counts from a date and of whom nothing is on record."""

    on: dt.date
    anchor: Value | None

    def verdicts(self, scope_item: str) -> dict[str, Verdict]:
        """None is asked for."""
        return {}

    def value(self, scope_item: str, attribute: str) -> Value | None:
        """The date."""
        return self.anchor

    def unknown(self, scope_item: str, item: str) -> tuple[str, ...]:
        """Counted apart, on columns."""
        return ()

    def eligible_from(self, scope_item: str, item: str, until: dt.date) -> dt.date | None:
        """Not refused."""
        return None

    def verdict_on(self, scope_item: str, item: str, on: dt.date) -> Verdict:
        """Unknown on any day."""
        return Verdict.UNKNOWN


class ScopeStandings:
    """The standings of all scope items of one kind."""

    def __init__(self, ground: Ground, scope: Scope) -> None:
        """Judges the table."""
        self.ground, self.judged = ground, ground.judged(scope)
        self.catalogue, self.on, self._scope = ground.rules.catalogue, ground.rules.on, scope
        self.ids: list[str] = self.judged.table.frame["scope_item"].to_list()
        self.owners: list[str] = self.judged.table.frame["subject"].to_list()
        self.contradicted = frozenset(self.judged.contradicted.tolist())
        self._values: dict[str, list[Value | None]] = {}
        self._judgements: dict[int, SubjectJudgement] = {}
        self._places: dict[int, Place] = {}
        self._templates: dict[tuple[str, Value | None], tuple[Entry, ...]] = {}
        self._alone: list[tuple[int, Entry]] = []
        self._many: dict[str, list[object]] = {name: [] for name in ROW}

    def rows(self) -> Iterator[pl.DataFrame]:
        """Every standing but refusals, as columns of `ROW`, in no order."""
        turning = self.judged.turning(self.on + HORIZON)
        for item in self.catalogue.items_for(self.ground.kind, self._scope):
            if not in_force(item, self.on):
                continue
            verdicts, begun = self.judged.verdicts[item.id], self._begun.get(item.id, frozenset())
            apart = begun | self.contradicted
            refused = np.flatnonzero(verdicts == Verdict.FALSE)
            single = {*np.flatnonzero(verdicts == Verdict.TRUE).tolist(), *apart}
            single.update(turning.may_turn(item.id, refused).tolist())
            for at in sorted(single):
                found = entries_of(self.place(at), item, Verdict(int(verdicts[at])))
                self._alone += [(at, entry) for entry in found]
            open_ = np.flatnonzero(verdicts == Verdict.UNKNOWN)
            if apart:
                open_ = np.setdiff1d(open_, np.array(sorted(apart), dtype=np.intp))
            self._alike(item, open_)
        yield self._table(self._alone)
        yield _listed(pl.DataFrame(self._many, schema=_PLAIN))

    def single(self) -> Iterator[tuple[str, Entry]]:
        """After `rows`: what was worked out one by one, with its subject; all that holds or was begun."""
        for at, entry in self._alone:
            if entry.standing is not Standing.NOT_ELIGIBLE:
                yield self.owners[at], entry

    def judgement(self, at: int) -> SubjectJudgement:
        """One row judged by itself (kept)."""
        if at not in self._judgements:
            self._judgements[at] = self.judged.judgement(at)
        return self._judgements[at]

    def values(self, attribute: str) -> list[Value | None]:
        """An attribute of every row (kept)."""
        if attribute not in self._values:
            self._values[attribute] = self.judged.values(attribute)
        return self._values[attribute]

    def place(self, at: int) -> Place:
        """A row as pages see it (kept)."""
        if at not in self._places:
            items, rules = self.ground.scope_items, self.ground.rules
            mine, owner = items[self.ids[at]], items[self.owners[at]]
            row = _Row(self, at)
            place = place_at(mine, owner, self.ground.kind, rules.catalogue, row, rules.calendar)
            self._places[at] = place
        return self._places[at]

    @cached_property
    def _begun(self) -> dict[str, frozenset[int]]:
        """By item, the rows that anything is on record of: a case, or a paper that it alone yields."""
        at = {id_: row for row, id_ in enumerate(self.ids)}
        yields = {paper: item for item, papers in self.catalogue.sole_outputs.items() for paper in papers}
        found: dict[str, set[int]] = {}
        cases = self.ground.records.cases.select("scope_item", "item").unique().iter_rows()
        papers = self.ground.records.evidence.select("scope_item", "type").unique().iter_rows()
        known = ((id_, yields[type_]) for id_, type_ in papers if type_ in yields)
        for id_, item in (*cases, *known):
            if id_ in at:
                found.setdefault(item, set()).add(at[id_])
        return {item: frozenset(rows) for item, rows in found.items()}

    def _alike(self, item: Item, rows: Rows) -> None:
        """Adds the standings of an undetermined item that was never begun."""
        if not len(rows):
            return
        anchor = anchor_needed(item.duty)
        dates = self.values(anchor) if anchor else None
        of_date: dict[Value | None, list[int]] = {}
        for at in rows.tolist():
            of_date.setdefault(dates[at] if dates else None, []).append(at)
        unknown = self._unknown(item, rows)
        for date, mine in of_date.items():
            for entry in self._template(item, date):
                if entry.standing is not Standing.NOT_ELIGIBLE:
                    self._repeat(entry, mine, unknown)

    def _unknown(self, item: Item, rows: Rows) -> dict[int, int]:
        """By row, how many attributes would settle an undetermined item."""
        first, part = self.judged.alike(item.id, rows)
        counts = [len(self.judgement(at).unknown(self.ids[at], item.id)) for at in first.tolist()]
        return dict(zip(rows.tolist(), np.array(counts)[part].tolist(), strict=True))

    def _template(self, item: Item, date: Value | None) -> tuple[Entry, ...]:
        if (item.id, date) not in self._templates:
            nobody = ScopeItem("", self._scope, "")
            place = Place(
                nobody,
                self.ground.kind,
                _Anyone(self.on, date),
                self.catalogue,
                self.ground.rules.calendar,
                Papers(frozenset(), frozenset()),
                {},
                frozenset(),
                self.on,
            )
            self._templates[item.id, date] = tuple(entries_of(place, item, Verdict.UNKNOWN))
        return self._templates[item.id, date]

    def _repeat(self, entry: Entry, rows: Sequence[int], unknown: dict[int, int]) -> None:
        """Adds a standing that all of these rows have."""
        same = dict(zip(ROW, _cells("", entry), strict=True))
        for name, column in self._many.items():
            match name:
                case "subject":
                    column.extend(self.owners[at] for at in rows)
                case "scope_item":
                    column.extend(self.ids[at] for at in rows)
                case "unknown":
                    column.extend(unknown[at] for at in rows)
                case _:
                    column.extend([same[name]] * len(rows))

    def _table(self, entries: Sequence[tuple[int, Entry]]) -> pl.DataFrame:
        cells = [
            _cells(self.owners[at], entry)
            for at, entry in entries
            if entry.standing is not Standing.NOT_ELIGIBLE
        ]
        return _listed(pl.DataFrame(cells, schema=_PLAIN, orient="row"))


def _listed(frame: pl.DataFrame) -> pl.DataFrame:
    words = pl.col("missing").str.split(BETWEEN)
    return frame.with_columns(missing=words.list.eval(pl.element().filter(pl.element() != "")))


def _cells(subject: str, entry: Entry) -> tuple[object, ...]:
    return (
        subject,
        entry.scope_item,
        entry.item,
        entry.cycle,
        entry.standing.value,
        entry.ready,
        entry.opens_on,
        entry.due_on,
        entry.reasons[0].code if entry.reasons else None,
        BETWEEN.join(entry.missing),
        len(entry.unknown),
    )


def standings_of(ground: Ground) -> pl.DataFrame:
    """Every standing of these subjects but refusals, as columns of `ROW`, in no order."""
    return standings_and_entries(ground)[0]


def standings_and_entries(ground: Ground) -> tuple[pl.DataFrame, dict[str, list[Entry]]]:
    """The same, and by subject the entries of all that holds, was begun or comes by time alone.

    What has no entry there is undetermined and was never begun.
    """
    found, entries = [pl.DataFrame(schema=ROW)], dict[str, list[Entry]]()
    for scope in ground.scopes:
        standings = ScopeStandings(ground, scope)
        found += standings.rows()
        for subject, entry in standings.single():
            entries.setdefault(subject, []).append(entry)
    return pl.concat(found), entries
