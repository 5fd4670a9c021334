"""What sharing a paper or a field would save: counted by hand on a small catalogue, by laws on a real one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from catalog.offices import offices_in, offices_of
from catalog.reuse import Asked, Reuse, reuse

ROOT = Path(__file__).resolve().parents[2]
REAL = load_catalogue(ROOT / "catalog" / "data")


@pytest.fixture
def small(sound: Path) -> Catalogue:
    """The sound catalogue, with more that ask: a loan for a photo and the booklet, a card for a photo."""
    loan = sound / "support_policies" / "expansion-loan.yaml"
    loan.write_text(loan.read_text(encoding="utf8") + "evidence: [m-photo, m-form]\n", encoding="utf8")
    card = sound / "public_services" / "senior-card.yaml"
    text = card.read_text(encoding="utf8").replace("[m-hukou-book]", "[m-hukou-book, m-photo, m-hukou-page]")
    card.write_text(text, encoding="utf8")
    office = sound / "evidence_types" / "office.yaml"
    more = "".join(
        f"  m-{name}: {{names: {{zh: {name}, en: {name}}}, kind: {kind}}}\n"
        for name, kind in (("photo", "proof"), ("form", "form"))
    )
    office.write_text(office.read_text(encoding="utf8") + more, encoding="utf8")
    return load_catalogue(sound)


def of(asked: tuple[Asked, ...]) -> dict[str, Asked]:
    return {each.id: each for each in asked}


def test_each_item_counts_once_without_cases(small: Catalogue) -> None:
    found = reuse(small)
    papers = of(found.papers)
    assert found.weighting == "items"
    assert found.uncounted == ()
    assert set(papers) == {"m-birth-cert", "m-hukou-book", "m-hukou-page", "m-photo"}
    assert [(papers[p].way, papers[p].submissions, papers[p].saved) for p in ("m-birth-cert", "m-photo")] == [
        ("fetched", 1, 1),
        ("keep", 2, 1),
    ]


def test_a_paper_its_issuer_could_share_saves_what_others_ask(small: Catalogue) -> None:
    found = of(reuse(small, {"senior-card": 700, "birth-registration": 50}).papers)["m-hukou-book"]
    assert (found.way, found.holders, found.submissions, found.saved) == ("share", ("公安",), 700, 700)
    assert found.askers == {"民政": 700}


def test_cases_weigh_and_what_is_not_counted_is_named(small: Catalogue) -> None:
    found = reuse(small, {"senior-card": 700, "expansion-loan": 30})
    photo = of(found.papers)["m-photo"]
    assert (found.weighting, photo.submissions, photo.saved) == ("cases", 730, 30)
    assert photo.askers == {"民政": 700, "财政": 30}
    assert found.uncounted == ("birth-registration", "expansion-grant")
    assert "m-birth-cert" not in of(found.papers)


def test_fields_are_what_is_stored_behind_conditions_deadlines_and_amounts(small: Catalogue) -> None:
    fields = of(reuse(small).fields)
    assert set(fields) == {
        *("birth_date", "child_birth_date", "child_registered", "hukou", "staff", "wage", "expands"),
    }
    assert fields["birth_date"].holders == ("公安",)
    assert (fields["birth_date"].way, fields["birth_date"].saved) == ("share", 1)
    assert (fields["hukou"].submissions, fields["hukou"].saved) == (1, 0)
    assert fields["staff"].items == ("expansion-grant", "expansion-loan")
    assert (fields["expands"].way, fields["expands"].holders, fields["expands"].saved) == ("keep", (), 0)


def test_offices_are_mapped_to_what_they_answer_for(small: Catalogue) -> None:
    offices = {office.name: office for office in reuse(small).offices}
    assert offices["公安"].services == ("birth-registration",)
    assert offices["公安"].obligations == 1
    assert offices["公安"].papers_issued == ("m-hukou-book",)
    held = {"birth_date", "hukou", "township", "child_birth_date", "child_registered"}
    assert set(offices["公安"].fields_held) == held
    assert offices["财政"].policies == ("expansion-grant", "expansion-loan")
    assert offices["民政"].asks_others == 2
    assert offices["卫生健康"].papers_issued == ("m-birth-cert",)


@pytest.mark.parametrize(
    ("text", "offices"),
    [
        ("人社/税务", ("人社", "税务")),
        ("财政部、税务总局、北京市财政局", ("财政", "税务")),
        ("文旅(新闻出版)", ("文化旅游",)),
        ("", ()),
        (None, ()),
    ],
)
def test_an_office_has_one_name(text: str | None, offices: tuple[str, ...]) -> None:
    assert offices_in(text) == offices


@settings(deadline=None)
@given(cases=st.dictionaries(st.sampled_from(sorted(REAL.items)), st.integers(0, 10**6), max_size=40))
def test_laws_of_saving(cases: dict[str, int]) -> None:
    found = reuse(REAL, {item: float(count) for item, count in cases.items()})
    assert list(found.papers) == sorted(found.papers, key=lambda each: -each.saved)
    for each in (*found.papers, *found.fields):
        assert 0 <= each.saved <= each.submissions == sum(cases[item] for item in each.items)
        assert sum(each.askers.values()) >= each.submissions
        assert (each.way == "keep") == (not each.holders)
    confirmed = {item.id for item in REAL.items.values() if item.status == "confirmed"}
    assert set(found.uncounted) == confirmed - cases.keys()


def test_every_item_of_the_real_catalogue_has_its_offices() -> None:
    found: Reuse = reuse(REAL)
    mapped = {item for office in found.offices for item in (*office.services, *office.policies)}
    assert mapped == {item.id for item in REAL.items.values() if item.status == "confirmed"}
    assert all(offices_of(item) for item in REAL.items.values())
    assert found.papers[0].id == "m-id-card"
