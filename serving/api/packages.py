"""An enterprise's policy package for programs."""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter

from catalog.support_policy import ApplyMode
from models.policy_package.candidate import CandidateKind, Money
from models.policy_package.package import GivenUp, NearMiss, PackageEntry, PackageGroup, PolicyPackage, Total
from models.recommendation import Reason
from serving.access import Id, OpenParts
from serving.api.homepage_schemas import ReasonSchema
from serving.api.problems import problems
from serving.api.schema import AnswerSchema, AsOfSchema, NamesSchema
from serving.identity.access import OWN_ENTERPRISE

router = APIRouter(prefix="/v1", tags=["policy packages"])


class MoneySchema(AnswerSchema):
    """A sum over the first year and how it came about; null is unknown, never zero."""

    yuan: float | None
    derivation: NamesSchema
    unknown: list[str]

    @classmethod
    def of(cls, money: Money) -> MoneySchema:
        """The schema of a sum."""
        return cls(yuan=money.yuan, derivation=NamesSchema.of(money.derivation), unknown=list(money.unknown))


class ActionSchema(AnswerSchema):
    """What the firm does to have it."""

    mode: ApplyMode
    needs_application: bool
    text: NamesSchema


class PackageEntrySchema(AnswerSchema):
    """One item of the package."""

    item: str
    scope_item: str
    kind: CandidateKind
    names: NamesSchema
    money: MoneySchema | None
    in_total: bool
    combinable_with: list[str]
    not_confirmed_with: list[str]
    opens_on: dt.date | None
    due_on: dt.date | None
    papers: int
    uptake: float
    action: ActionSchema
    reasons: list[ReasonSchema]

    @classmethod
    def of(cls, entry: PackageEntry) -> PackageEntrySchema:
        """The schema of an entry."""
        return cls(
            item=entry.item,
            scope_item=entry.scope_item,
            kind=entry.kind,
            names=NamesSchema.of(entry.names),
            money=_money(entry.money),
            in_total=entry.in_total,
            combinable_with=list(entry.combinable_with),
            not_confirmed_with=list(entry.not_confirmed_with),
            opens_on=entry.opens_on,
            due_on=entry.due_on,
            papers=entry.papers,
            uptake=entry.uptake,
            action=ActionSchema(
                mode=entry.action.mode,
                needs_application=entry.action.needs_application,
                text=NamesSchema.of(entry.action.text),
            ),
            reasons=[_reason(reason) for reason in entry.reasons],
        )


class PackageGroupSchema(AnswerSchema):
    """The entries of one category."""

    category: str
    names: NamesSchema
    entries: list[PackageEntrySchema]

    @classmethod
    def of(cls, group: PackageGroup) -> PackageGroupSchema:
        """The schema of a group."""
        entries = [PackageEntrySchema.of(entry) for entry in group.entries]
        return cls(category=group.category, names=NamesSchema.of(group.names), entries=entries)


class TotalSchema(AnswerSchema):
    """What the package brings at least, as far as cited texts confirm; null: no sum is known."""

    yuan: float | None
    counted: list[str]
    not_summed: list[str]
    unknown: int
    text: NamesSchema

    @classmethod
    def of(cls, total: Total) -> TotalSchema:
        """The schema of a total."""
        return cls(
            yuan=total.yuan,
            counted=list(total.counted),
            not_summed=list(total.not_summed),
            unknown=total.unknown,
            text=NamesSchema.of(total.text),
        )


class GivenUpSchema(AnswerSchema):
    """An eligible item left out, for which others, and why."""

    item: str
    scope_item: str
    names: NamesSchema
    money: MoneySchema | None
    chosen_instead: list[str]
    reasons: list[ReasonSchema]

    @classmethod
    def of(cls, left: GivenUp) -> GivenUpSchema:
        """The schema of what was given up."""
        return cls(
            item=left.item,
            scope_item=left.scope_item,
            names=NamesSchema.of(left.names),
            money=_money(left.money),
            chosen_instead=list(left.chosen_instead),
            reasons=[_reason(reason) for reason in left.reasons],
        )


class NearMissSchema(AnswerSchema):
    """An item that an answer, a consent or some waiting would open."""

    item: str
    scope_item: str
    names: NamesSchema
    money: MoneySchema | None
    settles: list[list[str]]
    eligible_from: dt.date | None
    reason: ReasonSchema

    @classmethod
    def of(cls, miss: NearMiss) -> NearMissSchema:
        """The schema of a near miss."""
        return cls(
            item=miss.item,
            scope_item=miss.scope_item,
            names=NamesSchema.of(miss.names),
            money=_money(miss.money),
            settles=[sorted(attributes) for attributes in miss.settles],
            eligible_from=miss.eligible_from,
            reason=_reason(miss.reason),
        )


class PolicyPackageSchema(AsOfSchema):
    """The best combinable set for one enterprise, what was given up, and what is nearly there."""

    enterprise: str
    groups: list[PackageGroupSchema]
    total: TotalSchema
    papers: int
    given_up: list[GivenUpSchema]
    near_misses: list[NearMissSchema]
    weighed_by: str

    @classmethod
    def of(cls, package: PolicyPackage) -> PolicyPackageSchema:
        """The schema of a policy package."""
        return cls(
            on=package.on,
            catalogue_version=package.catalogue_version,
            enterprise=package.enterprise,
            groups=[PackageGroupSchema.of(group) for group in package.groups],
            total=TotalSchema.of(package.total),
            papers=package.papers,
            given_up=[GivenUpSchema.of(left) for left in package.given_up],
            near_misses=[NearMissSchema.of(miss) for miss in package.near_misses],
            weighed_by=package.weighed_by,
        )


@router.get(
    "/enterprises/{id}/policy-package",
    response_model=PolicyPackageSchema,
    responses=problems(404),
    dependencies=[OWN_ENTERPRISE.needed],
)
def policy_package(id: Id, parts: OpenParts) -> PolicyPackageSchema:
    """The policies, licences and approvals worth taking up together, and what stands behind the choice."""
    return PolicyPackageSchema.of(parts.desk.package(id))


def _money(money: Money | None) -> MoneySchema | None:
    return None if money is None else MoneySchema.of(money)


def _reason(reason: Reason) -> ReasonSchema:
    return ReasonSchema(code=reason.code, text=NamesSchema.of(reason.text))
