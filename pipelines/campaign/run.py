"""What there is to do on campaigns: count audiences asked for, send released stages, count what follows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Engine

from catalog.audience import AudienceError, parse_audience
from catalog.catalogue import Catalogue
from features.statements import AttributeHistory
from pipelines.campaign.audience import Audiences
from pipelines.campaign.funnel import funnel
from pipelines.campaign.population import pages
from pipelines.campaign.previewing import counted
from pipelines.campaign.sending import Sender, Sent
from records.audience_previews import Preview, keep_preview, told_before, told_last, waiting_previews
from records.campaigns import all_campaigns, keep_funnel
from records.database import open_records, reading, writing
from records.keys import open_secrets
from records.settings import Settings


@dataclass(frozen=True, slots=True)
class CampaignReport:
    """What was done: previews counted, subjects told and held out, funnels counted."""

    previews: int
    sent: Sent
    funnels: int


def work_on_campaigns(
    settings: Settings, catalogue: Catalogue, on: dt.date, at: dt.datetime
) -> CampaignReport:
    """Do all there is to do, as of a day; begun again after a breakdown it goes on where it was."""
    at = at.astimezone(dt.UTC)
    engine = open_records(settings)
    history = AttributeHistory(settings.attributes_path, catalogue)
    try:
        with reading(engine) as connection:
            waiting = waiting_previews(connection)
        for preview in waiting:
            count_preview(engine, preview, catalogue, history, on, at)
        with reading(engine) as connection:
            known = all_campaigns(connection)
        sender = Sender(engine, catalogue, history, open_secrets(settings)["pseudonym"], on, at)
        stages = [sender.send(one) for one in known]
        begun = [one for one in known if one.released]
        for one in begun:
            with reading(engine) as connection:
                found = funnel(connection, one, catalogue, at)
            with writing(engine) as connection:
                keep_funnel(connection, one.id, found, at)
    finally:
        engine.dispose()
    sent = Sent(sum(one.told for one in stages), sum(one.held_out for one in stages))
    return CampaignReport(len(waiting), sent, len(begun))


def count_preview(
    engine: Engine,
    preview: Preview,
    catalogue: Catalogue,
    history: AttributeHistory,
    on: dt.date,
    at: dt.datetime,
) -> None:
    """Count one audience beside those that were told of late, and keep what may be told."""
    with reading(engine) as connection:
        before = told_before(connection, preview.kind, at)
        usable = (one for one in before if one != preview.audience and _holds(one, preview, catalogue))
        rules = (*usable, preview.audience)
        audiences = Audiences(catalogue, history, preview.kind, rules, on)
        last = told_last(connection, preview.kind, preview.audience, at)
        found = counted(audiences, pages(connection, preview.kind), last)
    with writing(engine) as connection:
        keep_preview(connection, preview.id, on, found, at)


def _holds(audience: str, preview: Preview, catalogue: Catalogue) -> bool:
    """Whether a rule of before can still be read by the catalogue in use."""
    try:
        parse_audience(audience, preview.kind, catalogue)
    except AudienceError:
        return False
    return True
