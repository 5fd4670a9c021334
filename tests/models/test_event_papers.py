"""The papers of an event: the fewest, each once, none that a step yields; beside every other choice."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from models.homepage.event_papers import _smallest_cover

PAPERS = ("a", "b", "c", "d", "e")


@given(
    st.dictionaries(
        st.sampled_from(PAPERS), st.sets(st.sampled_from(PAPERS), max_size=3).map(sorted), max_size=5
    )
)
def test_no_smaller_set_meets_every_need(substitutes: dict[str, list[str]]) -> None:
    accepted = {need: tuple(dict.fromkeys((need, *others))) for need, others in substitutes.items()}
    chosen = _smallest_cover(accepted)
    assert all({*chosen} & {*papers} for papers in accepted.values())
    for fewer in itertools.combinations(PAPERS, max(0, len(chosen) - 1)):
        assert not accepted or not all({*fewer} & {*papers} for papers in accepted.values())
