"""Cases are counted by item over a window, of those who let them be; too few of them are not told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

import catalog
from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from catalog.vocabulary import SubjectKind
from privacy.aggregates import SMALLEST
from privacy.gate import needs_for
from privacy.policy_file import default_policy
from records.case_counts import cases_opened
from records.database import reading, writing
from records.tables import case, consent, scope_item, subject

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def real() -> Catalogue:
    return load_catalogue(Path(catalog.__file__).parent / "data")


def people(engine: Engine, count: int, yes: bool = True) -> list[str]:
    """So many citizens, and whether they said yes to statistics of their ordinary papers."""
    ids = [f"{'y' if yes else 'n'}{n}" for n in range(count)]
    with writing(engine) as connection:
        connection.execute(insert(subject), [{"id": id_, "kind": "citizen"} for id_ in ids])
        connection.execute(insert(scope_item), [{"id": id_, "scope": "self", "owner": id_} for id_ in ids])
        if yes:
            said = {"purpose": "aggregate", "target": "evidence:ordinary", "text_version": "1"}
            given = NOON - 500 * DAY
            connection.execute(
                insert(consent), [{"subject": id_, "granted_at": given, **said} for id_ in ids]
            )
    return ids


def cases(engine: Engine, of: list[str], item: str, at: dt.datetime) -> None:
    run = {"item": item, "cycle": "once", "status": "open", "opened_at": at}
    with writing(engine) as connection:
        rows = [{"id": f"{item}-{who}-{at:%Y%m%d}", "scope_item": who, **run} for who in of]
        connection.execute(insert(case), rows)


def counted(engine: Engine, real: Catalogue) -> dict[str, int]:
    with reading(engine) as connection:
        return cases_opened(connection, real, NOON - 365 * DAY, NOON)


def ordinary(real: Catalogue) -> list[str]:
    """Items whose cases need no more than that yes."""
    needs = needs_for(real, default_policy(), SubjectKind.CITIZEN, "aggregate").cases
    return sorted(id_ for id_, need in needs.items() if need == {"evidence:ordinary"})


def test_cases_of_the_window_are_counted_and_few_are_left_out(engine: Engine, real: Catalogue) -> None:
    often, just, seldom, long_ago, to_come, *_ = ordinary(real)
    known = people(engine, 2 * SMALLEST)
    cases(engine, known[: SMALLEST + 4], often, NOON - DAY)
    cases(engine, known[:SMALLEST], just, NOON)
    cases(engine, known[: SMALLEST - 1], seldom, NOON - DAY)
    cases(engine, known, long_ago, NOON - 400 * DAY)
    cases(engine, known, to_come, NOON + DAY)
    assert counted(engine, real) == {often: SMALLEST, just: SMALLEST}


def test_many_cases_of_a_few_people_are_not_told(engine: Engine, real: Catalogue) -> None:
    often, *_ = ordinary(real)
    few = people(engine, SMALLEST - 1)
    for day in range(1, 6):
        cases(engine, few, often, NOON - day * DAY)
    assert counted(engine, real) == {}


def test_who_did_not_let_statistics_be_made_changes_none(engine: Engine, real: Catalogue) -> None:
    often, *_ = ordinary(real)
    cases(engine, people(engine, SMALLEST), often, NOON - DAY)
    before = counted(engine, real)
    cases(engine, people(engine, 5 * SMALLEST, yes=False), often, NOON - DAY)
    assert counted(engine, real) == before == {often: SMALLEST}
