"""What an evaluation says of a version: pairs, groups, the document for the gates, the page."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from models.logit.calibration import reliability
from pipelines.evaluate.judged import MODEL, Judged, Method
from pipelines.evaluate.report import html_report
from pipelines.promote.gates import judge, load_bounds

ON = dt.date(2026, 6, 1)


@pytest.fixture
def judged() -> Judged:
    rng = np.random.default_rng(1)
    base = rng.random(200)
    reached = (rng.random(200) < 0.5).astype(np.float64)
    reached[:5] = np.nan
    said = rng.random(200)
    return Judged(
        model="citizen-affinity",
        version="3",
        measure="ndcg@10",
        methods={
            MODEL: Method(base + 0.1, reached, 0.02),
            "popularity": Method(base, reached, 0.03),
        },
        reference="popularity",
        groups=pl.DataFrame({"sex": ["male"] * 100 + ["female"] * 90 + [None] * 10}),
        metrics={"coverage": 0.5},
        reliabilities={"30 days": reliability(said, rng.random(200) < said)},
    )


def test_differences_are_paired(judged: Judged) -> None:
    found = judged.differences(1)["popularity"]
    assert found.mean == pytest.approx(0.1) and found.error == pytest.approx(0.0, abs=1e-9)
    assert judged.estimates(1)[MODEL].error > 0.01


def test_groups_count_only_whom_something_could_reach(judged: Judged) -> None:
    groups = {group.group: group for group in judged.by_group()}
    assert set(groups) == {"male", "female"}
    assert groups["male"].subjects == 95
    assert groups["male"].reach == groups["male"].baseline


def test_slices_show_the_unknown_apart(judged: Judged) -> None:
    rows = list(judged.slices(1))
    assert [group for _, group, _ in rows] == ["female", "male", "unknown"]
    assert sum(found.cases for *_, found in rows) == 200


def test_the_gates_can_read_it(judged: Judged) -> None:
    outcome = judged.outcome(ON)
    assert outcome.calibration_error == 0.02
    assert all(gate.passed for gate in judge(outcome, load_bounds(), seed=1))


def test_the_page_holds_figures_plots_and_stamp_and_loads_nothing(judged: Judged) -> None:
    page = html_report(judged, ON, dt.date(2026, 3, 1), synthetic=True, seed=1)
    assert page.count("data:image/png;base64,") == 3
    for words in ("合成数据", "popularity", "95 %", "+0.1000", "female", "2026-03-01"):
        assert words in page
    assert "http" not in page
    real = html_report(judged, ON, dt.date(2026, 3, 1), synthetic=False, seed=1)
    assert "合成数据" not in real
