"""One scope item on one day, and all that its standings are read from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.catalogue import Catalogue, Item
from catalog.vocabulary import SubjectKind
from features.schema import Case, MaskedProfile, ScopeItem
from models.recommendation import Entry, Judgement, Reason, Standing
from models.standing.papers import Papers, papers_of
from models.standing.reasons import reason
from models.standing.turns import Turn
from models.standing.working_days import WorkingCalendar

HORIZON = dt.timedelta(days=180)
"""How far ahead time alone makes an item upcoming."""
FINISHABLE = frozenset({Standing.SHOULD_DO, Standing.CAN_DO})
"""The standings that an item can be ready in."""


@dataclass(frozen=True, slots=True)
class Place:
    """One scope item on one day."""

    scope_item: ScopeItem
    kind: SubjectKind
    judgement: Judgement
    catalogue: Catalogue
    calendar: WorkingCalendar
    papers: Papers
    cases: Mapping[str, Sequence[Case]]
    """The scope item's own cases by item."""
    held: frozenset[str]
    """The types of its own papers, valid or not."""
    on: dt.date

    def missing(self, item: Item) -> tuple[str, ...]:
        """The papers still to bring for an item."""
        return self.papers.missing(item.evidence, self.catalogue.evidence_types)

    def entry(
        self,
        item: Item,
        turn: Turn,
        standing: Standing,
        *reasons: Reason,
        opens_on: dt.date | None = None,
        due_on: dt.date | None = None,
    ) -> Entry:
        """An entry of the page for one turn of an item, with the turn's own dates unless told others."""
        window = turn.window
        provisional = bool(window and window.provisional)
        return Entry(
            item=item.id,
            scope_item=self.scope_item.id,
            label=self.scope_item.label,
            standing=standing,
            ready=False,
            cycle=turn.cycle,
            opens_on=opens_on or (window.opens_on if window else None),
            due_on=due_on or (window.due_on if window else None),
            provisional=provisional,
            reasons=(*reasons, reason("provisional")) if provisional else reasons,
        )


def place_of(
    scope_item: ScopeItem,
    profile: MaskedProfile,
    catalogue: Catalogue,
    judgement: Judgement,
    calendar: WorkingCalendar,
) -> Place:
    """The place of one of a subject's scope items on the day of judgement."""
    cases: dict[str, list[Case]] = {}
    for case in scope_item.cases:
        cases.setdefault(case.item, []).append(case)
    held = frozenset(paper.type for paper in scope_item.evidence)
    papers = papers_of(scope_item, profile.itself, catalogue, judgement.on)
    return Place(scope_item, profile.kind, judgement, catalogue, calendar, papers, cases, held, judgement.on)
