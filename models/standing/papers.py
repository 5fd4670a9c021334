"""Papers: what an item asks for, what is held, and what is therefore still to bring."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from catalog.catalogue import Catalogue
from catalog.evidence import EvidenceType
from features.schema import Case, Evidence, ScopeItem

FINISHED = "succeeded"


@dataclass(frozen=True, slots=True)
class Papers:
    """Evidence types that count for one scope item: proved on the day, or known to exist."""

    proved: frozenset[str]
    """A valid paper of the type is held, by the scope item or its owner."""
    known: frozenset[str]
    """Government is known to hold one: a record not known to have run out, or a case that yielded it."""

    def missing(self, needed: Iterable[str], types: Mapping[str, EvidenceType]) -> tuple[str, ...]:
        """What is still to bring of the papers an item asks for.

        Blank forms are filled in on the spot; what government can fetch must not be asked for again
        (在线政务服务若干规定 7), once it is known to exist; a sourced substitute serves as well.
        """
        return tuple(paper for paper in needed if not self._settled(types[paper]))

    def _settled(self, paper: EvidenceType) -> bool:
        accepted = (paper.id, *paper.substitutes)
        return (
            paper.kind == "form"
            or not self.proved.isdisjoint(accepted)
            or (paper.fetchable and not self.known.isdisjoint(accepted))
        )


def valid_on(evidence: Evidence, on: dt.date) -> bool:
    """Whether a paper is valid on a day. One without any date is of unknown validity, so it is not."""
    if evidence.valid_from is None and evidence.valid_to is None:
        return False
    begun = evidence.valid_from is None or evidence.valid_from <= on
    return begun and (evidence.valid_to is None or on <= evidence.valid_to)


def papers_of(scope_item: ScopeItem, owner: ScopeItem, catalogue: Catalogue, on: dt.date) -> Papers:
    """The papers of a scope item and its owner as they stand on a day."""
    holders = (scope_item,) if scope_item is owner else (scope_item, owner)
    held = [evidence for holder in holders for evidence in holder.evidence]
    cases = [case for holder in holders for case in holder.cases]
    proved = frozenset(evidence.type for evidence in held if valid_on(evidence, on))
    on_record = {e.type for e in held if e.source == "authority" and not (e.valid_to and e.valid_to < on)}
    run_out = {e.type for e in held if e.valid_to and e.valid_to < on} - proved - on_record
    return Papers(proved, proved | on_record | (_yielded(cases, catalogue) - run_out))


def _yielded(cases: Iterable[Case], catalogue: Catalogue) -> frozenset[str]:
    """The papers that finished public services have yielded."""
    services = catalogue.public_services
    finished = {case.item for case in cases if case.status == FINISHED and case.item in services}
    return frozenset(paper for item in finished for paper in services[item].outputs)
