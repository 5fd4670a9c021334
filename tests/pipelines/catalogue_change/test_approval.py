"""A change that touches many waits for two people; everything else takes effect at once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import select

from catalog import artefact
from catalog.catalogue import Catalogue
from pipelines.catalogue_change.activation import Held, activate, measure
from pipelines.catalogue_change.hold import ApprovalRefused, approve, read_hold
from records.database import open_records, reading
from records.settings import Settings
from records.tables import arrival
from tests.pipelines.catalogue_change.town import CARD, ON, Person, Town, make_town

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
OLD, YOUNG = dt.date(1964, 3, 2), dt.date(2000, 1, 1)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    people = [Person(f"a{n}", OLD) for n in range(40)] + [Person(f"c{n}", YOUNG) for n in range(100)]
    return make_town(tmp_path, people)


@pytest.fixture
def raised(town: Town) -> Catalogue:
    """The card from 65: it touches 40 of 140."""
    return town.edited((CARD, "age >= 60", "age >= 65"))


def in_use(town: Town) -> str:
    return artefact.load(town.settings.catalogue_path).version


def test_a_change_that_touches_many_is_held_until_two_people_agree(town: Town, raised: Catalogue) -> None:
    before, folder = in_use(town), town.settings.catalogue_changes_path
    with pytest.raises(Held, match=r"touches up to 35\.0% of people, more than 5\.0%, and waits for 2"):
        activate(town.settings, raised, ON)
    approve(folder, raised.version, "王芳", AT)
    with pytest.raises(Held, match="waits for 1"):
        activate(town.settings, raised, ON)
    assert in_use(town) == before
    approve(folder, raised.version, "Li Ming", AT)
    done = activate(town.settings, raised, ON)
    assert in_use(town) == raised.version
    assert done.hold is not None
    assert [each.by for each in done.hold.approvals] == ["王芳", "Li Ming"]


@pytest.mark.parametrize("again", ["Li Ming", "li ming", " LI   MING ", "Ｌｉ Ming"])
def test_one_person_is_not_two(again: str, town: Town, raised: Catalogue) -> None:
    folder = town.settings.catalogue_changes_path
    measure(town.settings, town.catalogue, raised, ON)
    approve(folder, raised.version, "Li Ming", AT)
    with pytest.raises(ApprovalRefused, match="a second person must"):
        approve(folder, raised.version, again, AT)


@pytest.mark.parametrize(
    ("version", "by", "told"),
    [
        ("0123456789abcdef", "Li", "nothing is recorded"),
        ("../secrets", "Li", "is no version"),
        (None, " ", "a name"),
    ],
)
def test_an_approval_of_nothing_or_by_nobody_is_refused(
    version: str | None, by: str, told: str, town: Town, raised: Catalogue
) -> None:
    measure(town.settings, town.catalogue, raised, ON)
    with pytest.raises(ApprovalRefused, match=told):
        approve(town.settings.catalogue_changes_path, version or raised.version, by, AT)


def test_a_small_change_takes_effect_at_once_and_needs_no_approval(town: Town) -> None:
    settings = Settings(home=town.settings.home, today=ON, catalogue_change_limit=0.4)
    raised = town.edited((CARD, "age >= 60", "age >= 65"))
    done = activate(settings, raised, ON)
    assert done.hold is not None
    assert not done.hold.held
    assert in_use(town) == raised.version
    with pytest.raises(ApprovalRefused, match="is not held"):
        approve(settings.catalogue_changes_path, raised.version, "Li", AT)


def test_a_change_of_words_is_not_even_measured(town: Town) -> None:
    renamed = town.edited((CARD, "en: Senior card", "en: Elder card"))
    assert activate(town.settings, renamed, ON).hold is None
    assert read_hold(town.settings.catalogue_changes_path, renamed.version) is None
    assert in_use(town) == renamed.version


def test_approvals_are_of_one_change_and_not_of_another(town: Town, raised: Catalogue) -> None:
    folder = town.settings.catalogue_changes_path
    measure(town.settings, town.catalogue, raised, ON)
    approve(folder, raised.version, "王芳", AT)
    assert measure(town.settings, town.catalogue, raised, ON).missing == 1
    other = town.edited((CARD, "age >= 60", "age >= 30"))
    assert measure(town.settings, other, raised, ON).missing == 2


def test_with_nobody_recorded_or_nothing_in_use_it_takes_effect(
    tmp_path: Path, town: Town, raised: Catalogue
) -> None:
    empty = Settings(home=tmp_path / "empty", today=ON)
    assert activate(empty, town.catalogue, ON).hold is None
    assert activate(empty, raised, ON).hold is None
    assert artefact.load(empty.catalogue_path).version == raised.version
    assert {path.name for path in empty.home.iterdir()} == {"catalogue"}


def test_a_damaged_catalogue_in_use_is_replaced_and_said_to_be(town: Town, raised: Catalogue) -> None:
    town.settings.catalogue_path.write_bytes(b"\x00")
    assert "build it again" in str(activate(town.settings, raised, ON).unread)
    assert in_use(town) == raised.version


def test_a_record_that_cannot_be_read_is_not_taken_for_consent(town: Town, raised: Catalogue) -> None:
    measure(town.settings, town.catalogue, raised, ON)
    path = town.settings.catalogue_changes_path / f"{raised.version}.json"
    path.write_text('{"approvals": "all"}', encoding="utf8")
    with pytest.raises(ValueError, match="cannot be read"):
        activate(town.settings, raised, ON)


def test_whoever_it_concerns_waits_to_be_judged_again(town: Town) -> None:
    settings = Settings(home=town.settings.home, today=ON, catalogue_change_limit=0.4)
    raised = town.edited((CARD, "age >= 60", "age >= 65"))
    activate(settings, raised, ON)
    engine = open_records(settings)
    with reading(engine) as connection:
        came = connection.execute(
            select(arrival.c.subject, arrival.c.kind, arrival.c.about, arrival.c["items"])
        )
        waiting = [tuple(row) for row in came]
    engine.dispose()
    assert len({subject for subject, *_ in waiting}) == len(waiting) == 40
    assert {tuple(map(str, rest)) for _, *rest in waiting} == {
        ("catalogue", str([raised.version]), "['senior-card']")
    }
