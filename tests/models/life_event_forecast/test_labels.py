"""Declared labels, and the closed list of what is never forecast."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from catalog.vocabulary import Delicacy
from models.life_event_forecast.labels import LABELS, LabelError, load_labels
from models.life_event_forecast.signals import event_items

DATA = Path(__file__).parents[3] / "catalog" / "data"
MATTERS = ("pregnancy", "illness", "divorce", "bereavement", "poverty", "debt")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(DATA)


def written(folder: Path, change: Any) -> Path:
    """The declared labels with a change made to them."""
    labels = yaml.safe_load(LABELS.read_text(encoding="utf-8"))
    change(labels)
    path = folder / "labels.yaml"
    path.write_text(yaml.safe_dump(labels, allow_unicode=True), encoding="utf-8")
    return path


def test_the_declared_labels_stand_and_cover_both_kinds(catalogue: Catalogue) -> None:
    labels = load_labels(catalogue)
    kinds = {str(catalogue.events[label.event].subject) for label in labels.labels}
    assert kinds == {"citizen", "enterprise"}
    assert labels.horizons_days == (30, 90, 180)


@pytest.mark.parametrize("matter", MATTERS)
def test_every_matter_is_on_the_closed_list(catalogue: Catalogue, matter: str) -> None:
    assert any(matter in m.matter.en for m in load_labels(catalogue).never_forecast)


def test_nothing_delicate_is_forecast(catalogue: Catalogue) -> None:
    labels = load_labels(catalogue)
    for label in labels.labels:
        assert catalogue.events[label.event].delicacy is Delicacy.NORMAL
        assert label.event not in labels.forbidden_events
        assert not labels.forbidden_services.intersection(label.cases)


@pytest.mark.parametrize(
    "event", ["le-newborn", "le-death", "le-serious-illness", "le-hardship", "le-bankruptcy", "le-marriage"]
)
def test_a_label_for_a_delicate_event_is_refused(catalogue: Catalogue, tmp_path: Path, event: str) -> None:
    row = {"event": event, "cases": ["cs-id-loss"], "reporting_delay_days": 7, "washout_days": 90}
    path = written(tmp_path, lambda labels: labels["labels"].append(row))
    with pytest.raises(LabelError, match=f"{event} is .*never forecast"):
        load_labels(catalogue, path)


def test_a_label_may_not_smuggle_a_delicate_case_in(catalogue: Catalogue, tmp_path: Path) -> None:
    path = written(tmp_path, lambda labels: labels["labels"][0]["cases"].append("cs-maternal-record"))
    with pytest.raises(LabelError, match="cs-maternal-record tells of a matter of the closed list"):
        load_labels(catalogue, path)


def test_no_forecast_reads_what_a_delicate_service_says(catalogue: Catalogue) -> None:
    labels = load_labels(catalogue)
    assert not labels.forbidden_services.intersection(event_items(labels, catalogue).of_item)


def test_all_faults_are_told_at_once(catalogue: Catalogue, tmp_path: Path) -> None:
    def spoil(labels: Any) -> None:
        labels["labels"][0]["cases"] = ["cs-nothing"]
        labels["labels"][1]["reporting_delay_days"] = -1
        labels["labels"].append(dict(labels["labels"][2]))
        labels["horizons_days"] = [90, 30]

    with pytest.raises(LabelError) as raised:
        load_labels(catalogue, written(tmp_path, spoil))
    for words in ("no item cs-nothing", "never negative", "labelled twice", "ascending"):
        assert words in str(raised.value)
