"""Which source registers speak of a scope item, and what each of them may state."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue
from catalog.vocabulary import SCOPES_OF, Scope, SubjectKind


def stored_attributes(
    catalogue: Catalogue, kind: SubjectKind, scope: Scope, register: str | None = None
) -> tuple[Attribute, ...]:
    """The attributes held (not derived) for such scope items, by one register or all, in name order."""
    return tuple(
        attribute
        for _, attribute in sorted(catalogue.attributes.items())
        if attribute.derived is None
        and attribute.subject == kind
        and attribute.scope == scope
        and register in (None, attribute.register)
    )


def registers_of(catalogue: Catalogue, kind: SubjectKind, scope: Scope) -> tuple[str, ...]:
    """The slugs of the registers that speak of such scope items, in order."""
    return tuple(sorted({attribute.register for attribute in stored_attributes(catalogue, kind, scope)}))


def kinds_and_scopes() -> Iterator[tuple[SubjectKind, Scope]]:
    """Every (kind, scope) there can be a scope item of, in the order of the vocabulary."""
    for kind, scopes in SCOPES_OF.items():
        for scope in scopes:
            yield kind, scope
