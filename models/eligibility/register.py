"""What the rules of one kind of scope item may read: its own attributes and its owner's."""

from __future__ import annotations

from catalog.catalogue import Catalogue
from catalog.vocabulary import Scope, SubjectKind
from models.eligibility.rules import Register


def register_of(catalogue: Catalogue, kind: SubjectKind, scope: Scope) -> Register:
    """The register for rules on one kind of scope item."""
    readable = {
        name: attribute
        for name, attribute in catalogue.attributes.items()
        if attribute.subject == kind and attribute.scope in (scope, Scope.SELF)
    }
    return Register(readable, catalogue.parameters)
