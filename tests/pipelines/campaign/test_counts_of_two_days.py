"""Counts of two days tell of nobody who came or went between them: an audience's, and a campaign's funnel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from catalog.vocabulary import Names, SubjectKind
from records.audience_previews import ask_preview, preview_with_id
from records.campaigns import Draft, approve_campaign, campaign_with_id, draft_campaign, release_stage
from records.database import engine_for, reading, writing
from records.tables import campaign_member, case, consent
from tests.pipelines.campaign.asked import AT, OLD, TARGETS, YOUNG, consenting_town, work
from tests.pipelines.catalogue_change.town import SAID, Person, Town

WOMEN = "sex = 'female'"
DAY = dt.timedelta(days=1)
WITHHELD = frozenset(f"c{n}" for n in range(20))


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Of 240 women of whom 220 may be counted, half of them old, and sixty men."""
    people = [Person(f"c{n}", OLD if n % 2 else YOUNG, sex="female") for n in range(240)]
    people += [Person(f"d{n}", YOUNG, sex="male") for n in range(60)]
    return consenting_town(tmp_path, people, WITHHELD)


@pytest.fixture
def engine(town: Town) -> Iterator[Engine]:
    made = engine_for(town.settings.records_url)
    yield made
    made.dispose()


def let_be_counted(engine: Engine, subjects: Iterable[str]) -> None:
    given = {"granted_at": SAID, "text_version": "1"}
    rows = [
        {"subject": one, "purpose": purpose, "target": target, **given}
        for one in subjects
        for purpose in ("remind", "aggregate")
        for target in TARGETS
    ]
    with writing(engine) as connection:
        connection.execute(insert(consent), rows)


def preview(town: Town, engine: Engine, at: dt.datetime) -> int | None:
    """How many women an operator is told of who asks on a day."""
    with writing(engine) as connection:
        asked = ask_preview(connection, SubjectKind.CITIZEN, WOMEN, "ann", at)
    work(town, at)
    with reading(engine) as connection:
        return preview_with_id(connection, asked.id).reached


@pytest.mark.parametrize(("more", "figure"), [(1, 220), (9, 220), (19, 220), (20, 240)])
def test_a_few_who_join_an_audience_change_no_count(
    town: Town, engine: Engine, more: int, figure: int
) -> None:
    assert preview(town, engine, AT) == 220
    let_be_counted(engine, sorted(WITHHELD)[:more])
    assert preview(town, engine, AT + DAY) == figure


def test_a_few_who_leave_an_audience_change_no_count(town: Town, engine: Engine) -> None:
    let_be_counted(engine, sorted(WITHHELD)[:1])
    assert preview(town, engine, AT) == 220, "221 women"
    for gone in range(20, 22):
        with writing(engine) as connection:
            theirs = update(consent).where(consent.c.subject == f"c{gone}")
            connection.execute(theirs.values(withdrawn_at=SAID))
        assert preview(town, engine, AT + gone * DAY) == 220, "220, then 219"


def test_a_few_who_complete_between_two_counts_change_no_figure(town: Town, engine: Engine) -> None:
    id_ = sent_to_all(town, engine)
    with reading(engine) as connection:
        told = sorted(connection.execute(select(campaign_member.c.subject)).scalars())
    complete(engine, told[:35])
    first = funnel(town, engine, id_, AT + 2 * DAY)
    assert first["arms"]["told"]["completed"] == 30
    complete(engine, told[35:44])
    assert funnel(town, engine, id_, AT + 3 * DAY) == first, "44 have"
    complete(engine, told[44:50])
    assert funnel(town, engine, id_, AT + 4 * DAY)["arms"]["told"]["completed"] == 50


def sent_to_all(town: Town, engine: Engine) -> str:
    """A campaign to the women of whom the card is not known to be out of reach, sent whole."""
    names, reason = Names("敬老卡", "Senior card"), Names("您可能用得上", "You may find it useful")
    draft = Draft(
        kind=SubjectKind.CITIZEN,
        item="senior-card",
        audience=WOMEN,
        names=names,
        reason=reason,
        stages=(1.0,),
    )
    preview(town, engine, AT)
    with writing(engine) as connection:
        id_ = draft_campaign(connection, draft, "ann", AT).id
        approve_campaign(connection, id_, "bob", AT)
        release_stage(connection, id_, 1)
    work(town, AT)
    return id_


def complete(engine: Engine, people: Iterable[str]) -> None:
    """Have them complete what the campaign is about, on the day after it was sent."""
    at = AT + DAY
    row = {"item": "senior-card", "cycle": "once", "status": "succeeded", "opened_at": at, "closed_at": at}
    with writing(engine) as connection:
        connection.execute(insert(case), [{**row, "id": f"k-{one}", "scope_item": one} for one in people])


def funnel(town: Town, engine: Engine, campaign: str, at: dt.datetime) -> dict[str, Any]:
    work(town, at)
    with reading(engine) as connection:
        found = campaign_with_id(connection, campaign).funnel
    assert found is not None
    return dict(found)
