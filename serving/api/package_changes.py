"""What changed of an enterprise's policy package, for programs."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final

from fastapi import APIRouter, Query

from models.policy_package.change import Altered, Held, LossReason, Lost
from records.package_changes import Recorded
from serving.access import Id, OpenParts
from serving.api.problems import problems
from serving.api.schema import AnswerSchema, AsOfSchema, NamesSchema
from serving.identity.access import OWN_ENTERPRISE
from serving.package_news import package_news

router = APIRouter(prefix="/v1", tags=["policy packages"])
MOST_ID: Final = 2**53 - 1
"""The largest number that programs in any language read exactly."""


class PackagedItemSchema(AnswerSchema):
    """One item as the package had it; yuan over the first year, null where no sum is known."""

    item: str
    scope_item: str
    names: NamesSchema
    needs_application: bool
    brings_money: bool
    yuan: float | None
    apply_by: dt.date | None

    @classmethod
    def of(cls, held: Held) -> PackagedItemSchema:
        """The schema of an item."""
        return cls(
            item=held.item,
            scope_item=held.scope_item,
            names=NamesSchema.of(held.names),
            needs_application=held.needs_application,
            brings_money=held.brings_money,
            yuan=held.yuan,
            apply_by=held.due_on,
        )


class LostItemSchema(AnswerSchema):
    """An item that is in the package no longer, as it was, and why."""

    was: PackagedItemSchema
    why: LossReason

    @classmethod
    def of(cls, lost: Lost) -> LostItemSchema:
        """The schema of a loss."""
        return cls(was=PackagedItemSchema.of(lost.was), why=lost.why)


class AlteredItemSchema(AnswerSchema):
    """An item that stayed with another sum or another last day."""

    was: PackagedItemSchema
    now: PackagedItemSchema

    @classmethod
    def of(cls, altered: Altered) -> AlteredItemSchema:
        """The schema of what altered."""
        return cls(was=PackagedItemSchema.of(altered.was), now=PackagedItemSchema.of(altered.now))


class PolicyPackageChangeSchema(AnswerSchema):
    """One change. Totals are what is confirmed at least; unknown sums are counted, never added."""

    id: int
    since: dt.date
    on: dt.date
    catalogue_version: str
    added: list[PackagedItemSchema]
    lost: list[LostItemSchema]
    altered: list[AlteredItemSchema]
    total_before: float | None
    total_now: float | None
    yuan_more: float | None
    unknown_before: int | None
    unknown_now: int | None
    apply_by: dt.date | None

    @classmethod
    def of(cls, kept: Recorded) -> PolicyPackageChangeSchema:
        """The schema of a change."""
        change = kept.change
        return cls(
            id=kept.id,
            since=change.since,
            on=change.on,
            catalogue_version=change.catalogue_version,
            added=[PackagedItemSchema.of(held) for held in change.added],
            lost=[LostItemSchema.of(lost) for lost in change.lost],
            altered=[AlteredItemSchema.of(each) for each in change.altered],
            total_before=change.total_before,
            total_now=change.total_now,
            yuan_more=change.yuan_more,
            unknown_before=change.unknown_before,
            unknown_now=change.unknown_now,
            apply_by=change.apply_by,
        )


class PolicyPackageChangesSchema(AsOfSchema):
    """The changes an enterprise was told of, the latest first. `next_before` leads to earlier ones."""

    enterprise: str
    changes: list[PolicyPackageChangeSchema]
    next_before: int | None


@router.get(
    "/enterprises/{id}/policy-package/changes",
    response_model=PolicyPackageChangesSchema,
    responses=problems(404, 422),
    dependencies=[OWN_ENTERPRISE.needed],
)
def policy_package_changes(
    id: Id,
    parts: OpenParts,
    before: Annotated[int | None, Query(ge=1, le=MOST_ID, description="Only changes before this id.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> PolicyPackageChangesSchema:
    """What came into the policy package, went out of it or altered in it, change by change."""
    kept = package_news(parts.desk, id, before, limit)
    return PolicyPackageChangesSchema(
        on=parts.desk.clock.on(),
        catalogue_version=parts.catalogue.version,
        enterprise=id,
        changes=[PolicyPackageChangeSchema.of(one) for one in kept],
        next_before=kept[-1].id if len(kept) == limit else None,
    )
