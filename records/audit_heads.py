"""The sealed head of the audit chain, and its copies kept outside the database.

A chain alone cannot show that its end was cut off, or that all of it was computed anew. Its head is
therefore sealed by a key the database does not hold, and copied from time to time to a file elsewhere.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import Connection, select, update

from privacy.pseudonym import keyed_digest
from records.tables.audit import NOTHING_YET, audit_head


class AuditBroken(RuntimeError):
    """The chain is not as it was left; nothing is added to it until it was looked into."""


class Head(msgspec.Struct, frozen=True):
    """The latest row of the chain, sealed."""

    sequence: int
    hash: str
    key_version: int
    seal: str
    lost_to: int = 0
    """In the file alone: rows after this one, up to that number, were lost in a restore, as was said."""


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals heads with the current key, and knows the seals of every key held."""

    keys: Mapping[int, bytes]
    current: int

    def __repr__(self) -> str:
        return f"Sealer(current={self.current})"

    def head(self, sequence: int, hash: str, lost_to: int = 0) -> Head:
        """The head of a chain that ends so."""
        seal = self._seal(self.current, sequence, hash, lost_to)
        return Head(sequence, hash, self.current, seal, lost_to)

    def holds(self, head: Head) -> bool:
        """Whether the head was sealed by one of our keys, or is that of a chain with no row yet."""
        if head.sequence == 0 and not head.lost_to:
            return head == Head(0, NOTHING_YET, 0, "")
        key = head.key_version
        return key in self.keys and hmac.compare_digest(
            head.seal, self._seal(key, head.sequence, head.hash, head.lost_to)
        )

    def _seal(self, version: int, sequence: int, hash: str, lost_to: int) -> str:
        sealed = (str(version), str(sequence), hash, str(lost_to))
        return keyed_digest(self.keys[version], "audit head", *sealed).hex()


def read_head(connection: Connection, *, lock: bool = False) -> Head:
    """The chain's head; with `lock`, nobody else appends until this transaction ends."""
    statement = select(audit_head.c.sequence, audit_head.c.hash, audit_head.c.key_version, audit_head.c.seal)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise AuditBroken("the head of the audit chain is gone: run `qianmian audit verify`")
    return Head(*row)


def write_head(connection: Connection, head: Head) -> None:
    """Move the head to the row just added."""
    kept = {name: value for name, value in msgspec.structs.asdict(head).items() if name != "lost_to"}
    connection.execute(update(audit_head).values(kept))


def anchor(head: Head, path: Path) -> None:
    """Add a copy of the head to the file, on the disk before this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        # One write of one short line: several processes may add to the same file.
        os.write(handle, msgspec.json.encode(head) + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)


def anchored(path: Path) -> Iterator[Head | None]:
    """The copies in the file, oldest first; None for a line that is no head."""
    if not path.exists():
        return
    with path.open("rb") as lines:
        for line in lines:
            try:
                yield msgspec.json.decode(line, type=Head)
            except msgspec.DecodeError:
                yield None
