"""The recipe is logged whole, and every model's card says what it must."""

from __future__ import annotations

import datetime as dt

import pytest

from models.affinity.validation import Regime
from pipelines.train.model_card import ModelCard, prose
from pipelines.train.recipe import AFFINITY, MODELS, recipe


@pytest.mark.parametrize("model", MODELS)
def test_every_figure_of_a_recipe_is_logged(model: str) -> None:
    logged = recipe().parameters(model)
    assert int(logged["holdout_days"]) > 0
    assert len(logged) > 3


def test_the_recipe_makes_a_stack_weighed_on_time_and_on_new_subjects() -> None:
    stack = recipe().stack()
    assert {part.name for part in stack.parts} == {
        "lightfm",
        "item_item",
        "popularity",
        "demographic_logit",
    }
    assert [split.regime for split in stack.splits] == [Regime.WARM, Regime.SUBJECT_COLD]
    assert recipe().parameters(AFFINITY)["lightfm.dimensions"] == str(stack.parts[0].dimensions)  # type: ignore[attr-defined]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("synthetic", [True, False])
def test_a_card_says_what_for_from_what_and_what_not(model: str, synthetic: bool) -> None:
    card = ModelCard(
        name=f"{model} 7",
        prose=prose()[model],
        trained_to=dt.date(2026, 3, 1),
        catalogue_version="abc",
        synthetic=synthetic,
        parameters={"seed": "1"},
        metrics={"ndcg": 0.5},
        left_out={"le-x": "began in 2 windows"},
    ).markdown()
    for words in (prose()[model].limits.zh, prose()[model].limits.en, "2026-03-01", "abc", "le-x", "0.5000"):
        assert words in card
    assert ("合成数据" in card) is synthetic


def test_the_forecast_says_what_it_never_forecasts() -> None:
    limits = prose()["life-event-forecast"].limits
    for word in ("怀孕", "疾病", "离婚", "丧亲", "贫困", "债务"):
        assert word in limits.zh
