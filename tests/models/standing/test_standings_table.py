"""Standings as rows of the standings file."""

from __future__ import annotations

import datetime as dt

from catalog.vocabulary import Nature
from models.eligibility.rule_book import RuleBook
from models.standing.standing import stand
from models.standing.standings_table import COLUMNS, standings_table
from models.standing.working_days import published_calendar
from tests.models.small_catalogue import ON, catalogue, paper, profile, scope_item, service

KNOWN = catalogue(
    service("report", deadline="annual(11-01..11-30)", nature=Nature.OBLIGATION, evidence=("proof",)),
    service("claim"),
    paper("proof"),
)


def test_every_entry_is_a_row_in_the_order_given() -> None:
    who = profile(scope_item())
    entries = stand(who, KNOWN, RuleBook(KNOWN).judge(who, ON), published_calendar())
    table = standings_table([(id, entry) for id in ("s", "t") for entry in entries], KNOWN.version, ON)
    assert dict(table.schema) == dict(COLUMNS)
    assert table.height == 2 * len(entries)
    assert table["rank"].to_list() == [*range(1, len(entries) + 1)] * 2
    row = table.rows(named=True)[1]
    assert row == {
        "subject": "s",
        "scope_item": "s",
        "item": "report",
        "cycle": "2026",
        "standing": "should_do",
        "ready": False,
        "opens_on": dt.date(2026, 11, 1),
        "due_on": dt.date(2026, 11, 30),
        "rank": 2,
        "reason_code": "obligation_due",
        "missing": ["proof"],
        "catalogue_version": "test",
        "as_of": ON,
    }


def test_nobody_has_a_table_too() -> None:
    assert dict(standings_table([], "test", ON).schema) == dict(COLUMNS)
