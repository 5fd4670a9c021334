"""Items of the catalogue for programs."""

from __future__ import annotations

from fastapi import APIRouter

from catalog.catalogue import Catalogue
from catalog.vocabulary import Status
from serving.access import Id, OpenParts
from serving.api.item_schemas import PublicServiceSchema, SupportPolicySchema
from serving.api.problems import problems
from serving.errors import UnknownItem
from serving.identity.access import PUBLIC

router = APIRouter(prefix="/v1", tags=["items"])


@router.get(
    "/public-services/{id}",
    response_model=PublicServiceSchema,
    responses=problems(404),
    dependencies=[PUBLIC.needed],
)
def public_service(id: Id, parts: OpenParts) -> PublicServiceSchema:
    """One public service: conditions, papers, deadline, channels, legal basis."""
    service = parts.catalogue.public_services.get(id)
    if service is None or not confirmed(id, parts.catalogue):
        raise UnknownItem(id)
    return PublicServiceSchema.of(service, parts.catalogue)


@router.get(
    "/support-policies/{id}",
    response_model=SupportPolicySchema,
    responses=problems(404),
    dependencies=[PUBLIC.needed],
)
def support_policy(id: Id, parts: OpenParts) -> SupportPolicySchema:
    """One support policy: conditions, what it brings, how it is had, legal basis."""
    policy = parts.catalogue.support_policies.get(id)
    if policy is None or not confirmed(id, parts.catalogue):
        raise UnknownItem(id)
    return SupportPolicySchema.of(policy, parts.catalogue)


def confirmed(item: str, catalogue: Catalogue) -> bool:
    """Whether an item is there to be shown; unverified ones are not."""
    return item in catalogue.items and catalogue.items[item].status is Status.CONFIRMED
