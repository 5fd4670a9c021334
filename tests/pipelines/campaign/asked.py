"""A town that an operator asks counts of: who consented to what, and what a preview tells."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sqlalchemy import Engine, insert

from catalog.vocabulary import SubjectKind
from pipelines.campaign import CampaignReport, work_on_campaigns
from records.audience_previews import ask_preview, preview_with_id
from records.database import engine_for, reading, writing
from records.settings import SHANGHAI
from records.tables import consent
from tests.pipelines.catalogue_change.town import ON, SAID, Person, Town, make_town

AT = dt.datetime.combine(ON, dt.time(9), SHANGHAI)
OLD, YOUNG = dt.date(1950, 1, 1), dt.date(1990, 1, 1)
TARGETS = ("attributes:ordinary", "evidence:ordinary", "interactions")


def consenting_town(home: Path, people: list[Person], withheld: frozenset[str] = frozenset()) -> Town:
    """The people, who let reminders and counts know everything but for those who withheld it."""
    made = make_town(home, people)
    rows = [
        {"subject": one.id, "purpose": purpose, "target": target, "granted_at": SAID, "text_version": "1"}
        for one in people
        if one.id not in withheld
        for purpose in ("remind", "aggregate")
        for target in TARGETS
    ]
    engine = engine_for(made.settings.records_url)
    with writing(engine) as connection:
        connection.execute(insert(consent), rows)
    engine.dispose()
    return made


def work(town: Town, at: dt.datetime = AT) -> CampaignReport:
    return work_on_campaigns(town.settings, town.catalogue, ON, at)


def preview(town: Town, engine: Engine, audience: str) -> int | None:
    """How many citizens of an audience an operator is told of."""
    with writing(engine) as connection:
        asked = ask_preview(connection, SubjectKind.CITIZEN, audience, "ann", AT)
    work(town)
    with reading(engine) as connection:
        return preview_with_id(connection, asked.id).reached
