"""Consents as events: the last word counts, and a refusal wins a tie."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from privacy.consent import Consent, granted, granted_pairs, granted_targets
from tests.privacy.as_columns import consents_as_columns

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
days = st.integers(0, 6).map(lambda n: START + n * dt.timedelta(days=1))
consents = st.lists(
    st.builds(
        Consent,
        subject=st.just("c1"),
        purpose=st.sampled_from(["assess", "rank"]),
        target=st.sampled_from(["interactions", "attributes:health"]),
        granted_at=days,
        withdrawn_at=st.none() | days,
        text_version=st.just("v1"),
    ),
    max_size=8,
)


def _by_replay(said: list[Consent], purpose: str, target: str, at: dt.datetime) -> bool:
    """Plays what was said in order; at one instant, the yes before the no."""
    words = [(c.granted_at, 0, True) for c in said if (c.purpose, c.target) == (purpose, target)]
    words += [
        (c.withdrawn_at, 1, False)
        for c in said
        if (c.purpose, c.target) == (purpose, target) and c.withdrawn_at is not None
    ]
    last = [yes for time, _, yes in sorted(words) if time <= at]
    return bool(last) and last[-1]


@given(consents, st.sampled_from(["assess", "rank", "train"]), days)
def test_consent_is_the_last_word_said_until_then(said: list[Consent], purpose: str, at: dt.datetime) -> None:
    for target in ("interactions", "attributes:health", "attributes:tax"):
        assert granted(said, purpose, target, at) == _by_replay(said, purpose, target, at)  # type: ignore[arg-type]


@given(consents, days)
def test_columns_agree_with_rows(said: list[Consent], at: dt.datetime) -> None:
    frame = consents_as_columns(said)
    for purpose in ("assess", "rank"):
        pairs = granted_pairs(frame, purpose, at)  # type: ignore[arg-type]
        assert set(pairs["target"]) == granted_targets(said, purpose, at)  # type: ignore[arg-type]


@given(consents, days)
def test_the_order_of_records_does_not_matter(said: list[Consent], at: dt.datetime) -> None:
    assert granted_targets(said, "assess", at) == granted_targets(said[::-1], "assess", at)
