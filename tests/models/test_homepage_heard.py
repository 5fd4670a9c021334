"""What a subject asked to be spared stays away from what is recommended; duties don't, nothing is lost."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from features.schema import Interaction, MaskedProfile, ScopeItem
from models.feedback.wishes import Wishes
from models.homepage import Page, arrange
from models.homepage.arrangement import is_duty
from models.homepage.heard import Heard, weighed
from models.ranking.signals import RankSignals
from models.recommendation import Entry, Homepage, Standing
from tests.serving.hand_made import CITIZEN, TODAY, catalogue, citizen_entries

CATALOGUE = catalogue()
PAGE = Page("c-1", CITIZEN, TODAY)
ENTRIES = citizen_entries()
PLAIN = arrange(PAGE, ENTRIES, (), CATALOGUE)
BACK = TODAY + dt.timedelta(days=90)


def sections(page: Homepage) -> dict[str, tuple[Entry, ...]]:
    names = ("should_do", "can_do", "upcoming", "needs_information", "in_progress", "done")
    return {name: getattr(page, name) for name in names}


def key(entry: Entry) -> tuple[str, str, str]:
    return entry.item, entry.scope_item, entry.cycle


pairs = st.sampled_from(sorted({(e.scope_item, e.item) for e in ENTRIES}))


@given(st.sets(pairs))
def test_setting_aside_moves_no_duty_and_loses_nothing(refused: set[tuple[str, str]]) -> None:
    page = arrange(PAGE, ENTRIES, (), CATALOGUE, wishes=Wishes(dict.fromkeys(refused, BACK)))
    for name, before in sections(PLAIN).items():
        after = sections(page)[name]
        assert sorted(map(key, after)) == sorted(map(key, before))
        kept = [key(e) for e in after if e.set_aside is None]
        assert kept == [key(e) for e in before if key(e) in kept]
        places = {key(e): n for n, e in enumerate(after)}
        for n, entry in enumerate(before):
            if is_duty(entry, CATALOGUE):
                assert places[key(entry)] <= n
        for entry in after:
            spared = (entry.scope_item, entry.item) in refused and name not in ("in_progress", "done")
            assert (entry.set_aside == BACK) == (spared and not is_duty(entry, CATALOGUE))
    for theme in page.themes:
        marked = [entry.set_aside is not None for entry in theme.entries]
        assert marked == sorted(marked)


def profile(*interactions: Interaction) -> MaskedProfile:
    itself = ScopeItem("c-1", next(iter(CATALOGUE.items.values())).scope, "c-1")
    return MaskedProfile("c-1", CITIZEN, "rank", (itself,), interactions, (), frozenset())


def test_refusals_and_bad_ratings_weigh_against_what_is_ordered_by_score() -> None:
    at = dt.datetime.combine(TODAY, dt.time(1), dt.UTC)
    themes = {e.item: "t" for e in ENTRIES if e.standing is Standing.CAN_DO}
    first, second, *_ = sorted(themes)
    plain = RankSignals("m", fatigue={first: 0.25}, themes=themes)
    refused = profile(Interaction("i", "dismiss", at, item=first))
    heard = weighed(plain, refused, Heard(against={second: 0.4}), TODAY)
    assert heard.fatigue[first] == 1.25
    assert heard.fatigue[second] > 0.4
    assert weighed(plain, profile(), Heard(), TODAY) == plain
    assert replace(heard, fatigue=plain.fatigue) == plain
