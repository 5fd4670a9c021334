"""What is still to bring, and what must not be asked for again."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from catalog.vocabulary import Scope
from features.schema import Evidence
from models.standing.papers import papers_of, valid_on
from tests.models.small_catalogue import ON, case, catalogue, held, paper, scope_item, service

YESTERDAY, TOMORROW = ON - dt.timedelta(days=1), ON + dt.timedelta(days=1)
TYPES = (
    paper("form", kind="form"),
    paper("photo"),
    paper("card", kind="licence", fetchable=True, issued_by=("issue-card",)),
    paper("booklet", substitutes=("card",)),
)
KNOWN = catalogue(service("issue-card", outputs=("card",)), *TYPES)
NEEDED = ("form", "photo", "card", "booklet")


def missing(*evidence: Evidence, **more: object) -> tuple[str, ...]:
    subject = replace(scope_item(), evidence=evidence, **more)  # type: ignore[arg-type]
    return papers_of(subject, subject, KNOWN, ON).missing(NEEDED, KNOWN.evidence_types)


def test_blank_forms_are_no_papers_to_bring() -> None:
    assert missing() == ("photo", "card", "booklet")


def test_uploads_count_like_any_paper() -> None:
    assert missing(held("photo", source="upload")) == ("card", "booklet")


def test_a_substitute_serves_as_well() -> None:
    assert missing(held("card", source="upload")) == ("photo",)


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "valid"),
    [
        (ON, None, True),
        (None, ON, True),
        (YESTERDAY, TOMORROW, True),
        (TOMORROW, None, False),
        (None, YESTERDAY, False),
        (None, None, False),
    ],
)
def test_validity_on_the_day(valid_from: dt.date | None, valid_to: dt.date | None, valid: bool) -> None:
    assert valid_on(held("photo", valid_from, valid_to), ON) is valid


def test_what_can_be_fetched_is_asked_for_until_it_is_known_to_exist() -> None:
    assert "card" in missing()


def test_what_can_be_fetched_and_is_on_record_is_not_asked_for_again() -> None:
    of_unknown_validity = held("card", None, None)
    assert missing(of_unknown_validity) == ("photo", "booklet")
    assert "card" in missing(replace(of_unknown_validity, source="upload"))


def test_a_finished_case_is_known_to_have_yielded_its_paper() -> None:
    assert "card" not in missing(cases=(case("issue-card", "succeeded"),))
    assert "card" in missing(cases=(case("issue-card", "open"),))


def test_what_has_run_out_cannot_be_fetched() -> None:
    expired = held("card", dt.date(2010, 1, 1), YESTERDAY)
    assert "card" in missing(expired)
    assert "card" in missing(expired, cases=(case("issue-card", "succeeded"),))


def test_a_childs_item_may_use_its_parents_papers_but_not_the_other_way() -> None:
    parent = replace(scope_item(), evidence=(held("photo"),))
    child = replace(scope_item("c", Scope.CHILD, "s"), evidence=(held("card"),))
    types = KNOWN.evidence_types
    assert papers_of(child, parent, KNOWN, ON).missing(NEEDED, types) == ()
    assert papers_of(parent, parent, KNOWN, ON).missing(NEEDED, types) == ("card", "booklet")
