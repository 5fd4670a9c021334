"""By which channels the difference goes out, and what it leaves to erasures and chosen lead days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import polars as pl
import pytest
from sqlalchemy import Engine, insert, select

from features.schema import UseName
from models.homepage import theme_of_item
from models.recommendation import Entry, Standing
from pipelines.difference.chosen_leads import lead_reached
from pipelines.difference.reassess import reassessor
from pipelines.difference.run import difference
from pipelines.difference.seen import see
from pipelines.score.standings_store import Standings
from records.choices import EVERY_THEME, choose_reminders
from records.consents import reminder_consents
from records.database import open_records, reading, writing
from records.erasure.files import scrub
from records.settings import Settings
from records.subscriptions import Followed, Subscription, follow
from records.tables import contact, inbox, outbox, scope_item
from tests.scored_city import TODAY, morning, real_catalogue

AT = morning(TODAY)
PARTS = 3
EMAIL: UseName = "remind_email"


@pytest.fixture
def engine(own_city: Settings) -> Iterator[Engine]:
    engine = open_records(own_city)
    yield engine
    engine.dispose()


def subjects_of(settings: Settings) -> list[str]:
    standings = Standings(settings.standings_path / f"{TODAY}/1")
    return sorted({s for part in range(PARTS) for s in standings.read(part, PARTS)["subject"]})


def test_by_mail_goes_what_mail_may_know_and_no_more(own_city: Settings, engine: Engine) -> None:
    everybody = subjects_of(own_city)
    with writing(engine) as connection:
        sealed = {"ciphertext": b"x", "key_version": 1, "verified_at": AT}
        for subject in everybody:
            connection.execute(insert(contact).values(subject=subject, channel="email", **sealed))
            choose_reminders(connection, subject, EVERY_THEME, "email", wanted=True, at=AT)
    difference(own_city, real_catalogue(), AT)
    again = reassessor(own_city, real_catalogue(), engine, lambda: AT, lambda subject: None)
    pushed = mute = 0
    with reading(engine) as connection:
        sent = select(inbox.c.subject, inbox.c.key).join(outbox, outbox.c.inbox == inbox.c.id)
        by_mail = {(row.subject, row.key) for row in connection.execute(sent)}
        rows = connection.execute(select(inbox.c.subject, inbox.c.key).where(inbox.c.kind == "reminder"))
        known = {
            subject: again.keys(see(again.profiles, connection, subject), EMAIL, AT, TODAY)
            for subject in everybody
        }
        for subject, key in rows:
            assert (subject, key) not in by_mail or key in known[subject]
            pushed += (subject, key) in by_mail
            mute += (subject, key) not in by_mail
        consents = reminder_consents(connection, everybody)
    assert pushed > 0
    assert mute > 0, "some rest on what a mail may not know, or are delicate"
    assert all(consents[subject] for subject, _ in by_mail) or not any(consents.values())


def test_an_erasure_reaches_the_standings_and_leaves_them_readable(own_city: Settings) -> None:
    standings = Standings(own_city.standings_path / f"{TODAY}/1")
    before = pl.concat([standings.read(part, PARTS) for part in range(PARTS)])
    gone = before["subject"].mode()[0]
    ids = before.filter(pl.col("subject") == gone)["scope_item"].unique().to_list()
    left_behind = standings.folder / ".1.part-0000.parquet"
    before.filter(pl.col("subject") == gone).write_parquet(left_behind)
    assert scrub(own_city.standings_path, [gone, *ids]) > 0
    after = pl.concat([standings.read(part, PARTS) for part in range(PARTS)])
    assert after.equals(before.filter(pl.col("subject") != gone))
    assert pl.read_parquet(left_behind).is_empty(), "what a killed run left is reached too"
    for file in own_city.standings_path.rglob("*"):
        assert not file.is_file() or gone.encode() not in file.read_bytes()


def entry(due_in: int | None, standing: Standing = Standing.CAN_DO) -> Entry:
    return Entry(
        item="cs-vehicle-inspection",
        scope_item="car",
        label=None,
        standing=standing,
        ready=True,
        cycle="2026",
        due_on=None if due_in is None else TODAY + dt.timedelta(days=due_in),
    )


def test_of_chosen_leads_the_last_one_passed_is_told() -> None:
    catalogue = real_catalogue()
    item = Followed((Subscription("item", "cs-vehicle-inspection", (30, 14, 3)),))
    theme = theme_of_item("cs-vehicle-inspection", catalogue)
    by_theme = Followed((Subscription("theme", theme, (7,)),))

    def lead(due_in: int | None, followed: Followed, standing: Standing = Standing.CAN_DO) -> int | None:
        return lead_reached(entry(due_in, standing), followed, catalogue, TODAY)

    assert [lead(days, item) for days in (31, 30, 15, 14, 4, 3, 0)] == [None, 30, 30, 14, 14, 3, 3]
    assert [lead(days, by_theme) for days in (8, 7)] == [None, 7]
    assert lead(None, item) is None
    assert lead(-1, item) is None, "what is past is told as such, not ahead"
    assert lead(3, Followed()) is None
    assert lead(3, item, Standing.DONE) is None
    aside = replace(entry(3), set_aside=TODAY + dt.timedelta(days=9))
    assert lead_reached(aside, item, catalogue, TODAY) is None


def test_whoever_chose_lead_days_is_told_at_them_too(own_city: Settings, engine: Engine) -> None:
    with reading(engine) as connection:
        rows = connection.execute(select(scope_item.c.id, scope_item.c.owner))
        owners = {row.id: row.owner for row in rows}
    standings = Standings(own_city.standings_path / f"{TODAY}/1")
    frame = pl.concat([standings.read(part, PARTS) for part in range(PARTS)])
    soon = frame.filter(
        pl.col("standing") == "should_do",
        pl.col("due_on").is_between(TODAY, TODAY + dt.timedelta(days=80)),
    ).row(0, named=True)
    subject = owners[soon["scope_item"]]
    with writing(engine) as connection:
        follow(connection, subject, Subscription("item", soon["item"], (90,)), AT)
    difference(own_city, real_catalogue(), AT)
    with reading(engine) as connection:
        mine = select(inbox.c.id).where(inbox.c.subject == subject, inbox.c.item == soon["item"])
        found = connection.execute(mine.where(inbox.c.scope_item == soon["scope_item"])).all()
    assert len(found) == 2, "once because it is due, once at the lead that was chosen"
