"""Replays the erasure log after a restore from backup: whoever is in it, and is back, is erased again."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from features.forgetting import forget, held
from records.database import reading
from records.erasure.carry_out import Erasing, Receipt, erase
from records.erasure.files import named_in, scrub
from records.erasure.log import erasure_tokens
from records.tables import audit_key
from records.tables import subject as subjects


def replay(erasing: Erasing, *, role: str, actor: str) -> tuple[Receipt, ...]:
    """Erase again all whom the log names and any store holds; the receipts of subjects that were back.

    Ids are known only to what a backup brought back, so every store is asked for those it holds.
    """
    logged = erasing.log.tokens()
    if not logged:
        return ()
    tokens = erasure_tokens(erasing.secrets)
    back = {id_ for id_ in _everybody(erasing) if tokens.of(id_) in logged}
    known = sorted(back & _subjects(erasing))
    receipts = tuple(erase(erasing, subject, role=role, actor=actor) for subject in known)
    # What else came back belongs to a subject whom the restored records do not know.
    if left := sorted(back & set(_everybody(erasing))):
        for folder in (path for path in sorted(erasing.settings.home.iterdir()) if path.is_dir()):
            scrub(folder, left)
        forget(erasing.location, left)
    return receipts


def _everybody(erasing: Erasing) -> Iterator[str]:
    """Every id that the records, the online store or the files hold, some more than once."""
    yield from _subjects(erasing)
    with reading(erasing.engine) as connection:
        yield from connection.execute(select(audit_key.c.subject)).scalars()
    yield from held(erasing.location)
    yield from named_in(erasing.settings.home)


def _subjects(erasing: Erasing) -> set[str]:
    with reading(erasing.engine) as connection:
        return set(connection.execute(select(subjects.c.id)).scalars())
