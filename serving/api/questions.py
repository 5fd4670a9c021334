"""The next best question for programs: what to ask, or to ask leave for, and what it would decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from fastapi import APIRouter

from catalog.vocabulary import SubjectKind
from models.eligibility.questions import Case
from models.homepage.asking import Ask, asks
from models.recommendation import Homepage
from serving.access import Id, OpenParts
from serving.api.homepage_schemas import named_attributes
from serving.api.problems import problems
from serving.api.schema import AnswerSchema, AsOfSchema, NamedSchema, NamesSchema
from serving.desk import Known
from serving.identity.access import OWN_CITIZEN, OWN_ENTERPRISE
from serving.parts import Parts

router = APIRouter(prefix="/v1", tags=["questions"])


class UntoldSchema(AnswerSchema):
    """An attribute nobody has told, and of which of the subject's scope items."""

    scope_item: str
    label: str | None
    attribute: NamedSchema


class DecidedSchema(AnswerSchema):
    """An item for one scope item."""

    item: str
    names: NamesSchema
    scope_item: str
    label: str | None


class QuestionSchema(AnswerSchema):
    """One thing to ask: an answer, or a consent that lets the registers tell."""

    kind: Literal["answer", "consent"]
    attributes: list[UntoldSchema]
    consent_group: NamedSchema | None
    consent_target: str | None
    """The target a consent to the purpose `assess` would be given for."""
    decides: list[DecidedSchema]
    """Decided whatever the answer; for a consent, as far as the registers know."""
    needed_by: list[DecidedSchema]
    """Needs this and more."""
    worth: float
    """The value of what it decides: a duty 3, a benefit 2, anything else 1."""


class QuestionsSchema(AsOfSchema):
    """What is worth asking, the best first."""

    subject: str
    questions: list[QuestionSchema]


@router.get(
    "/citizens/{id}/questions",
    response_model=QuestionsSchema,
    responses=problems(404),
    dependencies=[OWN_CITIZEN.needed],
)
def citizen_questions(id: Id, parts: OpenParts) -> QuestionsSchema:
    """What to ask a citizen next, and what each answer or consent would decide."""
    return _answer(parts, SubjectKind.CITIZEN, id)


@router.get(
    "/enterprises/{id}/questions",
    response_model=QuestionsSchema,
    responses=problems(404),
    dependencies=[OWN_ENTERPRISE.needed],
)
def enterprise_questions(id: Id, parts: OpenParts) -> QuestionsSchema:
    """What to ask an enterprise next, and what each answer or consent would decide."""
    return _answer(parts, SubjectKind.ENTERPRISE, id)


def asks_of(page: Homepage, known: Known, parts: Parts) -> tuple[Ask, ...]:
    """What is worth asking about what a page could not tell, duties without their date too."""
    entries = (*page.needs_information, *page.should_do)
    return asks(entries, parts.catalogue, known.judgement, known.assess.withheld)


def _answer(parts: Parts, kind: SubjectKind, id: str) -> QuestionsSchema:
    known = parts.desk.known(kind, id)
    page = parts.desk.homepage_of(known)
    labels = {item.id: item.label for item in known.assess.scope_items}
    return QuestionsSchema(
        on=page.on,
        catalogue_version=page.catalogue_version,
        subject=id,
        questions=[_question(ask, labels, parts) for ask in asks_of(page, known, parts)],
    )


def _question(ask: Ask, labels: dict[str, str | None], parts: Parts) -> QuestionSchema:
    group = parts.catalogue.consent_groups[ask.consent_group] if ask.consent_group else None
    return QuestionSchema(
        kind=ask.kind,
        attributes=[
            UntoldSchema(
                scope_item=place, label=labels[place], attribute=named_attributes([name], parts.catalogue)[0]
            )
            for place, name in ask.attributes
        ],
        consent_group=NamedSchema(id=group.id, names=NamesSchema.of(group.names)) if group else None,
        consent_target=f"attributes:{group.id}" if group else None,
        decides=_decided(ask.decides, labels, parts),
        needed_by=_decided(ask.needed_by, labels, parts),
        worth=ask.worth,
    )


def _decided(cases: Iterable[Case], labels: dict[str, str | None], parts: Parts) -> list[DecidedSchema]:
    return [
        DecidedSchema(
            item=item,
            names=NamesSchema.of(parts.catalogue.items[item].names),
            scope_item=place,
            label=labels[place],
        )
        for place, item in cases
    ]
