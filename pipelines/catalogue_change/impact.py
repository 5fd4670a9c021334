"""Whose standing a new catalogue changes, on the recorded population: counted, never listed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from catalog.catalogue import Catalogue
from catalog.vocabulary import SCOPES_OF, Scope, SubjectKind
from features.schema import MaskedTable
from models.recommendation import Verdict
from pipelines.catalogue_change.groups import TOUCHED, Cell, cells, grouped, marked, told_of_all
from pipelines.catalogue_change.sides import Page, Side
from pipelines.catalogue_change.terms import changed_terms
from privacy.aggregates import SMALLEST, Counts, in_tens

Word = Literal["not_eligible", "undetermined", "eligible"]
WORDS: Final[tuple[Word, ...]] = ("not_eligible", "undetermined", "eligible")
_VERDICTS: Final = len(WORDS)
BY_SCOPE: Final = "scope"
_SCOPED: Final = {BY_SCOPE: pl.String, "touched": pl.Boolean}


class ItemChange(msgspec.Struct, frozen=True, kw_only=True):
    """How many scope items go from one verdict on an item to another; the same one: its terms change."""

    item: str
    scope: Scope
    before: Word
    after: Word
    scope_items: int | None
    """In whole tens, None where there are too few to be told: many items together prove nothing safe."""


class Touched(msgspec.Struct, frozen=True, kw_only=True):
    """The subjects of one kind, and how many of them the change touches.

    Both in whole tens; where they are too few to be told `touched` is None. `share` is the most it can be.
    """

    kind: SubjectKind
    people: int
    touched: int | None
    share: float


class Impact(msgspec.Struct, frozen=True, kw_only=True):
    """What taking one catalogue for another would do on a day."""

    old: str
    new: str
    on: str
    touched: tuple[Touched, ...]
    groups: tuple[Cell, ...]
    items: tuple[ItemChange, ...]

    @property
    def largest_share(self) -> float:
        """The share of citizens, or of enterprises, that is touched, whichever is larger."""
        return max((each.share for each in self.touched), default=0.0)


def impact(
    old: Catalogue, new: Catalogue, population: Iterable[Page], attributes: Path, on: dt.date
) -> Impact:
    """Judge a population by both catalogues and count who is touched; registers lie under `attributes`."""
    counting = _Counting(Side(old, attributes, on), Side(new, attributes, on), changed_terms(old, new))
    for page in population:
        counting.add(page)
    return Impact(
        old=old.version,
        new=new.version,
        on=on.isoformat(),
        touched=tuple(counting.touched()),
        groups=tuple(counting.cells()),
        items=tuple(counting.items()),
    )


def touched_subjects(
    old: Catalogue, new: Catalogue, population: Iterable[Page], attributes: Path, on: dt.date
) -> Iterator[set[str]]:
    """Whom the change touches, a page of the population at a time; for acting on, never for telling."""
    counting = _Counting(Side(old, attributes, on), Side(new, attributes, on), changed_terms(old, new))
    for page in population:
        yield counting.add(page)


@dataclass(slots=True)
class _Counting:
    before: Side
    after: Side
    terms: frozenset[str]
    transitions: Counter[tuple[str, Scope, int]] = field(default_factory=Counter)
    """By item, scope and verdicts before and after."""
    people: Counter[SubjectKind] = field(default_factory=Counter)
    reached: Counter[SubjectKind] = field(default_factory=Counter)
    groups: dict[tuple[SubjectKind, str], Counts] = field(default_factory=dict)
    """By kind, and what is counted: subjects, or the things of theirs (`scope`)."""

    def add(self, page: Page) -> set[str]:
        """Count one page; whom of it the change touches."""
        subjects, touched = self._judge(page, Scope.SELF)
        held = set(page.scope_items["scope"].unique())
        for scope in SCOPES_OF[page.kind]:
            if scope is not Scope.SELF and scope in held:
                touched |= self._judge(page, scope)[1]
        self.people[page.kind] += subjects.frame.height
        self.reached[page.kind] += len(touched)
        labelled = grouped(subjects, self.after.catalogue, self.after.on)
        hit = labelled.with_columns(pl.col("subject").is_in(sorted(touched)).alias("touched"))
        self._tally(hit, page.kind, "subjects", labelled.columns[1:])
        return touched

    def _judge(self, page: Page, scope: Scope) -> tuple[MaskedTable, set[str]]:
        """Count the transitions of one kind of scope item; what is known of them, and the owners touched."""
        old, new = self.before.table(page, scope), self.after.table(page, scope)
        verdicts = self.before.verdicts(old), self.after.verdicts(new)
        rows = pl.concat([table.frame.select("scope_item", "subject") for table in (new, old)])
        rows = rows.unique("scope_item", maintain_order=True)
        hit = np.zeros(rows.height, dtype=np.bool_)
        for name in dict.fromkeys((*verdicts[0].names, *verdicts[1].names)):
            was, becomes = (side.of(name, rows["scope_item"]) for side in verdicts)
            changed = self._changed(name, was, becomes)
            codes = was[changed].astype(np.int64) * _VERDICTS + becomes[changed]
            for code, count in enumerate(np.bincount(codes, minlength=_VERDICTS**2).tolist()):
                if count:
                    self.transitions[name, scope, code] += count
            hit |= changed
        scopes = pl.DataFrame(
            {BY_SCOPE: [str(scope)] * rows.height, "touched": hit}, schema_overrides=_SCOPED
        )
        self._tally(scopes, page.kind, BY_SCOPE, [BY_SCOPE])
        return new, set(rows.filter(pl.Series(hit))["subject"])

    def _changed(self, name: str, was: NDArray[np.int8], becomes: NDArray[np.int8]) -> NDArray[np.bool_]:
        changed: NDArray[np.bool_] = was != becomes
        if name in self.terms:
            changed = changed | ((was == Verdict.TRUE) & (becomes == Verdict.TRUE))
        return changed

    def _tally(self, rows: pl.DataFrame, kind: SubjectKind, what: str, dimensions: Sequence[str]) -> None:
        counts = self.groups.setdefault((kind, what), Counts((TOUCHED, *dimensions)))
        counts.add(marked(rows, dimensions))

    def touched(self) -> Iterator[Touched]:
        for kind in SubjectKind:
            if people := self.people[kind]:
                reached, told = self.reached[kind], told_of_all(self.groups[kind, "subjects"])
                if told is None:
                    most = SMALLEST - 1 if reached < SMALLEST else people
                else:
                    most = told + SMALLEST - 1 if told else 0
                share = min(1.0, most / max(1, in_tens(people)))
                yield Touched(kind=kind, people=in_tens(people), touched=told, share=share)

    def cells(self) -> Iterator[Cell]:
        for (kind, _), counts in sorted(self.groups.items()):
            yield from cells(counts, kind)

    def items(self) -> Iterator[ItemChange]:
        for (name, scope, code), count in sorted(
            self.transitions.items(), key=lambda pair: (-pair[1], pair[0])
        ):
            yield ItemChange(
                item=name,
                scope=scope,
                before=WORDS[code // _VERDICTS],
                after=WORDS[code % _VERDICTS],
                scope_items=in_tens(count) or None,
            )
