"""What a subject would be answered who asks the hotline about every theme there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import select

from benchmarks.interference.people import AT
from benchmarks.interference.town import Town
from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from models.eligibility.rule_book import RuleBook
from models.homepage import theme_of_item
from models.standing.working_days import WorkingCalendar, published_calendar
from pipelines.call_back.step import CallBack
from pipelines.live.ground import Ground
from records.arrivals import Came
from records.consultations import ConsultationRecord, append_consultations
from records.database import writing
from records.profiles import ProfileReader
from records.tables import call_back, inbox, outbox


@dataclass(frozen=True)
class _Read:
    """What a call-back reads of the ground of a worker: nothing else is reached."""

    catalogue: Catalogue
    profiles: ProfileReader
    book: RuleBook
    calendar: WorkingCalendar


def called_back(
    town: Town, catalogue: Catalogue, judge: RuleBook, kind: SubjectKind, subject: str
) -> list[tuple[Any, ...]]:
    """What came of each question, the answers in the inbox, and the ways they leave by."""
    read = _Read(catalogue, ProfileReader(town.engine, town.online), judge, published_calendar())
    step = CallBack(lambda: cast(Ground, read), lambda: AT)
    themes = {theme_of_item(item.id, catalogue) for item in catalogue.items.values() if item.subject is kind}
    asked = [
        ConsultationRecord(f"{subject}:asked:{theme}", subject, theme, "hotline", AT)
        for theme in sorted(themes & catalogue.themes.keys())
    ]
    ids = tuple(one.id for one in asked)
    c, i, o = call_back.c, inbox.c, outbox.c
    came_of = select(c.consultation, c.outcome, c["items"], c.key).where(c.consultation.in_(ids))
    answers = select(i.key, i.item, i.names_zh, i.reason_zh, i.reason_en, i.delicate, i.detail)
    mine = answers.where(i.subject == subject, i.kind == "answer")
    ways = select(i.key, o.channel, o.relied_on).join(inbox, i.id == o.inbox).where(i.subject == subject)
    with writing(town.engine) as connection:
        append_consultations(connection, asked)
        step.act(connection, subject, [Came(subject, "consultation", ids)], AT)
        found = [sorted(map(repr, connection.execute(each))) for each in (came_of, mine, ways)]
    return [tuple(rows) for rows in found]
