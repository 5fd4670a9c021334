"""Replays the erasure log after a restore from backup: whoever is in it, and is back, is erased again."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import insert, select

from features.forgetting import forget, held
from records.database import reading, writing
from records.erasure.carry_out import Erasing, Receipt, erase
from records.erasure.files import named_in, scrub
from records.erasure.returned import erased_by
from records.tables import audit_key, erasure
from records.tables import subject as subjects


def replay(
    erasing: Erasing, *, role: str, actor: str, among: Collection[str] | None = None
) -> tuple[Receipt, ...]:
    """Erase again all whom the log names and any store holds; the receipts of subjects that were back.

    Ids are known only to what a backup brought back, so every store is asked for those it holds; or only
    those `among` what came in are looked at.
    """
    erased = erased_by(erasing.log, erasing.secrets)
    if erased is None:
        return ()
    back = erased.among(_everybody(erasing) if among is None else among)
    receipts = _again(erasing, back, whole=among is None, role=role, actor=actor) if back else ()
    if among is None:
        _remember(erasing)
    return receipts


def _again(erasing: Erasing, back: set[str], *, whole: bool, role: str, actor: str) -> tuple[Receipt, ...]:
    known = sorted(back & _subjects(erasing))
    receipts = tuple(erase(erasing, subject, role=role, actor=actor) for subject in known)
    # What else came back belongs to a subject whom the restored records do not know.
    if left := sorted(back & set(_everybody(erasing)) if whole else back):
        for folder in (path for path in sorted(erasing.settings.home.iterdir()) if path.is_dir()):
            scrub(folder, left)
        forget(erasing.location, left)
    return receipts


def _remember(erasing: Erasing) -> None:
    """The records know from now on of every erasure that is done: they are no longer an older backup's."""
    with writing(erasing.engine) as connection:
        known = set(connection.execute(select(erasure.c.token)).scalars())
        done = {line.tokens[0]: line.at for line in erasing.log.lines() if line.done and line.tokens}
        rows = [
            {"token": token, "begun_at": at, "completed_at": at}
            for token, at in sorted(done.items())
            if token not in known
        ]
        if rows:
            connection.execute(insert(erasure), rows)


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
