"""Starting: a matter that stands on today's page is handed over, and the `start` is kept."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request

from catalog.vocabulary import SubjectKind
from models.recommendation import Entry
from records.arrival_stream import Bell
from records.durable import writing_durably
from records.hand_overs import HandOver, keep_hand_over
from records.settings import moment_of_writing
from serving.desk import Known
from serving.errors import Fault, InvalidRequest
from serving.hand_over.beginning import may_start
from serving.hand_over.no_portal import NoPortal
from serving.hand_over.signing import HandOverKeys
from serving.identity.desk import identity_of
from serving.parts import Parts
from serving.settings import ServingSettings

PARAMETER: Final = "hand_over"
Matter = tuple[str, str, str]
"""Item, scope item, cycle."""


@dataclass(frozen=True, slots=True)
class Started:
    """A hand-over, its token, and where it is to be taken."""

    hand_over: HandOver
    token: str
    url: str


def start(request: Request, parts: Parts, kind: SubjectKind, subject: str, matter: Matter) -> Started:
    """Hand a matter of today's page over. Raises NoPortal, InvalidRequest for what does not stand there."""
    settings: ServingSettings = request.app.state.settings
    if settings.portal is None:
        raise NoPortal("set QIANMIAN_PORTAL_ADDRESS to where things are done")
    known = parts.desk.known(kind, subject)
    entry = _entry(parts, known, matter)
    wall = identity_of(request).wall()
    one = HandOver(
        id=secrets.token_urlsafe(18),
        subject=subject,
        scope_item=entry.scope_item,
        item=entry.item,
        cycle=entry.cycle,
        portal=settings.portal,
        started_at=wall,
        expires_at=wall + dt.timedelta(minutes=settings.hand_over_minutes),
    )
    with writing_durably(parts.engine) as connection:
        ids = keep_hand_over(connection, one, moment_of_writing(parts.settings), wall)
    bell: Bell = request.app.state.bell
    bell.ring(ids)
    back = f"{settings.address}/hand-overs/{one.id}/return"
    token = keys_of(parts).signed(one, evidence_for(parts, known, entry), back, settings.address)
    return Started(one, token, f"{settings.portal}?{urlencode({PARAMETER: token})}")


def keys_of(parts: Parts) -> HandOverKeys:
    """The keys hand-overs are signed with."""
    return HandOverKeys(parts.secrets["session"])


def evidence_for(parts: Parts, known: Known, entry: Entry) -> tuple[str, ...]:
    """The papers the item asks for and the subject holds, valid on the day: their ids, nothing of them."""
    asked, on = set(parts.catalogue.items[entry.item].evidence), known.judgement.on
    whose = {entry.scope_item, known.assess.subject}
    return tuple(
        paper.id
        for item in known.assess.scope_items
        if item.id in whose
        for paper in item.evidence
        if paper.type in asked
        and (paper.valid_from is None or paper.valid_from <= on)
        and (paper.valid_to is None or paper.valid_to >= on)
    )


def _entry(parts: Parts, known: Known, matter: Matter) -> Entry:
    for entry in known.entries:
        if (entry.item, entry.scope_item, entry.cycle) == matter:
            if may_start(entry, parts.catalogue.items[entry.item]):
                return entry
            break
    raise InvalidRequest(
        Fault("/body/item", "is nothing to begin today; the page may have changed meanwhile")
    )
