"""One subject asked at a time gets what a table of subjects would."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from catalog.vocabulary import SubjectKind
from features.indicators import Indicators
from features.schema import Case, Interaction, MaskedRecordTables
from models.affinity.inputs import InputEncoder
from models.affinity.linear import LinearAffinity, LinearBlock, frozen
from models.affinity.profile_batch import batch_of
from models.homepage import Champions, LearnedSignals, compose
from models.homepage.learned import fatigue_of
from pipelines.train.affinity_data import interactions, taken_up
from tests.models.test_homepage_composition import ASSESS, AT, CALENDAR, CATALOGUE, JUDGEMENT, ON, RANK

ITEMS = ("cs-family-account", "cs-family-doctor", "cs-hotline-12345", "cs-id-renewal")
CASES = (
    Case("k-1", "c-1", "cs-family-doctor", "once", "succeeded", "hall", AT - dt.timedelta(days=90), AT),
    Case("k-2", "c-1", "cs-family-doctor", "once", "failed", "hall", AT - dt.timedelta(days=40), AT),
    Case("k-3", "c-1", "cs-elsewhere", "once", "open", "hall", AT - dt.timedelta(days=4), None),
)
DONE = (
    Interaction("i-1", "click", AT - dt.timedelta(days=3), item="cs-id-renewal"),
    Interaction("i-2", "impression", AT - dt.timedelta(days=2), item="cs-hotline-12345"),
    Interaction("i-3", "impression", AT - dt.timedelta(days=9), item="cs-hotline-12345"),
    Interaction("i-4", "impression", AT - dt.timedelta(days=1), item="cs-id-renewal"),
    Interaction("i-5", "impression", AT - dt.timedelta(days=60), item="cs-family-account"),
    Interaction("i-6", "search", AT - dt.timedelta(days=1), query="换证"),
    Interaction("i-7", "view", AT - dt.timedelta(days=1), item="cs-family-account"),
)
KNOWN = replace(
    RANK,
    scope_items=(replace(RANK.itself, cases=CASES), *RANK.scope_items[1:]),
    interactions=DONE,
    withheld=frozenset(),
)


def affinity(favourite: str, items: tuple[str, ...] = ITEMS) -> LinearAffinity:
    """An affinity that likes one item whoever asks, and what was taken up before."""
    items = items if favourite in items else (*items, favourite)
    encoder = InputEncoder(features=("sex=female",), history=items)
    factors = np.zeros((encoder.width, len(items)))
    factors[1:] = np.eye(len(items)) * 0.5
    bias = [9.0 if item == favourite else 0.0 for item in items]
    return LinearAffinity(items, (LinearBlock(encoder, frozen(factors)),), frozen(bias))


def learned(model: LinearAffinity) -> LearnedSignals:
    return LearnedSignals(
        Champions(affinity={SubjectKind.CITIZEN: model}, names={"affinity": "affinity 7"}), CATALOGUE
    )


def test_one_subject_s_history_is_its_row_of_the_training_table() -> None:
    def table(rows: list[dict[str, object]]) -> pl.DataFrame:
        return pl.DataFrame(rows)

    records = MaskedRecordTables(
        kind=SubjectKind.CITIZEN,
        purpose="train",
        scope_items=table([{"id": "c-1", "scope": "self", "owner": "c-1", "label": None}]),
        evidence=pl.DataFrame(),
        cases=table([{"scope_item": c.scope_item, "item": c.item, "opened_at": c.opened_at} for c in CASES]),
        interactions=table([{"subject": "c-1", "item": d.item, "kind": d.kind, "at": d.at} for d in DONE]),
        relations=pl.DataFrame(),
        observed=pl.DataFrame(),
    )
    wanted = interactions(taken_up(records), pl.Series(["c-1"]), ITEMS)
    found = batch_of(KNOWN, {}, Indicators(()), ITEMS, ON).history
    for name in ("subject", "item", "weight", "time"):
        np.testing.assert_allclose(getattr(found, name), getattr(wanted, name), rtol=1e-6, err_msg=name)


def test_only_what_is_known_of_a_subject_is_coded() -> None:
    indicators = Indicators(("sex=female", "sex=male"))
    told = batch_of(KNOWN, {"sex": "female"}, indicators, ITEMS, ON).features.matrix.toarray()
    untold = batch_of(KNOWN, {"sex": None}, indicators, ITEMS, ON).features.matrix.toarray()
    assert told.tolist() == [[1.0, 0.0]]
    assert untold.tolist() == [[0.0, 0.0]]


def test_many_asked_together_get_what_each_gets_alone() -> None:
    signals = learned(affinity("cs-id-renewal"))
    nothing_done = replace(KNOWN, scope_items=RANK.scope_items, interactions=())
    asked = [KNOWN, nothing_done, replace(KNOWN, interactions=DONE[:1]), KNOWN]
    alone = [signals.terms(one, ON) for one in asked]
    assert signals.terms_of(asked, ON) == alone
    assert alone[0].affinity != alone[1].affinity
    assert signals.terms_of([], ON) == []


def test_what_was_shown_in_vain_tires_and_what_was_taken_up_does_not() -> None:
    tired = fatigue_of(KNOWN, ON)
    assert set(tired) == {"cs-hotline-12345"}
    assert tired["cs-hotline-12345"] == pytest.approx(0.5 ** (2 / 7) + 0.5 ** (9 / 7))


def test_a_champion_orders_the_page_and_is_named() -> None:
    by_rules = compose(ASSESS, RANK, CATALOGUE, JUDGEMENT, CALENDAR)
    choices = [entry.item for entry in by_rules.can_do]
    assert len(choices) > 2
    for favourite in choices:
        page = compose(ASSESS, RANK, CATALOGUE, JUDGEMENT, CALENDAR, learned(affinity(favourite)))
        assert page.can_do[0].item == favourite
        assert (page.ordered_by, page.degraded) == ("affinity 7", ())


def test_without_a_champion_for_such_subjects_the_model_is_missing() -> None:
    signaller = LearnedSignals(Champions(), CATALOGUE)
    page = compose(ASSESS, RANK, CATALOGUE, JUDGEMENT, CALENDAR, signaller)
    assert (page.ordered_by, page.degraded) == ("rules", ("model_missing",))


def test_the_same_profile_is_ordered_the_same_every_time() -> None:
    signaller = learned(affinity("cs-family-doctor"))
    assert signaller.signals(KNOWN, JUDGEMENT) == signaller.signals(KNOWN, JUDGEMENT)
