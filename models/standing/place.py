"""One scope item on one day, and all that its standings are read from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.catalogue import Catalogue, Item
from catalog.vocabulary import SubjectKind
from features.schema import Case, MaskedProfile, ScopeItem
from models.recommendation import Entry, Judgement, Reason, Standing, Urgency
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

    def begun(self, item: Item) -> bool:
        """Whether anything is on record of an item: a case, or a paper that it alone yields."""
        return item.id in self.cases or not self.held.isdisjoint(self.catalogue.sole_outputs.get(item.id, ()))

    def missing(self, item: Item) -> tuple[str, ...]:
        """The papers still to bring for an item."""
        return self.papers.missing(item.evidence, self.catalogue.evidence_types)

    def entry(
        self,
        item: Item,
        turn: Turn,
        standing: Standing,
        why: Reason,
        *,
        urgency: Urgency | None = None,
        unknown: tuple[str, ...] = (),
        opens_on: dt.date | None = None,
        due_on: dt.date | None = None,
    ) -> Entry:
        """An entry of the page for one turn of an item, with the turn's own dates unless told others.

        It has the papers still to bring, and is ready (能办) where it can be finished and none is missing.
        """
        window = turn.window
        finishable = standing in FINISHABLE
        missing = self.missing(item) if finishable or standing is Standing.UPCOMING else ()
        ready = finishable and not missing
        provisional = window is not None and window.provisional
        reasons = [why]
        if provisional:
            reasons.append(reason("provisional"))
        if ready:
            reasons.append(reason("ready"))
        return Entry(
            item=item.id,
            scope_item=self.scope_item.id,
            label=self.scope_item.label,
            standing=standing,
            ready=ready,
            cycle=turn.cycle,
            urgency=urgency,
            opens_on=opens_on or (window.opens_on if window else None),
            due_on=due_on or (window.due_on if window else None),
            provisional=provisional,
            missing=missing,
            unknown=unknown,
            reasons=tuple(reasons),
        )


def place_of(
    scope_item: ScopeItem,
    profile: MaskedProfile,
    catalogue: Catalogue,
    judgement: Judgement,
    calendar: WorkingCalendar,
) -> Place:
    """The place of one of a subject's scope items on the day of judgement."""
    return place_at(scope_item, profile.itself, profile.kind, catalogue, judgement, calendar)


def place_at(
    scope_item: ScopeItem,
    owner: ScopeItem,
    kind: SubjectKind,
    catalogue: Catalogue,
    judgement: Judgement,
    calendar: WorkingCalendar,
) -> Place:
    """The place of a scope item; of both, evidence and cases must be as masked."""
    cases: dict[str, list[Case]] = {}
    for case in scope_item.cases:
        cases.setdefault(case.item, []).append(case)
    held = frozenset(paper.type for paper in scope_item.evidence)
    papers = papers_of(scope_item, owner, catalogue, judgement.on)
    return Place(scope_item, kind, judgement, catalogue, calendar, papers, cases, held, judgement.on)
