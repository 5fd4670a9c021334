"""The page of one event: each step with its date, and the papers of all steps in one list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.catalogue import Catalogue
from catalog.event import LifeEvent
from models.recommendation import Entry, Standing, Verdict
from serving.event_view import EventOf, StepOf, StepState
from serving.pages.cards import Reader
from serving.pages.conditions import condition_text
from serving.pages.due import due_of
from serving.pages.frame import Frame
from serving.pages.offices import citations, item_url
from serving.wording import Words

VERDICTS = {Verdict.TRUE: "true", Verdict.FALSE: "false", Verdict.UNKNOWN: "unknown"}
DATED = (Standing.SHOULD_DO, Standing.CAN_DO, Standing.UPCOMING)


@dataclass(frozen=True, slots=True)
class EventStepLine:
    """One step, when it is due, and what it yields."""

    title: str
    url: str
    state: StepState
    state_text: str
    optional: bool
    when: str | None
    yields: str | None


@dataclass(frozen=True, slots=True)
class EventPaperLine:
    """One paper, and what it is for or where it comes from."""

    name: str
    note: str


@dataclass(frozen=True, slots=True)
class EventConditionLine:
    """One condition of the event, with its verdict."""

    text: str
    verdict: str
    verdict_text: str


@dataclass(frozen=True, slots=True)
class EventBlock:
    """The event for one scope item."""

    whose: str | None
    state: str
    progress: str | None
    conditions: tuple[EventConditionLine, ...]
    steps: tuple[EventStepLine, ...]
    bring_title: str
    bring: tuple[EventPaperLine, ...]
    yielded: tuple[EventPaperLine, ...]


@dataclass(frozen=True, slots=True)
class EventContext:
    """What event.html is rendered from."""

    t: Words
    frame: Frame
    home_url: str
    heading: str
    blocks: tuple[EventBlock, ...]
    law: tuple[str, ...]


def event_context(
    event: LifeEvent, found: Iterable[EventOf], catalogue: Catalogue, reader: Reader, page_frame: Frame
) -> EventContext:
    """An event in the reader's words, for each scope item it ranges over."""
    return EventContext(
        t=reader.words,
        frame=page_frame,
        home_url=reader.home_url,
        heading=reader.words.name(event.names),
        blocks=tuple(_block(event, one, catalogue, reader) for one in found),
        law=citations(event.legal_basis),
    )


def _block(event: LifeEvent, one: EventOf, catalogue: Catalogue, reader: Reader) -> EventBlock:
    words, reached = reader.words, one.progress
    counted = [step for step in one.steps if step.state != "not_for_you"]
    done = sum(step.state == "done" for step in counted)
    papers = one.papers.bring
    return EventBlock(
        whose=one.scope_item.label,
        state=words(f"event.states.{_state(one)}"),
        progress=words("event.progress", done=done, total=len(counted)) if reached else None,
        conditions=tuple(_conditions(event, one, catalogue, words))
        if one.verdict is not Verdict.TRUE
        else (),
        steps=tuple(_step(step, one, catalogue, reader) for step in one.steps),
        bring_title=words("event.bring", n=len(papers)),
        bring=tuple(
            EventPaperLine(
                _paper(paper.paper, catalogue, words),
                words("event.bring_for", names=_names(paper.steps, catalogue, words)),
            )
            for paper in papers
        ),
        yielded=tuple(
            EventPaperLine(
                _paper(paper.paper, catalogue, words),
                words(
                    "event.yielded_by",
                    name=_names((paper.by,), catalogue, words),
                    names=_names(paper.steps, catalogue, words),
                ),
            )
            for paper in one.papers.yielded
        ),
    )


def _state(one: EventOf) -> str:
    """Not begun, enrolled, under way and done are states of their own; so are not known and not met."""
    reached = one.progress
    if one.verdict is Verdict.UNKNOWN:
        return "unknown"
    if reached is None:
        return "not_met" if one.verdict is Verdict.FALSE else "nothing"
    if reached.in_progress:
        return "in_progress"
    if reached.open or reached.waiting:
        return "enrolled" if reached.enrolled else "not_begun"
    return "done"


def _conditions(
    event: LifeEvent, one: EventOf, catalogue: Catalogue, words: Words
) -> Iterable[EventConditionLine]:
    judged = {each.criterion: each.verdict for each in one.criteria}
    for criterion in event.criteria:
        key = VERDICTS[judged[criterion.id]]
        text = condition_text(criterion.predicate, catalogue, words)
        yield EventConditionLine(text, key, words(f"item.verdict.{key}"))


def _step(step: StepOf, one: EventOf, catalogue: Catalogue, reader: Reader) -> EventStepLine:
    words, service = reader.words, catalogue.public_services[step.service]
    yields = tuple(words.name(catalogue.evidence_types[paper].names) for paper in service.outputs)
    place = step.entries[0].scope_item if step.entries else None
    return EventStepLine(
        title=words.name(service.names),
        url=item_url(service, reader.ref, place),
        state=step.state,
        state_text=words(f"event.{step.state}"),
        optional=step.optional,
        when=_when(step.entries, reader),
        yields=words("event.yields", names=words.listed(yields)) if yields else None,
    )


def _when(entries: Iterable[Entry], reader: Reader) -> str | None:
    """The first date that matters of a step's standings."""
    dated = [entry for entry in entries if entry.standing in DATED and (entry.due_on or entry.opens_on)]
    if not dated:
        return None
    first = min(dated, key=lambda entry: entry.due_on or entry.opens_on or reader.on)
    due = due_of(first, reader.on, reader.words)
    return None if due is None else due.text


def _paper(paper: str, catalogue: Catalogue, words: Words) -> str:
    return words.name(catalogue.evidence_types[paper].names)


def _names(services: Iterable[str], catalogue: Catalogue, words: Words) -> str:
    return words.listed(tuple(words.name(catalogue.public_services[one].names) for one in services))
