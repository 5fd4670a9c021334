"""The form on an item's page by which a subject follows it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from catalog.catalogue import Item
from catalog.vocabulary import SubjectKind
from records.database import reading
from records.subscriptions import followed
from serving.identity.access import actor_of
from serving.identity.visit import Visit
from serving.inbox.titles import is_offered
from serving.pages.addresses import home_url
from serving.parts import Parts
from serving.privacy.access import DECIDING


@dataclass(frozen=True, slots=True)
class FollowForm:
    """Where to, and whether it is followed already."""

    url: str
    item: str
    token: str | None
    followed: bool


def follow_form(
    request: Request, parts: Parts, item: Item, kind: SubjectKind, subject: str
) -> FollowForm | None:
    """For whoever may follow the item for the subject; None for others, and for what is only searched for."""
    actor, visit = actor_of(request), request.state.visit
    if actor.role not in DECIDING or not actor.has_everything or not is_offered(item):
        return None
    if item.subject is not kind:
        return None
    with reading(parts.engine) as connection:
        now = followed(connection, subject)
    return FollowForm(
        url=f"{home_url(kind, subject)}/inbox/following",
        item=item.id,
        token=_token(visit),
        followed=now.asks_by_name(item.id),
    )


def _token(visit: Visit) -> str | None:
    return None if visit.session is None else visit.session.form_token
