"""Who may read an inbox, who may change how its subject is told, and who may give an address."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Query
from starlette.requests import Request

from catalog.vocabulary import SubjectKind
from serving.identity.access import Access, actor_of
from serving.identity.actor import PERSONAL, Actor, Role
from serving.identity.refusals import NotOpened, RoleRefused
from serving.inbox.wishes import Wishes
from serving.privacy.access import DECIDING, Deciding

READS: Final = {kind: Access(PERSONAL, kind, "remind") for kind in SubjectKind}
"""Whoever may look at the subject's page; what they see is for serving.inbox.sight to say."""
WISHES: Final = {kind: Access(DECIDING, kind, "remind", entire=True) for kind in SubjectKind}
ADDRESSES: Final = {
    kind: Access(frozenset({Role.CITIZEN, Role.STAFF}), kind, "remind", whole=True, entire=True)
    for kind in SubjectKind
}
"""The subject alone, an enterprise by its staff: nobody else's address is ever put in its place."""
OWN: Final = Access(PERSONAL, None, "remind")
"""The inbox of whoever the caller's hat is for; the handler calls `admitted` before it looks at anything."""
Subject = Annotated[
    str | None,
    Query(max_length=220, pattern="^(citizen|enterprise):.+$", description="Of several hats, for whom."),
]


def whose(asked: str | None, actor: Actor) -> tuple[SubjectKind, str]:
    """Whose inbox is meant: the one asked for, else that of the hat. Raises NotOpened."""
    if asked is not None:
        named, _, id_ = asked.partition(":")
        return SubjectKind(named), id_
    if actor.kind is None or actor.subject is None:
        raise NotOpened
    return actor.kind, actor.subject


def wishes_of(deciding: Deciding) -> Wishes:
    """What whoever was let in may wish for the subject."""
    return Wishes(deciding)


def own_wishes_of(request: Request, deciding: Deciding) -> Wishes:
    """The same for addresses, which are not given on a screen that strangers share."""
    if actor_of(request).mode == "kiosk":
        raise RoleRefused
    return Wishes(deciding)


Wishing = Annotated[Wishes, Depends(wishes_of)]
OwnWishing = Annotated[Wishes, Depends(own_wishes_of)]
