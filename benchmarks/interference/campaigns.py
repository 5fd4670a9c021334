"""What campaigns show: who is in an audience, whom a stage tells by which channel, what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import select

from benchmarks.interference.enrolled import conditions, keep_campaign, offers, past
from benchmarks.interference.people import AT, TODAY
from benchmarks.interference.town import Town
from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from features.schema import UseName
from features.statements import AttributeHistory
from pipelines.campaign.audience import Audiences
from pipelines.campaign.funnel import _measured, funnel
from pipelines.campaign.population import pages
from pipelines.campaign.sending import Sender
from records.campaigns import campaign_with_id
from records.database import reading, writing
from records.keys import VersionedKey
from records.tables import campaign_member, inbox, outbox

LOTS: Final = VersionedKey(1, {1: bytes(range(32))})


def audiences(town: Town, catalogue: Catalogue, use: UseName) -> Iterator[tuple[str, Any]]:
    """Of whom each condition holds, as a use knows them."""
    history = AttributeHistory(town.settings.attributes_path, catalogue)
    for kind in SubjectKind:
        rules = conditions(catalogue, kind)
        made = Audiences(catalogue, history, kind, rules, TODAY)
        with reading(town.engine) as connection:
            for number, page in enumerate(pages(connection, kind)):
                yield f"{kind}.audience.{number}", made.members(page, use).sort("subject")


def sent(town: Town, catalogue: Catalogue) -> Iterator[tuple[str, Any]]:
    """Who is in a campaign and how they are told, once every stage of it is sent."""
    history = AttributeHistory(town.settings.attributes_path, catalogue)
    sender = Sender(town.engine, catalogue, history, LOTS, TODAY, AT)
    for draft in (draft for kind in SubjectKind for draft in offers(catalogue, kind)):
        id_ = f"new:{draft.kind}:{draft.item}"
        with writing(town.engine) as connection:
            keep_campaign(connection, id_, draft, AT, sent=False)
        with reading(town.engine) as connection:
            one = campaign_with_id(connection, id_)
        yield f"{id_}.count", sender.send(one)
        m, o = campaign_member.c, outbox.c
        members = select(m.subject, m.arm, m.key).where(m.campaign == id_).order_by(m.subject)
        told = select(inbox.c.key, o.channel, o.relied_on).join(inbox, inbox.c.id == o.inbox)
        mine = told.where(inbox.c.key.in_(select(m.key).where(m.campaign == id_)))
        with reading(town.engine) as connection:
            yield f"{id_}.members", [tuple(row) for row in connection.execute(members)]
            yield f"{id_}.pushes", sorted(map(repr, connection.execute(mine)))


def came_of(town: Town, catalogue: Catalogue) -> Iterator[tuple[str, Any]]:
    """What is counted of the campaigns that were sent, member by member and as it is told."""
    with reading(town.engine) as connection:
        for draft in (draft for kind in SubjectKind for draft in offers(catalogue, kind)):
            one = campaign_with_id(connection, past(draft))
            measured = _measured(connection, one, catalogue, AT)
            yield f"{one.id}.measured", measured.sort(measured.columns)
            yield f"{one.id}.funnel", funnel(connection, one, catalogue, AT)
