"""Progress through the graph of an event: stage after stage, the steps of a stage side by side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from catalog.catalogue import Catalogue
from catalog.event import LifeEvent
from catalog.vocabulary import Status
from features.schema import MaskedProfile, ScopeItem
from models.event_progress.steps import STATES, StepState, StepView, view_step
from models.recommendation import Entry, EventProgress, Judgement, Verdict


def progress(
    profile: MaskedProfile, entries: Iterable[Entry], catalogue: Catalogue, judgement: Judgement
) -> tuple[EventProgress, ...]:
    """How far a subject is with every event whose conditions hold and that asks for anything at all."""
    by_item: dict[str, list[Entry]] = {}
    for entry in entries:
        by_item.setdefault(entry.item, []).append(entry)
    found = []
    for scope_item in profile.scope_items:
        verdicts = judgement.verdicts(scope_item.id)
        for event in catalogue.events_for(profile.kind, scope_item.scope):
            if verdicts[event.id] is Verdict.TRUE:
                stages = [
                    [
                        view_step(step, event, scope_item, by_item, catalogue)
                        for step in stage
                        if catalogue.public_services[step.service].status is Status.CONFIRMED
                    ]
                    for stage in event.stages
                ]
                if any(step.entries for stage in stages for step in stage):
                    found.append(_walk(event, scope_item, stages))
    return tuple(found)


@dataclass(slots=True)
class _Tally:
    done: list[str] = field(default_factory=list)
    in_progress: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    current: list[Entry] = field(default_factory=list)


def _walk(event: LifeEvent, scope_item: ScopeItem, stages: Sequence[Sequence[StepView]]) -> EventProgress:
    """Sort the steps. A stage is reached once every step that counts before it is done."""
    tally = _Tally()
    reached = True
    for stage in stages:
        for step in stage:
            _sort(step, reached, tally)
        reached = reached and not any(_holds_up(step) for step in stage)
    return EventProgress(
        event=event.id,
        scope_item=scope_item.id,
        label=scope_item.label,
        done=tuple(tally.done),
        open=tuple(tally.open),
        waiting=tuple(tally.waiting),
        enrolled=bool(tally.done or tally.in_progress),
        due_on=min(_due_days(tally.current), default=None),
        in_progress=tuple(tally.in_progress),
    )


def _due_days(entries: Iterable[Entry]) -> Iterator[dt.date]:
    return (entry.due_on for entry in entries if entry.due_on and STATES[entry.standing] is StepState.OPEN)


def _holds_up(step: StepView) -> bool:
    """Whether the next stage waits for a step: for a required one that is to be taken or under way."""
    unfinished = (StepState.IN_PROGRESS, StepState.PENDING, StepState.OPEN)
    return not step.optional and step.state in unfinished


def _sort(step: StepView, reached: bool, tally: _Tally) -> None:
    match step.state:
        case StepState.DONE:
            tally.done.append(step.service)
        case StepState.IN_PROGRESS:
            tally.in_progress.append(step.service)
        case StepState.OPEN if reached:
            tally.open.append(step.service)
            tally.current.extend(step.entries)
        case StepState.OPEN | StepState.PENDING | StepState.ELSEWHERE if _counts(step):
            tally.waiting.append(step.service)
        case StepState.REFUSED if not reached and not step.optional:
            # An earlier step may yet bring what its conditions ask for.
            tally.waiting.append(step.service)


def _counts(step: StepView) -> bool:
    """An optional step counts only where its own conditions hold."""
    return not step.optional or step.state is StepState.OPEN
