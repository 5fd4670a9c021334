"""How far a subject is with its life or business events, as a page shows it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlencode

from catalog.catalogue import Catalogue
from catalog.vocabulary import Names
from models.recommendation import EventProgress
from serving.pages.cards import Reader
from serving.pages.offices import item_url

StepState = Literal["done", "in_progress", "open", "waiting"]


@dataclass(frozen=True, slots=True)
class StepLine:
    """One service of an event and whether it is done, open now, or waiting."""

    title: str
    url: str
    state: StepState
    state_text: str


@dataclass(frozen=True, slots=True)
class EventCard:
    """An event's progress."""

    title: str
    url: str
    whose: str | None
    state: str
    progress: str
    done: int
    total: int
    due: str | None
    forecast: str | None
    steps: tuple[StepLine, ...]


def event_card(progress: EventProgress, catalogue: Catalogue, reader: Reader) -> EventCard:
    """The card of one event, its steps in the event's own order."""
    words = reader.words
    states: dict[str, StepState] = {
        **dict.fromkeys(progress.done, "done"),
        **dict.fromkeys(progress.in_progress, "in_progress"),
        **dict.fromkeys(progress.open, "open"),
        **dict.fromkeys(progress.waiting, "waiting"),
    }
    event = catalogue.events[progress.event]
    order = [step.service for stage in event.stages for step in stage if step.service in states]
    return EventCard(
        title=words.name(event.names),
        url=event_url(event.id, progress.scope_item, reader),
        state=words(f"event.states.{_state(progress)}"),
        whose=progress.label,
        progress=words("event.progress", done=len(progress.done), total=len(order)),
        done=len(progress.done),
        total=len(order),
        due=_due(progress.due_on, reader),
        forecast=words("event.forecast") if progress.probability is not None else None,
        steps=tuple(_step(step, states[step], progress, catalogue, reader) for step in order),
    )


def event_url(event: str, scope_item: str, reader: Reader) -> str:
    """The address of an event's own page."""
    return f"{reader.home_url}/events/{quote(event, safe='')}?{urlencode({'scope_item': scope_item})}"


def _state(progress: EventProgress) -> str:
    """Not begun, enrolled, under way and done are told apart."""
    if progress.in_progress:
        return "in_progress"
    if not (progress.open or progress.waiting):
        return "done"
    return "enrolled" if progress.enrolled else "not_begun"


def _step(
    service: str, state: StepState, progress: EventProgress, catalogue: Catalogue, reader: Reader
) -> StepLine:
    item = catalogue.public_services[service]
    names: Names = item.names
    return StepLine(
        title=reader.words.name(names),
        url=item_url(item, reader.ref, progress.scope_item),
        state=state,
        state_text=reader.words(f"event.{state}"),
    )


def _due(due_on: dt.date | None, reader: Reader) -> str | None:
    return None if due_on is None else reader.words("event.due", date=reader.words.day(due_on, reader.on))
