"""Why and why not, for programs: one item judged for one subject, criterion by criterion."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from fastapi import APIRouter

from catalog.catalogue import Item
from catalog.criterion import Criterion
from catalog.predicate import attributes_of
from catalog.vocabulary import SubjectKind
from features.schema import ABSENT, ScopeItem, Value
from models.recommendation import Assessment, CriterionVerdict, Verdict
from serving.access import Id, OpenParts
from serving.api.items import confirmed
from serving.api.problems import problems
from serving.api.schema import AnswerSchema, AsOfSchema, NamesSchema
from serving.desk import Known
from serving.errors import UnknownItem
from serving.identity.access import OWN_CITIZEN, OWN_ENTERPRISE
from serving.parts import Parts

router = APIRouter(prefix="/v1", tags=["assessments"])

VerdictWord = Literal["eligible", "ineligible", "undetermined"]
CriterionWord = Literal["met", "not_met", "unknown"]
ITEM_WORDS: dict[Verdict, VerdictWord] = {
    Verdict.TRUE: "eligible",
    Verdict.FALSE: "ineligible",
    Verdict.UNKNOWN: "undetermined",
}
CRITERION_WORDS: dict[Verdict, CriterionWord] = {
    Verdict.TRUE: "met",
    Verdict.FALSE: "not_met",
    Verdict.UNKNOWN: "unknown",
}


class ValueSchema(AnswerSchema):
    """What a condition read. `state` tells unknown from known to be none."""

    attribute: str
    names: NamesSchema
    state: Literal["known", "none", "unknown"]
    value: bool | float | str | None
    source: str | None
    """The register that told it; null for what follows from other values, or is unknown."""
    as_of: dt.datetime | None
    """When the register last spoke; null for a derived or unknown value."""


class CriterionVerdictSchema(AnswerSchema):
    """One condition, its verdict, what it was judged on, and the text it rests on."""

    criterion: str
    verdict: CriterionWord
    expression: str
    legal_source: str
    values: list[ValueSchema]
    unknown: list[str]


class AssessmentSchema(AnswerSchema):
    """The item for one scope item."""

    scope_item: str
    label: str | None
    verdict: VerdictWord
    criteria: list[CriterionVerdictSchema]
    settles: list[list[str]]
    """For an undetermined verdict: the smallest sets of attributes, each of which would settle it."""
    consents: list[str]
    """The targets of consents (to the purpose `assess`) that would open some of these attributes."""
    eligible_from: dt.date | None


class AssessmentsSchema(AsOfSchema):
    """The item for every scope item of the subject that it ranges over."""

    subject: str
    item: str
    assessments: list[AssessmentSchema]
    contradictions: list[NamesSchema]
    """What is on record of the subject and cannot be so; it is taken as unknown."""


@router.get(
    "/citizens/{id}/assessments/{item}",
    response_model=AssessmentsSchema,
    responses=problems(404),
    dependencies=[OWN_CITIZEN.needed],
)
def citizen_assessments(id: Id, item: Id, parts: OpenParts) -> AssessmentsSchema:
    """Why a citizen qualifies for an item or does not, or what is not known yet."""
    return _answer(parts, SubjectKind.CITIZEN, id, item)


@router.get(
    "/enterprises/{id}/assessments/{item}",
    response_model=AssessmentsSchema,
    responses=problems(404),
    dependencies=[OWN_ENTERPRISE.needed],
)
def enterprise_assessments(id: Id, item: Id, parts: OpenParts) -> AssessmentsSchema:
    """Why an enterprise qualifies for an item or does not, or what is not known yet."""
    return _answer(parts, SubjectKind.ENTERPRISE, id, item)


def _answer(parts: Parts, kind: SubjectKind, id: str, item_id: str) -> AssessmentsSchema:
    if not confirmed(item_id, parts.catalogue) or parts.catalogue.items[item_id].subject is not kind:
        raise UnknownItem(item_id)
    known, item = parts.desk.known(kind, id), parts.catalogue.items[item_id]
    return AssessmentsSchema(
        on=known.judgement.on,
        catalogue_version=parts.catalogue.version,
        subject=id,
        item=item_id,
        assessments=[_assessment(one, item, known, parts) for one in parts.desk.assessments_of(known, item)],
        contradictions=[NamesSchema.of(names) for names in known.judgement.impossible()],
    )


def _assessment(assessment: Assessment, item: Item, known: Known, parts: Parts) -> AssessmentSchema:
    scope_item = next(s for s in known.assess.scope_items if s.id == assessment.scope_item)
    return AssessmentSchema(
        scope_item=assessment.scope_item,
        label=scope_item.label,
        verdict=ITEM_WORDS[assessment.verdict],
        criteria=[
            _criterion(judged, criterion, scope_item, known, parts)
            for judged, criterion in zip(assessment.criteria, item.criteria, strict=True)
        ],
        settles=[sorted(attributes) for attributes in assessment.settles],
        consents=_consents(assessment, known, parts),
        eligible_from=assessment.eligible_from,
    )


def _consents(assessment: Assessment, known: Known, parts: Parts) -> list[str]:
    """What to consent to, so that the registers may tell what is wanted."""
    wanted = {name for attributes in assessment.settles for name in attributes} & known.assess.withheld
    groups = {parts.catalogue.attributes[name].consent_group for name in wanted}
    return sorted(f"attributes:{group}" for group in groups if group is not None)


def _criterion(
    judged: CriterionVerdict, criterion: Criterion, scope_item: ScopeItem, known: Known, parts: Parts
) -> CriterionVerdictSchema:
    read = dict.fromkeys(attributes_of(criterion.predicate))
    return CriterionVerdictSchema(
        criterion=judged.criterion,
        verdict=CRITERION_WORDS[judged.verdict],
        expression=judged.expression,
        legal_source=judged.legal_source,
        values=[
            _value(name, scope_item, known, parts) for name in read if name in parts.catalogue.attributes
        ],
        unknown=list(judged.unknown),
    )


def _value(name: str, scope_item: ScopeItem, known: Known, parts: Parts) -> ValueSchema:
    attribute = parts.catalogue.attributes[name]
    value = known.judgement.value(scope_item.id, name)
    stored = value is not None and attribute.derived is None
    heard = {**known.assess.itself.as_of, **scope_item.as_of}
    return ValueSchema(
        attribute=name,
        names=NamesSchema.of(attribute.names),
        state="unknown" if value is None else "none" if value is ABSENT else "known",
        value=_plain(value),
        source=attribute.register if stored else None,
        as_of=heard.get(attribute.register) if stored else None,
    )


def _plain(value: Value | None) -> bool | float | str | None:
    if value is None or value is ABSENT:
        return None
    return value.isoformat() if isinstance(value, dt.date) else value
