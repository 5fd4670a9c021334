"""Whether the audit chain is as it was left: every row, every sealed view, its end, and nothing anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from records.audit import SEALED
from records.audit_encoding import batch_hash, row_hash
from records.audit_heads import AuditBroken, Head, Sealer, anchored, read_head
from records.tables.audit import NOTHING_YET, audit, audit_view

_AT_ONCE = 2_000
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Breach:
    """The first thing that is wrong."""

    sequence: int | None
    """The row concerned; None where it is the file of heads."""
    says: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far the chain was followed, and what was found."""

    rows: int
    views: int
    heads: int
    """Copies of the head that were compared."""
    breach: Breach | None


class _Found(Exception):
    def __init__(self, sequence: int | None, says: str) -> None:
        super().__init__(says)
        self.breach = Breach(sequence, says)


def verify(engine: Engine, sealer: Sealer, heads: Path, progress: Progress = lambda _rows: None) -> Verdict:
    """Follow the whole chain in the order it was written, in little memory; stops at the first breach."""
    walk = _Walk(sealer, progress)
    try:
        # Copies first: whatever they name was committed before the chain is read.
        copies = walk.copies(heads)
        level = "SERIALIZABLE" if engine.dialect.name == "sqlite" else "REPEATABLE READ"
        with engine.connect().execution_options(isolation_level=level) as connection, connection.begin():
            walk.follow(connection, copies)
            walk.end(connection, copies)
    except _Found as found:
        return Verdict(walk.rows, walk.views, walk.heads, found.breach)
    return Verdict(walk.rows, walk.views, walk.heads, None)


class _Walk:
    """One pass over the chain."""

    def __init__(self, sealer: Sealer, progress: Progress) -> None:
        self.sealer, self.progress = sealer, progress
        self.rows = self.views = self.heads = 0
        self.last = NOTHING_YET

    def copies(self, path: Path) -> Mapping[int, str]:
        """The hash each copied head gives the row it was copied at."""
        known: dict[int, str] = {}
        for number, head in enumerate(anchored(path), start=1):
            if head is None or not self.sealer.holds(head):
                raise _Found(None, f"line {number} of {path.name} is no head of ours")
            if head.lost_to:
                # A restore went back to this row, and whoever holds the keys said so.
                known = {sequence: hash for sequence, hash in known.items() if sequence <= head.sequence}
            if known.setdefault(head.sequence, head.hash) != head.hash:
                raise _Found(head.sequence, "the file of heads names two rows at this place")
        return known

    def follow(self, connection: Connection, copies: Mapping[int, str]) -> None:
        for row in _stream(connection):
            sequence = row["sequence"]
            if sequence != self.rows + 1:
                missing = self.rows + 1
                raise _Found(missing, f"row {missing} is missing: {sequence} comes after {self.rows}")
            if row["previous_hash"] != self.last:
                raise _Found(sequence, "does not follow the row before it")
            if row["hash"] != row_hash(sequence, row, self.last):
                raise _Found(sequence, "was changed: it does not have the hash it was given")
            if sequence in copies:
                self.heads += 1
                if copies[sequence] != row["hash"]:
                    raise _Found(sequence, "is not the row that was here when the head was copied")
            if row["action"] == SEALED:
                self._check_views(connection, row)
            self.rows, self.last = sequence, row["hash"]
            if sequence % _AT_ONCE == 0:
                self.progress(sequence)

    def end(self, connection: Connection, copies: Mapping[int, str]) -> None:
        """Nothing was cut off, and nobody but us wrote the end."""
        try:
            head: Head = read_head(connection)
        except AuditBroken as error:
            raise _Found(self.rows, str(error)) from error
        furthest = max(copies, default=0)
        if furthest > self.rows:
            raise _Found(self.rows + 1, f"rows {self.rows + 1} to {furthest} were cut off the end")
        if (head.sequence, head.hash) != (self.rows, self.last):
            raise _Found(
                min(head.sequence, self.rows) + 1, f"the sealed head is row {head.sequence}, not {self.rows}"
            )
        if not self.sealer.holds(head):
            raise _Found(self.rows, "the head's seal was not made with our keys")
        kept = connection.execute(select(func.count()).select_from(audit_view)).scalar_one()
        if kept != self.views:
            raise _Found(None, f"{kept} views are kept, {self.views} were sealed")

    def _check_views(self, connection: Connection, row: Mapping[str, Any]) -> None:
        views = (
            select(audit_view).where(audit_view.c.batch == row["sequence"]).order_by(audit_view.c.position)
        )
        kept = [dict(view._mapping) for view in connection.execute(views)]
        if len(kept) != row["detail"].get("count") or batch_hash(kept) != row["detail"].get("views"):
            raise _Found(row["sequence"], "the views it seals were changed, added to or removed")
        self.views += len(kept)


def _stream(connection: Connection) -> Iterator[Mapping[str, Any]]:
    ordered = select(audit).order_by(audit.c.sequence)
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(ordered):
        yield dict(row._mapping)
