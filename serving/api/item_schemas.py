"""Public services and support policies, as programs read them."""

from __future__ import annotations

from catalog.catalogue import Catalogue
from catalog.criterion import Criterion
from catalog.duty import Duty
from catalog.public_service import PublicService
from catalog.support_policy import ApplyMode, BenefitType, SupportPolicy
from catalog.vocabulary import Confidence, Delicacy, Level, Nature, Proactive, Procedure, Scope, SubjectKind
from serving.api.homepage_schemas import named_evidence
from serving.api.schema import AnswerSchema, NamedSchema, NamesSchema


class CriterionSchema(AnswerSchema):
    """One condition and the text it rests on."""

    id: str
    expression: str
    legal_source: str

    @classmethod
    def of(cls, criterion: Criterion) -> CriterionSchema:
        """The schema of a criterion."""
        return cls(id=criterion.id, expression=criterion.expression, legal_source=criterion.legal_source)


class ChannelsSchema(AnswerSchema):
    """Where an item can be done; null is unknown, never `nowhere`."""

    online: str | None = None
    terminal: str | None = None
    hall: str | None = None
    hotline: str | None = None


class AmountSchema(AnswerSchema):
    """A sum the text itself states."""

    yuan: float
    per: str | None
    cap: float | None
    every: str
    source: str


class PublicServiceSchema(AnswerSchema):
    """A public service."""

    id: str
    names: NamesSchema
    subject: SubjectKind
    scope: Scope
    theme: str
    authority: str
    level: Level
    nature: Nature
    procedure: Procedure
    criteria: list[CriterionSchema]
    deadline: str | None
    evidence: list[NamedSchema]
    outputs: list[NamedSchema]
    processing_limit: str | None
    channels: ChannelsSchema
    legal_basis: str
    proactive: Proactive
    delicacy: Delicacy
    confidence: Confidence
    item_code: str | None

    @classmethod
    def of(cls, item: PublicService, catalogue: Catalogue) -> PublicServiceSchema:
        """The schema of a public service."""
        return cls(
            id=item.id,
            names=NamesSchema.of(item.names),
            subject=item.subject,
            scope=item.scope,
            theme=item.theme,
            authority=item.authority,
            level=item.level,
            nature=item.nature,
            procedure=item.procedure,
            criteria=[CriterionSchema.of(criterion) for criterion in item.criteria],
            deadline=_deadline(item.duty),
            evidence=named_evidence(item.evidence, catalogue),
            outputs=named_evidence(item.outputs, catalogue),
            processing_limit=item.processing_limit,
            channels=ChannelsSchema.model_validate(item.channels) if item.channels else ChannelsSchema(),
            legal_basis=item.legal_basis,
            proactive=item.proactive,
            delicacy=item.delicacy,
            confidence=item.confidence,
            item_code=item.item_code,
        )


class SupportPolicySchema(AnswerSchema):
    """A support policy. A null amount is not stated by the text; it is not zero."""

    id: str
    names: NamesSchema
    subject: SubjectKind
    scope: Scope
    category: str
    issuer: str
    level: Level
    benefit_type: BenefitType
    benefit: NamesSchema
    apply_mode: ApplyMode
    amount: AmountSchema | None
    criteria: list[CriterionSchema]
    deadline: str | None
    evidence: list[NamedSchema]
    related_services: list[str]
    valid_from: str | None
    valid_to: str | None
    legal_basis: str
    proactive: Proactive
    delicacy: Delicacy
    confidence: Confidence

    @classmethod
    def of(cls, item: SupportPolicy, catalogue: Catalogue) -> SupportPolicySchema:
        """The schema of a support policy."""
        return cls(
            id=item.id,
            names=NamesSchema.of(item.names),
            subject=item.subject,
            scope=item.scope,
            category=item.category,
            issuer=item.issuer,
            level=item.level,
            benefit_type=item.benefit_type,
            benefit=NamesSchema.of(item.benefit),
            apply_mode=item.apply_mode,
            amount=AmountSchema.model_validate(item.amount) if item.amount else None,
            criteria=[CriterionSchema.of(criterion) for criterion in item.criteria],
            deadline=_deadline(item.duty),
            evidence=named_evidence(item.evidence, catalogue),
            related_services=list(item.related_services),
            valid_from=item.valid_from,
            valid_to=item.valid_to,
            legal_basis=item.legal_basis,
            proactive=item.proactive,
            delicacy=item.delicacy,
            confidence=item.confidence,
        )


def _deadline(duty: Duty | None) -> str | None:
    return None if duty is None else duty.expression
