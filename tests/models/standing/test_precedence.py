"""The order of standings and what each of them promises, over every kind of item, verdict and date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.vocabulary import Nature
from features.schema import ABSENT, Case, CaseStatus, Value
from models.recommendation import Entry, Standing, Urgency, Verdict
from models.standing.standing import stand
from models.standing.working_days import published_calendar
from tests.models.small_catalogue import case, catalogue, held, paper, profile, scope_item, service

CALENDAR = published_calendar()
HORIZON = dt.timedelta(days=180)
RULES = st.sampled_from(
    [
        None,
        "within(anchor,+1M)",
        "before(anchor)",
        "before(anchor,-30D)",
        "window(anchor,-3M,+0D)",
        "annual(01-01..06-30)",
        "annual(01-01..12-31)",
        "monthly(1..15)",
        "quarterly(+15D)",
        "recurring(anchor,12M,-1M,+0D)",
    ]
)
DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2027, 12, 31))
STATUSES: st.SearchStrategy[CaseStatus] = st.sampled_from(
    ["open", "succeeded", "failed", "withdrawn", "self_declared"]
)


@dataclass(frozen=True)
class Said:
    """A judgement that says of the one item what the test tells it to."""

    on: dt.date
    verdict: Verdict
    anchor: Value | None
    turns_on: dt.date | None
    then: Verdict

    def verdicts(self, scope_item: str) -> Mapping[str, Verdict]:
        return {"item": self.verdict}

    def value(self, scope_item: str, attribute: str) -> Value | None:
        return self.anchor

    def unknown(self, scope_item: str, item: str) -> tuple[str, ...]:
        return ("income",)

    def eligible_from(self, scope_item: str, item: str, until: dt.date) -> dt.date | None:
        return self.turns_on if self.turns_on and self.on < self.turns_on <= until else None

    def verdict_on(self, scope_item: str, item: str, on: dt.date) -> Verdict:
        return self.then


@st.composite
def judgements(draw: st.DrawFn) -> Said:
    return Said(
        on=draw(DAYS),
        verdict=draw(st.sampled_from(Verdict)),
        anchor=draw(DAYS | st.none() | st.just(ABSENT)),
        turns_on=draw(DAYS | st.none()),
        then=draw(st.sampled_from(Verdict)),
    )


def entries(nature: Nature, rule: str | None, said: Said, cases: tuple[Case, ...] = ()) -> tuple[Entry, ...]:
    item = service("item", deadline=rule, nature=nature, evidence=("proof",))
    subject = replace(scope_item(), cases=cases)
    return stand(profile(subject), catalogue(item, paper("proof")), said, CALENDAR, with_refused=True)


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(Nature), RULES, judgements(), st.lists(STATUSES, max_size=3))
def test_every_entry_keeps_what_its_standing_promises(
    nature: Nature, rule: str | None, said: Said, statuses: list[CaseStatus]
) -> None:
    cycles = [entry.cycle for entry in entries(nature, rule, said)]
    cases = tuple(case("item", status, cycles[0] if cycles else "once") for status in statuses)
    found = entries(nature, rule, said, cases)
    assert len({entry.cycle for entry in found}) == len(found)
    for entry in found:
        here = {c.status for c in cases if c.cycle == entry.cycle}
        check_case(entry, here, bool("open" in statuses))
        check_dates(entry, nature, said)
        check_verdict(entry, said)


def check_case(entry: Entry, here: set[str], open_somewhere: bool) -> None:
    """Done comes before in progress, and both before whatever the rules say."""
    finished = bool(here & {"succeeded", "self_declared"})
    assert (entry.standing is Standing.DONE) is finished
    if not finished and "open" in here:
        assert entry.standing is Standing.IN_PROGRESS
    if entry.standing is Standing.IN_PROGRESS:
        assert open_somewhere and not finished


def check_dates(entry: Entry, nature: Nature, said: Said) -> None:
    match entry.urgency:
        case Urgency.OVERDUE:
            assert nature is Nature.OBLIGATION and entry.due_on and entry.due_on < said.on
        case Urgency.OBLIGATION:
            assert nature is Nature.OBLIGATION and entry.opens_on and entry.due_on
            assert entry.opens_on <= said.on <= entry.due_on
        case Urgency.PROMPTLY:
            assert nature is Nature.OBLIGATION and entry.due_on is None
        case Urgency.LAPSING:
            assert nature is not Nature.OBLIGATION and entry.due_on
            assert said.on <= entry.due_on <= said.on + dt.timedelta(days=30)
        case None:
            assert entry.standing is not Standing.SHOULD_DO
    if entry.standing is Standing.UPCOMING:
        assert entry.opens_on and said.on < entry.opens_on <= said.on + HORIZON
    if entry.standing is Standing.CAN_DO:
        assert nature is not Nature.OBLIGATION
        assert entry.due_on is None or entry.due_on > said.on


def check_verdict(entry: Entry, said: Said) -> None:
    if entry.standing in (Standing.SHOULD_DO, Standing.CAN_DO):
        assert said.verdict is Verdict.TRUE
        assert entry.ready is (not entry.missing)
    else:
        assert not entry.ready
    if entry.standing is Standing.UPCOMING:
        assert said.verdict is Verdict.TRUE or (said.verdict is Verdict.FALSE and said.turns_on)
    if entry.standing is Standing.NEEDS_INFORMATION:
        assert said.verdict is Verdict.UNKNOWN or said.anchor is None or long_silent(entry, said)
        assert entry.unknown or long_silent(entry, said)
    assert entry.reasons and all(each.text.zh and each.text.en for each in entry.reasons)
    assert not any("{" in each.text.zh + each.text.en for each in entry.reasons)


def long_silent(entry: Entry, said: Said) -> bool:
    """Long due, and nothing on record that would tell whether it was done."""
    return entry.due_on is not None and said.on - entry.due_on > dt.timedelta(days=365)


@settings(deadline=None, max_examples=300)
@given(RULES, judgements())
def test_no_obligation_that_binds_is_ever_left_out(rule: str | None, said: Said) -> None:
    said = replace(said, verdict=Verdict.TRUE, then=Verdict.TRUE)
    for entry in entries(Nature.OBLIGATION, rule, said):
        if entry.standing is Standing.NOT_ELIGIBLE:
            not_begun = said.anchor is ABSENT
            far_off = entry.opens_on is not None and entry.opens_on > said.on + HORIZON
            assert not_begun or far_off
    assert entries(Nature.OBLIGATION, rule, said)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(Nature), RULES, judgements())
def test_the_page_shows_what_the_whole_answer_holds(nature: Nature, rule: str | None, said: Said) -> None:
    item = service("item", deadline=rule, nature=nature, evidence=("proof",))
    subject = replace(scope_item(), evidence=(held("proof"),))
    known = catalogue(item, paper("proof"))
    every = stand(profile(subject), known, said, CALENDAR, with_refused=True)
    shown = stand(profile(subject), known, said, CALENDAR)
    assert shown == tuple(e for e in every if e.standing is not Standing.NOT_ELIGIBLE)
    assert all(entry.ready for entry in shown if entry.standing in (Standing.SHOULD_DO, Standing.CAN_DO))
