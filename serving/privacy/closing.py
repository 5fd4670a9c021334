"""Closing an account: what it would take away, and the erasure itself."""

from __future__ import annotations

from catalog.vocabulary import SubjectKind
from records.database import reading
from records.erasure import Erasing, Receipt, erase
from records.holdings import held_counts
from records.settings import moment_of_writing
from records.subjects import UnknownSubject, kind_of
from serving.parts import Parts, store_location
from serving.privacy.decisions import Decisions


def account_scope(parts: Parts, kind: SubjectKind, subject: str) -> dict[str, int]:
    """By table, how many rows would go; tables without any are left out. Raises UnknownSubject."""
    with reading(parts.engine) as connection:
        if kind_of(connection, subject) is not kind:
            raise UnknownSubject(subject)
        counts = held_counts(connection, subject)
    return {table: count for table, count in counts.items() if count}


def close_account(deciding: Decisions) -> Receipt:
    """Erase the subject from every store. Raises UnknownSubject."""
    account_scope(deciding.parts, deciding.kind, deciding.subject)
    # What is still on its way into the records would come after the erasure otherwise.
    deciding.parts.impressions.settle()
    deciding.parts.views.seal()
    by = deciding.by
    return erase(erasing_of(deciding.parts), deciding.subject, role=by.role, actor=by.actor)


def erasing_of(parts: Parts) -> Erasing:
    """An erasure over the parts of this server."""
    settings = parts.settings
    return Erasing(
        settings=settings,
        engine=parts.engine,
        secrets=parts.secrets,
        audit=parts.audit,
        location=store_location(settings),
        clock=lambda: moment_of_writing(settings),
    )
