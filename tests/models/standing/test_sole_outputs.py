"""A paper proves that its service is done where no other service for such subjects yields it."""

from __future__ import annotations

from catalog.vocabulary import SubjectKind
from tests.models.small_catalogue import catalogue, paper, service


def test_a_citizen_s_service_does_not_keep_a_firm_s_from_being_proved() -> None:
    known = catalogue(
        service("leave", "TRUE", outputs=("clearance",)),
        service("close", "TRUE", subject=SubjectKind.ENTERPRISE, outputs=("clearance", "receipt")),
        service("pay", "TRUE", subject=SubjectKind.ENTERPRISE, outputs=("receipt",)),
        paper("clearance", issued_by=("leave", "close")),
        paper("receipt", issued_by=("close", "pay")),
    )
    assert known.sole_outputs == {"leave": frozenset({"clearance"}), "close": frozenset({"clearance"})}
