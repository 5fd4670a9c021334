"""A rule for whom something is meant, in the words of the catalogue's own conditions, checked like one."""

from __future__ import annotations

from catalog.catalogue import Catalogue
from catalog.checker import Reader, Register, misuses
from catalog.expression import parse_condition
from catalog.predicate import Predicate
from catalog.vocabulary import Scope, SubjectKind

LONGEST = 2000


class AudienceError(ValueError):
    """A rule that cannot be used; every fault with its remedy."""

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def parse_audience(text: str, kind: SubjectKind, catalogue: Catalogue) -> Predicate:
    """The predicate over the attributes of subjects of one kind themselves. Raises AudienceError."""
    if len(text) > LONGEST:
        raise AudienceError(f"is longer than {LONGEST} characters: state it in fewer")
    try:
        predicate = parse_condition(text)
    except ValueError as error:
        raise AudienceError(str(error)) from error
    register = Register(catalogue.attributes, catalogue.parameters)
    wrong = [f"{what}: {remedy}" for what, remedy in misuses(predicate, register, Reader(kind, Scope.SELF))]
    if wrong:
        raise AudienceError(*wrong)
    return predicate
