"""Whose standing a change touches: counted on a town whose answer is known by hand or by a plain loop."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.vocabulary import Scope, SubjectKind
from pipelines.catalogue_change.impact import Impact, ItemChange, Touched, impact
from pipelines.catalogue_change.population import is_peopled, population
from records.settings import Settings
from tests.pipelines.catalogue_change.town import BIRTH, CARD, ON, Person, Town, make_town

CITIZEN = SubjectKind.CITIZEN
OLD = dt.date(1964, 3, 2)
"""Sixty-two years before the day."""
YOUNG = dt.date(2000, 1, 1)


def aged(years: int, after: int = 0) -> dt.date:
    return ON.replace(year=ON.year - years) + dt.timedelta(days=after)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Forty of 62 (thirty women), twenty of 80, a hundred young, fifteen of whom no birthday is known."""
    people = [Person(f"a{n}", OLD, "female" if n < 30 else "male") for n in range(40)]
    people += [Person(f"b{n}", aged(80), "male") for n in range(20)]
    people += [Person(f"c{n}", YOUNG, "male") for n in range(100)]
    people += [Person(f"d{n}", None, None, None) for n in range(15)]
    newborn = (aged(0, -10),)
    people += [Person(f"p{n}", YOUNG, "female", "BJ", newborn, consents=True) for n in range(12)]
    people += [Person(f"q{n}", YOUNG, "female", "BJ", newborn) for n in range(12)]
    return make_town(tmp_path_factory.mktemp("town"), people, firms=20)


def measured(town: Town, *edits: tuple[str, str, str], size: int = 1000) -> Impact:
    pages = population(town.settings, size)
    return impact(town.catalogue, town.edited(*edits), pages, town.settings.attributes_path, ON)


def touched(found: Impact) -> dict[tuple[str, str], tuple[int | None, int | None]]:
    return {(c.dimension, c.group): (c.people, c.touched) for c in found.groups if c.kind is CITIZEN}


def test_a_raised_age_touches_those_between(town: Town) -> None:
    found = measured(town, (CARD, "age >= 60", "age >= 65"))
    assert found.touched == (
        Touched(kind=CITIZEN, people=190, touched=40, share=49 / 190),
        Touched(kind=SubjectKind.ENTERPRISE, people=20, touched=0, share=0.0),
    )
    assert found.items == (
        ItemChange(
            item="senior-card", scope=Scope.SELF, before="eligible", after="not_eligible", scope_items=40
        ),
    )
    groups = touched(found)
    assert groups["age_band", "60..80"] == (40, 40)
    assert groups["age_band", ">=80"] == (20, 0)
    assert groups["age_band", "not told"] == (10, 0)
    assert (groups["sex", "female"], groups["sex", "male"]) == ((50, 30), (130, 10))
    assert groups["scope", "self"] == (190, 40)
    assert found.largest_share == 49 / 190, "the most it can be"


def test_pages_add_up(town: Town) -> None:
    edit = (CARD, "age >= 60", "age >= 65 OR hukou = 'other'")
    assert measured(town, edit, size=7) == measured(town, edit)


def test_what_nobody_told_goes_undetermined_not_refused(town: Town) -> None:
    found = measured(town, (CARD, "age >= 60", "age >= 60 AND sex = 'male'"))
    assert {(c.before, c.after, c.scope_items) for c in found.items} == {("eligible", "not_eligible", 30)}
    found = measured(town, (CARD, "age >= 60", "hukou = 'BJ'"))
    assert {(c.before, c.after): c.scope_items for c in found.items} == {("not_eligible", "eligible"): 120}


def test_a_new_deadline_touches_those_who_are_eligible(town: Town) -> None:
    deadline = "deadline: within(birth_date,+62Y)\nlegal_basis: 老年人权益保障法"
    found = measured(town, (CARD, "legal_basis: 老年人权益保障法", deadline))
    assert [(c.before, c.after, c.scope_items) for c in found.items] == [("eligible", "eligible", 60)]


def test_papers_that_change_elsewhere_touch_who_needs_them(town: Town) -> None:
    found = measured(
        town, ("evidence_types/office.yaml", "    issuing_authority: 卫生健康\n    fetchable: true\n", "")
    )
    assert {c.item for c in found.items} == {"birth-registration"}


def test_a_withdrawn_service_is_not_eligible_for_anybody(town: Town) -> None:
    found = measured(town, (CARD, "source: knowledge", 'source: knowledge\nvalid_to: "2026-03-01"'))
    card = {(c.before, c.after): c.scope_items for c in found.items if c.item == "senior-card"}
    assert card == {("eligible", "not_eligible"): 60, ("undetermined", "not_eligible"): 10}


def test_children_are_counted_for_their_parents_and_only_where_they_may_be_known_of(town: Town) -> None:
    found = measured(town, (BIRTH, "when: hukou = 'BJ'", "when: hukou = 'other'"))
    assert found.touched[0].touched == 10
    assert touched(found)["scope", "child"] == (10, 10)


def test_a_name_touches_nobody(town: Town) -> None:
    found = measured(town, (CARD, "en: Senior card", "en: Elder card"))
    assert found.items == ()
    assert {each.share for each in found.touched} == {0.0}


def test_few_are_not_told_and_nothing_gives_them_away(tmp_path: Path) -> None:
    people = [Person(f"a{n}", OLD, "female") for n in range(25)]
    people += [Person(f"b{n}", OLD, "male") for n in range(3)]
    people += [Person(f"c{n}", YOUNG, "male") for n in range(72)]
    town = make_town(tmp_path, people)
    found = measured(town, (CARD, "age >= 60", "age >= 65"))
    # Twenty-five women, all touched, of twenty-eight in all: telling both would tell of three men.
    assert found.touched[0].touched == 20
    assert touched(found)["sex", "male"] == (None, None)
    assert touched(found)["sex", "female"] == (None, None)
    found = measured(town, (CARD, "age >= 60", "age >= 60 AND sex = 'female'"))
    assert found.touched[0] == Touched(kind=CITIZEN, people=100, touched=None, share=0.09)
    assert [each.scope_items for each in found.items] == [None]


def test_what_is_told_of_items_and_of_all_tells_of_no_few_between_them(tmp_path: Path) -> None:
    people = [Person(f"a{n}", OLD, "female") for n in range(60)]
    people += [Person(f"b{n}", None, None) for n in range(3)]
    people += [Person(f"c{n}", YOUNG, "male") for n in range(100)]
    town = make_town(tmp_path, people)
    found = measured(town, (CARD, "source: knowledge", 'source: knowledge\nvalid_to: "2026-03-01"'))
    told = {c.before: c.scope_items for c in found.items if c.item == "senior-card"}
    assert told == {"eligible": 60, "undetermined": None}
    assert found.touched[0].touched == 60, (
        "63 less the 60 would tell of the three of whom no birthday is known"
    )


ages = st.none() | st.integers(0, 100)


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(people=st.lists(st.tuples(ages, st.sampled_from([None, "BJ", "other"])), min_size=1, max_size=60))
def test_counts_agree_with_a_plain_loop(
    people: list[tuple[int | None, str | None]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    def kleene(age: int | None, hukou: str | None, line: int) -> str:
        parts = [None if age is None else age >= line, None if hukou is None else hukou == "BJ"]
        return "not_eligible" if False in parts else "undetermined" if None in parts else "eligible"

    recorded = [
        Person(f"a{n}", None if age is None else aged(age), "male", hukou)
        for n, (age, hukou) in enumerate(people)
        for _ in range(1)
    ]
    town = make_town(tmp_path_factory.mktemp("town"), recorded)
    before, after = (town.edited((CARD, "age >= 60", f"age >= {line} AND hukou = 'BJ'")) for line in (60, 70))
    pages = population(town.settings)
    found = impact(before, after, pages, town.settings.attributes_path, ON)
    expected: dict[tuple[str, str], int] = {}
    for age, hukou in people:
        pair = kleene(age, hukou, 60), kleene(age, hukou, 70)
        if pair[0] != pair[1]:
            expected[pair] = expected.get(pair, 0) + 1
    assert {(c.before, c.after): c.scope_items for c in found.items} == {
        pair: count - count % 10 or None for pair, count in expected.items()
    }


def test_a_home_without_registers_is_not_peopled(tmp_path: Path, town: Town) -> None:
    assert not is_peopled(Settings(home=tmp_path))
    assert list(tmp_path.iterdir()) == []
    assert is_peopled(town.settings)
