"""Deadlines as written become rules; what no calendar can keep is refused."""

from __future__ import annotations

import pytest

from catalog.deadline import anchor_of, parse_deadline
from catalog.duty import (
    Annual,
    AroundAnchor,
    Before,
    DeadlineRule,
    Monthly,
    Offset,
    Quarterly,
    Recurring,
    Within,
)
from catalog.faults import WordingError


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("within(hired,+1M)", Within("hired", Offset(1, "M"))),
        ("within(arrival,+24H)", Within("arrival", Offset(24, "H"))),
        ("before(burial)", Before("burial")),
        ("before(expiry,-30WD)", Before("expiry", Offset(-30, "WD"))),
        ("window(expiry,-90WD,-15WD)", AroundAnchor("expiry", Offset(-90, "WD"), Offset(-15, "WD"))),
        ("window(born,+0D,+3Y)", AroundAnchor("born", Offset(0, "D"), Offset(3, "Y"))),
        ("annual(01-01..06-30)", Annual((("01-01", "06-30"),))),
        ("annual(12-01..12-31;01-01..02-10)", Annual((("12-01", "12-31"), ("01-01", "02-10")))),
        ("monthly(1..15)", Monthly(1, 15)),
        ("quarterly(+15D)", Quarterly(15)),
        (
            "recurring(checked,12M,-1M,+0D)",
            Recurring("checked", Offset(12, "M"), Offset(-1, "M"), Offset(0, "D")),
        ),
    ],
)
def test_each_form_is_read(text: str, rule: DeadlineRule) -> None:
    assert parse_deadline(text) == rule


def test_the_anchor_is_told_where_there_is_one() -> None:
    assert anchor_of(parse_deadline("before(burial)")) == "burial"
    assert anchor_of(parse_deadline("monthly(1..15)")) is None


@pytest.mark.parametrize(
    "text",
    [
        *("none", "within(hired)", "within(hired,1 month)", "within(Hired!,+1M)", "within(hired,-1M)"),
        *("within(hired,+0D)", "before(expiry,+30D)", "window(expiry,-15D,-90D)", "window(expiry,+1M,+20D)"),
        *("annual(02-29..03-31)", "annual(04-31..05-31)", "annual(13-01..13-02)", "annual(06-30..01-01)"),
        *("annual(01-01)", "monthly(15..1)", "monthly(0..5)", "monthly(1..32)", "monthly(a..b)"),
        *("quarterly(+1M)", "quarterly(15)", "recurring(checked,0M,-1M,+0D)", "yearly(01-01..06-30)"),
    ],
)
def test_what_no_calendar_can_keep_is_refused(text: str) -> None:
    with pytest.raises(WordingError) as raised:
        parse_deadline(text)
    assert raised.value.remedy
