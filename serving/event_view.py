"""How far a subject is with one event, step by step with dates and papers; what pages and programs share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from catalog.event import LifeEvent, Step
from catalog.vocabulary import Scope, Status, SubjectKind
from features.schema import ScopeItem
from models.eligibility.assessment import criterion_verdicts
from models.event_progress.progress import progress
from models.homepage.event_papers import EventPapers, event_papers
from models.homepage.event_times import timely
from models.recommendation import CriterionVerdict, Entry, EventProgress, Verdict
from serving.desk import Known
from serving.errors import UnknownItem
from serving.parts import Parts

StepState = Literal["done", "in_progress", "open", "waiting", "not_for_you"]


@dataclass(frozen=True, slots=True)
class StepOf:
    """One step of an event; `not_for_you` where its own conditions do not hold, or it is not needed."""

    service: str
    stage: int
    """From 1; the steps of one stage run side by side."""
    optional: bool
    state: StepState
    entries: tuple[Entry, ...]
    """Its standings that belong to the event, with their dates and papers."""


@dataclass(frozen=True, slots=True)
class EventOf:
    """An event for one scope item."""

    scope_item: ScopeItem
    verdict: Verdict
    criteria: tuple[CriterionVerdict, ...]
    progress: EventProgress | None
    """None while its conditions do not hold, or nothing of it is asked."""
    steps: tuple[StepOf, ...]
    papers: EventPapers


def event_of(parts: Parts, event_id: str, kind: SubjectKind) -> LifeEvent:
    """A confirmed event of such subjects. Raises UnknownItem."""
    event = parts.catalogue.events.get(event_id)
    if event is None or event.subject is not kind or event.status is not Status.CONFIRMED:
        raise UnknownItem(event_id)
    return event


def events_of(event: LifeEvent, known: Known, parts: Parts) -> tuple[EventOf, ...]:
    """The event for each scope item of the subject that it ranges over."""
    parts.desk.check_shown(event)
    judgement, catalogue = known.judgement, parts.catalogue
    begun = timely(
        progress(known.assess, known.entries, catalogue, judgement), catalogue, judgement, parts.desk.calendar
    )
    reached = {each.scope_item: each for each in begun if each.event == event.id}
    found = [
        _event(event, item, reached.get(item.id), known, parts)
        for item in known.assess.scope_items
        if item.scope is event.scope
    ]
    # Those it happens to come first, then those of whom it is not known.
    return tuple(sorted(found, key=lambda each: (each.progress is None, -each.verdict)))


def _event(
    event: LifeEvent, item: ScopeItem, reached: EventProgress | None, known: Known, parts: Parts
) -> EventOf:
    papers = EventPapers((), ())
    if reached is not None:
        papers = event_papers(reached, known.assess, parts.catalogue, known.judgement)
    return EventOf(
        scope_item=item,
        verdict=known.judgement.verdicts(item.id)[event.id],
        criteria=criterion_verdicts(known.judgement, item.id, event.id),
        progress=reached,
        steps=_steps(event, item, reached, known, parts),
        papers=papers,
    )


def _steps(
    event: LifeEvent, item: ScopeItem, reached: EventProgress | None, known: Known, parts: Parts
) -> tuple[StepOf, ...]:
    states: dict[str, StepState] = {}
    if reached is not None:
        states |= dict.fromkeys(reached.waiting, "waiting")
        states |= dict.fromkeys(reached.open, "open")
        states |= dict.fromkeys(reached.in_progress, "in_progress")
        states |= dict.fromkeys(reached.done, "done")
    services = parts.catalogue.public_services
    return tuple(
        StepOf(
            service=step.service,
            stage=number,
            optional=step.optional,
            state=states.get(step.service, "not_for_you"),
            entries=tuple(
                entry
                for entry in known.entries
                if entry.item == step.service and _belongs(entry, step, services[step.service].scope, item)
            ),
        )
        for number, stage in enumerate(event.stages, start=1)
        for step in stage
        if services[step.service].status is Status.CONFIRMED
    )


def _belongs(entry: Entry, step: Step, scope: Scope, item: ScopeItem) -> bool:
    """Whether a standing of a step belongs to the event of a scope item."""
    if step.another:
        return entry.scope_item != item.id
    if scope is item.scope:
        return entry.scope_item == item.id
    return entry.scope_item == item.owner if scope is Scope.SELF else item.scope is Scope.SELF
