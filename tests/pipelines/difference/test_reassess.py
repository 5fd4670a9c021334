"""One subject judged afresh is told what the city run would tell, and what changed since at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, select

from models.standing.windows import ONCE
from pipelines.difference.reassess import Reassessor, reassessor
from pipelines.difference.run import difference, had_in, latest_standings
from records.database import open_records, reading, writing
from records.inbox import told
from records.settings import Settings
from records.subjects import UnknownSubject
from records.tables import case, inbox
from records.tables import subject as subjects
from tests.scored_city import TODAY, morning, real_catalogue, scored

AT = morning(TODAY)


@pytest.fixture
def engine(own_city: Settings) -> Iterator[Engine]:
    difference(own_city, real_catalogue(), AT)
    engine = open_records(own_city)
    yield engine
    engine.dispose()


@pytest.fixture
def again(own_city: Settings, engine: Engine) -> Reassessor:
    had = had_in(latest_standings(own_city))
    return reassessor(own_city, real_catalogue(), engine, lambda: AT, had)


def everybody(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.execute(select(subjects.c.id)).scalars())


def somebody_with(engine: Engine, code: str) -> tuple[str, str, str, str]:
    """Whom something of a reason was told: subject, scope item, item, cycle."""
    i = inbox.c
    wanted = select(i.subject, i.scope_item, i.item, i.cycle).where(i.reason_code == code, i.cycle == ONCE)
    with reading(engine) as connection:
        row = connection.execute(wanted.order_by(i.id)).first()
        if row is None:
            wanted = select(i.subject, i.scope_item, i.item, i.cycle).where(i.reason_code == code)
            row = connection.execute(wanted.order_by(i.id)).first()
    assert row is not None
    return row.subject, row.scope_item, row.item, row.cycle


def test_after_the_city_was_told_nobody_is_told_anything_new(again: Reassessor, engine: Engine) -> None:
    for subject in everybody(engine):
        report = again.reassess(engine, subject, AT, TODAY)
        assert not report.changed, (subject, report)


def test_what_is_done_is_closed_at_once_and_not_told_again(
    own_city: Settings, again: Reassessor, engine: Engine
) -> None:
    subject, scope_item, item, cycle = somebody_with(engine, "obligation_due")
    later = AT + dt.timedelta(hours=2)
    row = {"id": "now-done", "scope_item": scope_item, "item": item, "cycle": cycle, "channel": "online"}
    with writing(engine) as connection:
        connection.execute(case.insert().values(**row, status="succeeded", opened_at=AT, closed_at=later))
    first = again.reassess(engine, subject, later, TODAY)
    second = again.reassess(engine, subject, later, TODAY)
    assert not second.changed
    with reading(engine) as connection:
        messages = [one for one in told(connection, subject, closed=True) if one.message.item == item]
    mine = [one for one in messages if one.message.cycle == cycle]
    may_be_known = first.done == 1
    assert [one.closed_because for one in mine] == (["done"] if may_be_known else [None])
    # The next city run agrees, and tells nothing of it again.
    scored(own_city, TODAY, again=True)
    difference(own_city, real_catalogue(), later)
    with reading(engine) as connection:
        after = [one for one in told(connection, subject, closed=True) if one.message.item == item]
    assert [(one.id, one.closed_because) for one in after] == [(o.id, o.closed_because) for o in messages]


def test_a_file_older_than_the_records_is_not_told_from(own_city: Settings) -> None:
    """What was done between scoring and telling is seen, as far as reminders may know it."""
    from pipelines.score.standings_store import Standings
    from records.touched import touched_since

    engine = open_records(own_city)
    frame = Standings(own_city.standings_path / f"{TODAY}/1").read(0, 3)
    due = frame.filter(reason_code="obligation_due").row(0, named=True)
    row = {name: due[name] for name in ("scope_item", "item", "cycle")}
    since = AT + dt.timedelta(hours=1)
    with writing(engine) as connection:
        connection.execute(
            case.insert().values(id="between", channel="hall", status="open", opened_at=since, **row)
        )
    with reading(engine) as connection:
        touched = touched_since(connection, frame["subject"].unique(), AT)
    assert touched == {due["subject"]}
    difference(own_city, real_catalogue(), since)
    had = had_in(latest_standings(own_city))
    one = reassessor(own_city, real_catalogue(), engine, lambda: since, had)
    assert not one.reassess(engine, due["subject"], since, TODAY).changed, "told afresh already"
    engine.dispose()


def test_nobody_is_refused_by_name(again: Reassessor, engine: Engine) -> None:
    with pytest.raises(UnknownSubject):
        again.reassess(engine, "c-nobody", AT, TODAY)
