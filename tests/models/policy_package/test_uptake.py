"""Learned uptake: the table and the profile say the same; it learns, is calibrated, and is kept."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from catalog.loader import load_catalogue
from catalog.vocabulary import Scope, SubjectKind
from features.indicators import Indicators
from features.schema import Case, Evidence, Interaction, MaskedProfile, MaskedRecordTables, ScopeItem
from models.artifact import ArtifactError, Manifest, save_artifact
from models.logit.calibration import reliability
from models.policy_package.policy_book import PolicyBook, PolicyTraits, policy_book
from models.policy_package.uptake import KIND, UptakeModel
from models.policy_package.uptake_export import load_uptake, save_uptake
from models.policy_package.uptake_signals import (
    BEHAVIOUR,
    FirmPast,
    end_of,
    past_of,
    signal_table,
    signals_of,
)
from models.policy_package.uptake_training import TooFewApplications, UptakeData, cases_of, fit_uptake
from models.policy_package.uptake_windows import ADMITTED, UptakeConfig, landmarks_of, uptake_windows

DATA = Path(__file__).parents[3] / "catalog" / "data"
ON = dt.date(2026, 3, 1)
END = end_of(ON)
BOOK = PolicyBook(
    (
        PolicyTraits("ep-a", "finance", "loan", "city", 8.0, ("m-plan", "m-audit")),
        PolicyTraits("ep-b", "finance", "grant", "state", 0.0, ()),
        PolicyTraits("ep-c", "talent", "award", "district", 3.0, ("m-plan",)),
    ),
    ("finance", "talent"),
)
LARGE = Indicators(("large=false", "large=true"))
MANIFEST = Manifest(
    name="uptake",
    version="1",
    kind=KIND,
    catalogue_version="c1",
    feature_service="v1",
    commit="0" * 40,
    trained_to=dt.date(2026, 1, 1),
    metrics={},
)
INSTANT = pl.Datetime("us", "UTC")


def records(
    subjects: list[str],
    cases: list[tuple[str, str, dt.datetime, dt.datetime | None, str]],
    done: list[tuple[str, str, str, dt.datetime]],
    papers: list[tuple[str, str, dt.date | None, dt.date | None]],
    unobserved: frozenset[str] = frozenset(),
) -> MaskedRecordTables:
    text = pl.String
    return MaskedRecordTables(
        kind=SubjectKind.ENTERPRISE,
        purpose="train",
        scope_items=pl.DataFrame({"id": subjects, "owner": subjects}, schema={"id": text, "owner": text}),
        evidence=pl.DataFrame(
            papers,
            schema={"scope_item": text, "type": text, "valid_from": pl.Date, "valid_to": pl.Date},
            orient="row",
        ),
        cases=pl.DataFrame(
            cases,
            schema={
                "scope_item": text,
                "item": text,
                "opened_at": INSTANT,
                "closed_at": INSTANT,
                "status": text,
            },
            orient="row",
        ),
        interactions=pl.DataFrame(
            [row for row in done if row[0] not in unobserved],
            schema={"subject": text, "item": text, "kind": text, "at": INSTANT},
            orient="row",
        ),
        relations=pl.DataFrame(),
        observed=pl.DataFrame(
            {"subject": subjects, "interactions": [s not in unobserved for s in subjects]},
            schema={"subject": text, "interactions": pl.Boolean},
        ),
    )


moments = st.integers(-60 * 24 * 800, 60 * 24 * 5).map(lambda m: END + dt.timedelta(minutes=m))
items = st.sampled_from(["ep-a", "ep-b", "ep-c", "ep-other"])
dates = st.one_of(st.none(), st.integers(-400, 400).map(lambda n: ON + dt.timedelta(days=n)))
Acts = list[tuple[str, str, dt.datetime]]
Papers = list[tuple[str, dt.date | None, dt.date | None]]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(items, st.sampled_from(["view", "click", "search", "start"]), moments), max_size=10),
    st.lists(st.tuples(items, moments), max_size=5),
    st.lists(st.tuples(st.sampled_from(["m-plan", "m-audit"]), dates, dates), max_size=4),
    st.booleans(),
)
def test_a_profile_and_a_table_say_the_same(
    acts: Acts, cases: list[tuple[str, dt.datetime]], papers: Papers, seen: bool
) -> None:
    itself = ScopeItem(
        "f",
        Scope.SELF,
        "f",
        evidence=tuple(Evidence(str(i), "f", t, a, b, "authority") for i, (t, a, b) in enumerate(papers)),
        cases=tuple(Case(str(i), "f", m, "once", "open", None, at, None) for i, (m, at) in enumerate(cases)),
    )
    done = tuple(Interaction(str(i), kind, at, item) for i, (item, kind, at) in enumerate(acts))  # type: ignore[arg-type]
    profile = MaskedProfile(
        subject="f",
        kind=SubjectKind.ENTERPRISE,
        purpose="rank",
        scope_items=(itself,),
        interactions=done if seen else (),
        relations=(),
        withheld=frozenset() if seen else frozenset({"interactions"}),
    )
    table = records(
        ["f"],
        [("f", item, at, None, "open") for item, at in cases],
        [("f", item, kind, at) for item, kind, at in acts],
        [("f", t, a, b) for t, a, b in papers],
        frozenset() if seen else frozenset({"f"}),
    )
    order = ["ep-c", "ep-a", "ep-b"]
    pairs = pl.DataFrame({"subject": ["f"] * 3, "item": order, "landmark": [ON] * 3})
    rows = signal_table(pairs, table, BOOK)
    assert np.allclose(rows, signals_of(past_of(profile, ON), BOOK)[[BOOK.places[item] for item in order]])


def test_the_book_holds_what_must_be_applied_for() -> None:
    catalogue = load_catalogue(DATA)
    book = policy_book(catalogue)
    modes = {catalogue.support_policies[p.item].apply_mode for p in book.policies}
    assert modes == {"apply", "file"}
    for policy in book.policies:
        assert all(catalogue.evidence_types[paper].kind != "form" for paper in policy.papers)


def unfolding(seed: int, firms: int = 500) -> UptakeData:
    """Firms that look before they apply; large ones apply more, and obtain more when papers are there."""
    rng = np.random.default_rng(seed)
    names = [f"f{i:04d}" for i in range(firms)]
    large = rng.random(firms) < 0.5
    first = dt.date(2024, 1, 1)
    cases: list[tuple[str, str, dt.datetime, dt.datetime | None, str]] = []
    done: list[tuple[str, str, str, dt.datetime]] = []
    for month in range(24):
        for policy in BOOK.policies:
            for i in np.flatnonzero(rng.random(firms) < np.where(large, 0.05, 0.01)):
                at = end_of(first + dt.timedelta(days=30 * month + int(rng.integers(1, 28))))
                got = rng.random() < (0.9 if large[i] else 0.4)
                closed = at + dt.timedelta(days=10)
                cases.append((names[i], policy.item, at, closed, "succeeded" if got else "failed"))
                done.append((names[i], policy.item, "view", at - dt.timedelta(days=int(rng.integers(1, 80)))))
    table = records(names, cases, done, [])
    last = first + dt.timedelta(days=720)
    days = sorted(landmarks_of(first + dt.timedelta(days=90), last))
    admitted = pl.DataFrame(
        [(name, policy.item, day) for day in days for name in names for policy in BOOK.policies],
        schema=ADMITTED,
        orient="row",
    )
    config = UptakeConfig(washout_days=30)
    windows = uptake_windows(admitted, table, last, config)
    at = {name: i for i, name in enumerate(names)}
    row = windows["subject"].replace_strict(at).to_numpy().astype(np.int32)
    coded = LARGE.encode(pl.DataFrame({"large": np.where(large, "true", "false")}))
    return UptakeData(windows, table, BOOK, LARGE, row, sparse.csr_array(coded))


@pytest.fixture(scope="module")
def model() -> UptakeModel:
    return fit_uptake(unfolding(1), UptakeConfig(washout_days=30), seed=1)


def test_it_is_calibrated_and_tells_firms_apart_on_firms_it_never_saw(model: UptakeModel) -> None:
    fresh = unfolding(2)
    applied = fresh.windows["applied"]
    known = applied.is_not_null().to_numpy()
    said = model.applying.probabilities(cases_of(fresh, model.book))[known]
    found = reliability(said, applied.drop_nulls().to_numpy())
    assert found.expected_calibration_error < 0.03
    assert found.brier < 0.97 * found.brier_of_base_rate


def test_a_large_firm_is_likelier_to_apply_and_obtain(model: UptakeModel) -> None:
    past = FirmPast({}, {}, frozenset(), observed=True)
    large, small = (model.uptake(past, {"large": value}) for value in ("true", "false"))
    assert set(large) == set(BOOK.places)
    for item in large:
        assert 0.0 < small[item] < large[item] < 1.0


def test_storing_keeps_every_probability(model: UptakeModel) -> None:
    restored = UptakeModel.restore(*model.export())
    cases = cases_of(unfolding(3, 60), model.book)
    assert np.array_equal(restored.probabilities(cases), model.probabilities(cases))


def test_what_is_saved_is_loaded_and_what_does_not_fit_is_refused(model: UptakeModel, tmp_path: Path) -> None:
    save_uptake(tmp_path / "uptake", model, MANIFEST)
    loaded, manifest = load_uptake(tmp_path / "uptake")
    assert manifest == MANIFEST
    assert loaded.book == model.book
    specification, arrays = model.export()
    save_artifact(tmp_path / "other", MANIFEST, {**specification, "signals": ["other"]}, arrays)
    with pytest.raises(ArtifactError, match="other signals"):
        load_uptake(tmp_path / "other")
    narrow = {name: array[:1] if "indicator" in name else array for name, array in arrays.items()}
    save_artifact(tmp_path / "narrow", MANIFEST, specification, narrow)
    with pytest.raises(ArtifactError, match="do not fit"):
        load_uptake(tmp_path / "narrow")


def test_too_few_applications_are_said() -> None:
    with pytest.raises(TooFewApplications, match="add history"):
        fit_uptake(unfolding(1, 5), UptakeConfig(), seed=1)


def test_windows_leave_out_who_just_applied_and_do_not_guess_the_end() -> None:
    at = end_of(ON)
    table = records(
        ["f", "g", "h"],
        [
            ("f", "ep-a", at - dt.timedelta(days=10), None, "open"),
            ("g", "ep-a", at + dt.timedelta(days=10), at + dt.timedelta(days=20), "succeeded"),
        ],
        [],
        [],
    )
    admitted = pl.DataFrame([(s, "ep-a", ON) for s in "fgh"], schema=ADMITTED, orient="row")
    late = uptake_windows(admitted, table, ON + dt.timedelta(days=400), UptakeConfig())
    assert late.select("subject", "applied", "obtained").rows() == [("g", True, True), ("h", False, None)]
    early = uptake_windows(admitted, table, ON + dt.timedelta(days=30), UptakeConfig())
    assert early["applied"].null_count() == early.height == 2


def test_behaviour_that_may_not_be_known_is_flagged() -> None:
    table = records(["f"], [], [], [], frozenset({"f"}))
    pairs = pl.DataFrame({"subject": ["f"], "item": ["ep-a"], "landmark": [ON]})
    assert signal_table(pairs, table, BOOK)[0, BEHAVIOUR.index("unobserved")] == 1.0
