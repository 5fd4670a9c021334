"""Invitations keep to the law's days, the operator's limits and the subject's own wishes."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.vocabulary import Delicacy, Nature, Proactive
from models.invitation.planning import default_planning
from models.invitation.propose import Circumstances, Proposal, Proposed, propose
from models.recommendation import Entry, Standing, Urgency
from models.standing.working_days import published_calendar
from tests.models.small_catalogue import catalogue, service

ON = dt.date(2026, 11, 20)
CALENDAR, PLAN = published_calendar(), default_planning()
CATALOGUE = catalogue(
    service("cs-duty", nature=Nature.OBLIGATION),
    service("cs-right", nature=Nature.BENEFIT),
    service("cs-other"),
    service("cs-sensitive", delicacy=Delicacy.SENSITIVE),
    service("cs-searched", proactive=Proactive.SEARCH_ONLY),
    service("cs-page", proactive=Proactive.PAGE),
)


def entry(item: str, standing: Standing = Standing.SHOULD_DO, **more: object) -> Entry:
    given = {"scope_item": "c-1", "label": None, "ready": True, "cycle": "2026", **more}
    return Entry(item=item, standing=standing, **given)  # type: ignore[arg-type]


def proposals(entries: Sequence[Entry], known: Circumstances | None = None) -> tuple[Proposal, ...]:
    return propose("c-1", entries, CATALOGUE, CALENDAR, ON, known or Circumstances())


def days(count: int) -> dt.date:
    return ON + dt.timedelta(days=count)


DUTY = entry("cs-duty", urgency=Urgency.OBLIGATION, opens_on=days(-5), due_on=days(40))


def test_a_duty_is_proposed_on_a_working_day_that_leaves_a_margin() -> None:
    (one,) = proposals([DUTY])
    assert one.reason_code == "obligation_due"
    assert CALENDAR.is_working(one.suggested_on)
    assert CALENDAR.shift(ON, PLAN.notice_working_days) <= one.suggested_on
    assert CALENDAR.shift(one.suggested_on, PLAN.margin_working_days) <= days(40)
    assert "2026年12月30日" in one.reason.text.zh


@pytest.mark.parametrize("item", ["cs-sensitive", "cs-searched", "cs-page"])
def test_what_may_not_be_pushed_or_is_delicate_is_never_proposed(item: str) -> None:
    assert proposals([replace(DUTY, item=item)]) == ()


@pytest.mark.parametrize(
    "standing",
    [Standing.DONE, Standing.IN_PROGRESS, Standing.NEEDS_INFORMATION, Standing.NOT_ELIGIBLE],
)
def test_only_what_is_admitted_or_upcoming_is_proposed(standing: Standing) -> None:
    sure = Circumstances(chances={("c-1", "cs-duty"): 1.0})
    assert proposals([replace(DUTY, standing=standing, urgency=None)], sure) == ()


def test_a_right_without_a_date_is_proposed_to_whoever_is_likely_to_want_it() -> None:
    right = entry("cs-right", Standing.CAN_DO)
    assert proposals([right]) == ()
    assert proposals([right], Circumstances(chances={("c-1", "cs-right"): PLAN.least_chance / 2})) == ()
    (one,) = proposals([right], Circumstances(chances={("c-1", "cs-right"): PLAN.least_chance}))
    assert one.reason_code == "likely_wanted"


def test_an_upcoming_item_is_proposed_for_after_it_opens() -> None:
    (one,) = proposals([entry("cs-right", Standing.UPCOMING, opens_on=days(30))])
    assert one.suggested_on >= days(30)
    assert one.reason_code == "opens_soon"
    assert proposals([entry("cs-right", Standing.UPCOMING, opens_on=days(PLAN.horizon_days + 1))]) == ()


def test_missing_papers_leave_time_to_get_them() -> None:
    (one,) = proposals([replace(DUTY, missing=("m-1",), ready=False)])
    assert one.suggested_on >= CALENDAR.shift(ON, PLAN.paper_working_days)
    (late,) = proposals([replace(DUTY, missing=("m-1",), ready=False, due_on=days(3))])
    assert late.tight
    assert ON <= late.suggested_on <= days(3)


def test_what_is_overdue_is_proposed_soon() -> None:
    (one,) = proposals([replace(DUTY, urgency=Urgency.OVERDUE, due_on=days(-9), opens_on=days(-40))])
    assert one.reason_code == "obligation_overdue"
    assert one.suggested_on > ON


def test_nothing_is_proposed_twice_in_a_cycle_nor_more_than_a_month_holds() -> None:
    before = Proposed("c-1", "cs-duty", "2026", days(-40))
    assert proposals([DUTY], Circumstances(before=(before,))) == ()
    many = [replace(DUTY, scope_item=f"car-{n}") for n in range(9)]
    assert len(proposals(many)) == PLAN.most_a_month
    this_month = replace(before, scope_item="elsewhere", proposed_on=days(-3))
    assert len(proposals(many, Circumstances(before=(this_month,)))) == PLAN.most_a_month - 1


def test_what_the_subject_set_aside_stays_away_but_a_duty_does_not() -> None:
    right = entry("cs-right", urgency=Urgency.LAPSING, due_on=days(20))
    aside = Circumstances(set_aside={("c-1", "cs-right"), ("c-1", "cs-duty")})
    assert [one.item for one in proposals([right, DUTY], aside)] == ["cs-duty"]


def test_the_month_goes_to_duties_first_and_then_to_what_is_likeliest() -> None:
    chances = {("c-1", "cs-right"): 0.3, ("c-1", "cs-other"): 0.9}
    entries = [entry("cs-right", Standing.CAN_DO), entry("cs-other", Standing.CAN_DO), DUTY]
    order = [one.item for one in proposals(entries, Circumstances(chances=chances))]
    assert order == ["cs-duty", "cs-other", "cs-right"]


class Busy:
    """Offices that are full on all days but a few."""

    def __init__(self, quiet: set[dt.date]) -> None:
        self.quiet = quiet

    def load(self, item: str, day: dt.date) -> float | None:
        return 0.4 if day in self.quiet else 1.3


def test_a_quiet_day_is_preferred() -> None:
    quiet = CALENDAR.shift(ON, 8)
    (one,) = proposals([DUTY], Circumstances(load=Busy({quiet})))
    assert one.suggested_on == quiet


def test_many_subjects_are_spread_evenly_over_the_days_there_are() -> None:
    found = Counter(propose(f"c-{n}", [DUTY], CATALOGUE, CALENDAR, ON)[0].suggested_on for n in range(3000))
    assert len(found) == PLAN.spread_working_days + 1
    assert max(found.values()) < 1.35 * 3000 / len(found)


def test_a_chance_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        proposals([DUTY], Circumstances(chances={("c-1", "cs-duty"): 1.2}))


entries = st.builds(
    entry,
    item=st.sampled_from(["cs-duty", "cs-right", "cs-other"]),
    standing=st.sampled_from(list(Standing)),
    scope_item=st.sampled_from(["c-1", "car-1", "car-2"]),
    urgency=st.sampled_from([None, *Urgency]),
    opens_on=st.none() | st.integers(-60, 90).map(days),
    due_on=st.none() | st.integers(-60, 120).map(days),
    missing=st.sampled_from([(), ("m-1",)]),
)


@given(st.lists(entries, max_size=8), st.floats(0, 1), st.integers(0, 2))
def test_laws_of_every_proposal(found: list[Entry], chance: float, before: int) -> None:
    chances = {(one.scope_item, one.item): chance for one in found}
    earlier = tuple(Proposed("c-9", "cs-duty", str(n), ON) for n in range(before))
    made = proposals(found, Circumstances(chances, earlier))
    assert len(made) <= PLAN.most_a_month - before
    assert len({(one.scope_item, one.item, one.cycle) for one in made}) == len(made)
    assert made == proposals(list(reversed(found)), Circumstances(chances, earlier)) or len(
        {(one.scope_item, one.item, one.cycle) for one in found}
    ) < len(found)
    for one in made:
        assert CALENDAR.is_working(one.suggested_on)
        assert one.suggested_on >= ON
        matching = [
            e for e in found if (e.scope_item, e.item, e.due_on) == (one.scope_item, one.item, one.due_on)
        ]
        assert matching
        if one.reason_code == "opens_soon":
            assert any(e.opens_on and e.opens_on <= one.suggested_on for e in matching)
