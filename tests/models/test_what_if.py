"""Two pages compared: whatever differs is told once, with what makes it differ."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from models.eligibility.rule_book import RuleBook
from models.homepage.what_if import Change, compare, entries_of
from models.recommendation import Entry, EventProgress, Homepage, Standing, Urgency
from privacy.supposition import suppose
from tests.personas_reading import Persona
from tests.personas_world import Day, day_of, everybody, named, real_catalogue

each_persona = pytest.mark.parametrize("persona", everybody(), ids=named)
JUDGE = RuleBook(real_catalogue())
LATER = dt.timedelta(days=40)


def on_another_day(day: Day, later: dt.timedelta) -> Day:
    return replace(day, judgement=JUDGE.judge(day.profile, day.judgement.on + later))


def page(*entries: Entry, events: tuple[EventProgress, ...] = ()) -> Homepage:
    whole = day_of(everybody()[0]).homepage
    empty = dict.fromkeys(("can_do", "upcoming", "needs_information", "in_progress", "done", "themes"), ())
    return replace(whole, **empty, should_do=entries, events=events)


def entry(cycle: str = "once", **more: object) -> Entry:
    values = {"item": "i", "scope_item": "s", "label": None, "standing": Standing.SHOULD_DO, "ready": False}
    return Entry(**{**values, "cycle": cycle, **more})  # type: ignore[arg-type]


def once(*changes: Change[Entry]) -> list[tuple[Entry | None, Entry | None, str]]:
    return [(change.before, change.after, change.cause) for change in changes]


@each_persona
def test_a_page_does_not_differ_from_itself(persona: Persona) -> None:
    same = day_of(persona).homepage
    found = compare(same, same, same)
    assert not found.entries and not found.events


@each_persona
def test_what_only_time_changes_is_called_the_work_of_time(persona: Persona) -> None:
    day = day_of(persona)
    then = on_another_day(day, LATER).homepage
    found = compare(day.homepage, then, then)
    assert {change.cause for change in (*found.entries, *found.events)} <= {"time"}


@each_persona
def test_the_changes_lead_from_one_page_to_the_other(persona: Persona) -> None:
    """Every line of either page is in exactly one change, or the same on both."""
    day = day_of(persona)
    now = day.homepage
    asked = replace(day, profile=suppose(day.profile, {persona.id: _otherwise(persona)}))
    supposed = on_another_day(asked, dt.timedelta(0)).homepage
    found = compare(now, now, supposed)
    assert {change.cause for change in (*found.entries, *found.events)} <= {"supposition"}
    gone = [change.before for change in found.entries if change.before is not None]
    come = [change.after for change in found.entries if change.after is not None]
    assert len(set(gone)) == len(gone) and len(set(come)) == len(come)
    kept = [line for line in entries_of(now) if line not in gone]
    assert sorted((line.item, line.scope_item, line.cycle) for line in (*kept, *come)) == sorted(
        (line.item, line.scope_item, line.cycle) for line in entries_of(supposed)
    )


def _otherwise(persona: Persona) -> dict[str, object]:
    """Something that matters to most: unemployed, or of another size."""
    if persona.subject == "citizen":
        return {"employment_status": "unemployed", "hukou_province": "BJ", "is_renting": True}
    return {"employees_count": 400.0, "taxpayer_type": "general", "plans_deregistration": True}


def test_a_window_that_moved_is_one_line_still() -> None:
    old = entry("once:2026-01-01", due_on=dt.date(2026, 2, 1), urgency=Urgency.OVERDUE)
    new = entry("once:2026-12-01", due_on=dt.date(2027, 1, 1), urgency=Urgency.OBLIGATION)
    (change,) = compare(page(old), page(old), page(new)).entries
    assert (change.before, change.after) == (old, new)
    assert change.fields == ("urgency", "due_on")


def test_what_one_year_owes_is_not_what_the_next_one_asks() -> None:
    owed, asked = entry("2025", urgency=Urgency.OVERDUE), entry("2026", urgency=Urgency.OBLIGATION)
    found = compare(page(owed), page(asked), page(asked)).entries
    assert once(*found) == [(None, asked, "time"), (owed, None, "time")]


def test_a_right_whose_round_comes_again_is_one_line_still() -> None:
    this, following = entry("2026", standing=Standing.CAN_DO), entry("2027", standing=Standing.UPCOMING)
    (change,) = compare(page(this), page(this), page(following)).entries
    assert (change.before, change.after, change.cause) == (this, following, "supposition")


def test_of_two_cycles_each_meets_its_own() -> None:
    late, open_ = entry("2026-10", urgency=Urgency.OVERDUE), entry("2026-11")
    ready = replace(open_, ready=True)
    (change,) = compare(page(late, open_), page(late, open_), page(ready, late)).entries
    assert (change.before, change.after, change.fields) == (open_, ready, ("ready",))


def test_what_time_alone_would_have_done_less_is_the_supposition_s() -> None:
    """A line that time changes one way and the supposition another is not the work of time."""
    now, then, supposed = entry(due_on=dt.date(2026, 1, 1)), entry(), entry(due_on=dt.date(2026, 3, 1))
    (change,) = compare(page(now), page(then), page(supposed)).entries
    assert change.cause == "supposition"
    (alone,) = compare(page(now), page(then), page(then)).entries
    assert alone.cause == "time"


def test_pages_of_two_subjects_or_days_are_not_compared() -> None:
    mine = page(entry())
    for other in (replace(mine, subject="somebody"), replace(mine, on=mine.on + LATER)):
        with pytest.raises(ValueError, match="one subject"):
            compare(mine, mine, other)
