"""Life and business events for programs: progress, steps with their dates, and the papers of all steps."""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from models.homepage.event_papers import ToBring, Yielded
from serving.access import Id, OpenParts
from serving.api.assessments import ITEM_WORDS, VerdictWord
from serving.api.homepage_schemas import EntrySchema, entries, named_evidence
from serving.api.problems import problems
from serving.api.schema import AnswerSchema, AsOfSchema, NamedSchema, NamesSchema
from serving.event_view import EventOf, StepOf, StepState, event_of, events_of
from serving.identity.access import OWN_CITIZEN, OWN_ENTERPRISE
from serving.parts import Parts

router = APIRouter(prefix="/v1", tags=["events"])


class StepSchema(AnswerSchema):
    """One step of an event."""

    service: str
    names: NamesSchema
    stage: int
    optional: bool
    state: StepState
    standings: list[EntrySchema]
    yields: list[NamedSchema]

    @classmethod
    def of(cls, step: StepOf, catalogue: Catalogue) -> StepSchema:
        """The schema of a step."""
        service = catalogue.public_services[step.service]
        return cls(
            service=step.service,
            names=NamesSchema.of(service.names),
            stage=step.stage,
            optional=step.optional,
            state=step.state,
            standings=entries(step.entries, catalogue),
            yields=named_evidence(service.outputs, catalogue),
        )


class ToBringSchema(AnswerSchema):
    """One paper to bring once for several steps."""

    paper: NamedSchema
    steps: list[str]
    stands_for: list[NamedSchema]

    @classmethod
    def of(cls, bring: ToBring, catalogue: Catalogue) -> ToBringSchema:
        """The schema of a paper to bring."""
        return cls(
            paper=named_evidence([bring.paper], catalogue)[0],
            steps=list(bring.steps),
            stands_for=named_evidence(bring.stands_for, catalogue),
        )


class YieldedSchema(AnswerSchema):
    """A paper that an earlier step of the event yields."""

    paper: NamedSchema
    by: str
    steps: list[str]

    @classmethod
    def of(cls, yielded: Yielded, catalogue: Catalogue) -> YieldedSchema:
        """The schema of a yielded paper."""
        return cls(
            paper=named_evidence([yielded.paper], catalogue)[0], by=yielded.by, steps=list(yielded.steps)
        )


class UnmetConditionSchema(AnswerSchema):
    """A condition of the event that does not hold, or of which it is not known."""

    criterion: str
    known: bool
    expression: str
    legal_source: str


class EventSchema(AnswerSchema):
    """The event for one scope item. Enrolled, under way and done are told apart."""

    scope_item: str
    label: str | None
    verdict: VerdictWord
    unmet: list[UnmetConditionSchema]
    enrolled: bool
    in_progress: bool
    done: bool
    due_on: dt.date | None
    steps: list[StepSchema]
    to_bring: list[ToBringSchema]
    """The fewest papers still to bring for all steps."""
    yielded: list[YieldedSchema]

    @classmethod
    def of(cls, event: EventOf, catalogue: Catalogue) -> EventSchema:
        """The schema of an event for one scope item."""
        reached = event.progress
        left = reached is not None and bool(reached.open or reached.in_progress or reached.waiting)
        return cls(
            scope_item=event.scope_item.id,
            label=event.scope_item.label,
            verdict=ITEM_WORDS[event.verdict],
            unmet=[
                UnmetConditionSchema(
                    criterion=one.criterion,
                    known=not one.unknown,
                    expression=one.expression,
                    legal_source=one.legal_source,
                )
                for one in event.criteria
                if one.verdict != 2
            ],
            enrolled=reached is not None and reached.enrolled,
            in_progress=reached is not None and bool(reached.in_progress),
            done=reached is not None and bool(reached.done) and not left,
            due_on=None if reached is None else reached.due_on,
            steps=[StepSchema.of(step, catalogue) for step in event.steps],
            to_bring=[ToBringSchema.of(paper, catalogue) for paper in event.papers.bring],
            yielded=[YieldedSchema.of(paper, catalogue) for paper in event.papers.yielded],
        )


class EventsSchema(AsOfSchema):
    """The event for every scope item of the subject that it ranges over."""

    subject: str
    event: str
    names: NamesSchema
    legal_basis: str
    events: list[EventSchema]


@router.get(
    "/citizens/{id}/events/{event}",
    response_model=EventsSchema,
    responses=problems(404),
    dependencies=[OWN_CITIZEN.needed],
)
def citizen_event(id: Id, event: Id, parts: OpenParts) -> EventsSchema:
    """How far a citizen is with a life event, what comes next, and the papers it takes in all."""
    return _answer(parts, SubjectKind.CITIZEN, id, event)


@router.get(
    "/enterprises/{id}/events/{event}",
    response_model=EventsSchema,
    responses=problems(404),
    dependencies=[OWN_ENTERPRISE.needed],
)
def enterprise_event(id: Id, event: Id, parts: OpenParts) -> EventsSchema:
    """How far an enterprise is with a business event, what comes next, and the papers it takes in all."""
    return _answer(parts, SubjectKind.ENTERPRISE, id, event)


def _answer(parts: Parts, kind: SubjectKind, id: str, event_id: str) -> EventsSchema:
    event, known = event_of(parts, event_id, kind), parts.desk.known(kind, id)
    return EventsSchema(
        on=known.judgement.on,
        catalogue_version=parts.catalogue.version,
        subject=id,
        event=event.id,
        names=NamesSchema.of(event.names),
        legal_basis=event.legal_basis,
        events=[EventSchema.of(one, parts.catalogue) for one in events_of(event, known, parts)],
    )
