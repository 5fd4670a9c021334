"""What items are made of is counted by slate and month, of those who let it be, and of ten at least."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

import catalog
from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from catalog.vocabulary import SubjectKind
from models.feedback.chance import Exposure
from models.feedback.quality import RatingCount
from privacy.gate import needs_for
from privacy.policy_file import default_policy
from records.database import reading, writing
from records.item_feedback import ItemFeedback, item_feedback
from records.tables import consent, interaction, rating, scope_item, subject

AT = dt.datetime(2026, 11, 20, 4, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
TOLD = ("interactions", "ratings")


@pytest.fixture(scope="module")
def real() -> Catalogue:
    return load_catalogue(Path(catalog.__file__).parent / "data")


@pytest.fixture(scope="module")
def item(real: Catalogue) -> str:
    needs = needs_for(real, default_policy(), SubjectKind.CITIZEN, "aggregate").interactions_with
    return min(id_ for id_, need in needs.items() if need == {"interactions"})


def people(engine: Engine, count: int, targets: tuple[str, ...] = TOLD) -> list[str]:
    ids = [f"{''.join(t[0] for t in targets) or 'n'}{n:02}" for n in range(count)]
    given = {"purpose": "aggregate", "granted_at": AT - 300 * DAY, "text_version": "1"}
    said = [{"subject": id_, "target": target, **given} for id_ in ids for target in targets]
    with writing(engine) as connection:
        connection.execute(insert(subject), [{"id": id_, "kind": "citizen"} for id_ in ids])
        connection.execute(insert(scope_item), [{"id": id_, "scope": "self", "owner": id_} for id_ in ids])
        if said:
            connection.execute(insert(consent), said)
    return ids


def act(
    engine: Engine, of: list[str], kind: str, item: str, slate: str = "s", at: dt.datetime = AT - DAY
) -> None:
    rows = [
        {"client_id": f"{who}{kind}{slate}", "subject": who, "item": item, "kind": kind, "at": at}
        | {"slate": f"{who}{slate}"}
        for who in of
    ]
    with writing(engine) as connection:
        connection.execute(insert(interaction), rows)


def rate(engine: Engine, of: list[str], score: int, item: str, at: dt.datetime) -> None:
    rows = [{"subject": who, "item": item, "score": score, "source": "online", "at": at} for who in of]
    with writing(engine) as connection:
        connection.execute(insert(rating), rows)


def feedback(engine: Engine, real: Catalogue) -> ItemFeedback:
    with reading(engine) as connection:
        return item_feedback(connection, real, AT - 180 * DAY, AT)


def test_items_are_counted_by_slate(engine: Engine, real: Catalogue, item: str) -> None:
    known = people(engine, 25)
    act(engine, known, "impression", item)
    act(engine, known, "impression", item, "again")
    act(engine, known[:11], "click", item)
    act(engine, known[:11], "start", item)
    act(engine, known[:5], "click", item, "never-shown")
    act(engine, known, "impression", item, "old", AT - 400 * DAY)
    assert feedback(engine, real).exposures == {item: Exposure(50, 10)}


@pytest.mark.parametrize("takers", [3, 22])
def test_few_takers_and_few_others_are_not_told(
    engine: Engine, real: Catalogue, item: str, takers: int
) -> None:
    known = people(engine, 25)
    act(engine, known, "impression", item)
    act(engine, known[:takers], "click", item)
    assert feedback(engine, real).exposures == {item: Exposure(20, None)}


def test_what_few_were_shown_is_not_told_however_often(engine: Engine, real: Catalogue, item: str) -> None:
    known = people(engine, 9)
    for slate in "abc":
        act(engine, known, "impression", item, slate)
    assert feedback(engine, real).exposures == {}


def test_ratings_are_counted_by_month_in_whole_tens_of_people(
    engine: Engine, real: Catalogue, item: str
) -> None:
    october, november = (dt.datetime(2026, month, 5, 4, tzinfo=dt.UTC) for month in (10, 11))
    known = people(engine, 14)
    rate(engine, known[:1], 1, item, october - 60 * DAY)
    rate(engine, known[:8], 5, item, october)
    rate(engine, known[8:], 2, item, november)
    assert feedback(engine, real).ratings == (
        RatingCount(item, 5, dt.date(2026, 10, 1), 8),
        RatingCount(item, 2, dt.date(2026, 11, 1), 2),
    )


def test_ratings_of_few_are_not_told(engine: Engine, real: Catalogue, item: str) -> None:
    rate(engine, people(engine, 9), 1, item, AT - DAY)
    assert feedback(engine, real).ratings == ()


def test_who_did_not_let_statistics_be_made_changes_none(engine: Engine, real: Catalogue, item: str) -> None:
    known = people(engine, 20)
    act(engine, known, "impression", item)
    rate(engine, known, 4, item, AT - DAY)
    before = feedback(engine, real)
    for targets in ((), ("interactions",), ("ratings",)):
        others = people(engine, 30, targets)
        if "interactions" not in targets:
            act(engine, others, "impression", item)
        if "ratings" not in targets:
            rate(engine, others, 1, item, AT - DAY)
    assert feedback(engine, real) == before
    assert before.exposures[item].shown == 20
    assert sum(one.ratings for one in before.ratings) == 20
