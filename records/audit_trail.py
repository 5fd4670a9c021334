"""One deed outside the server (a command, a pipeline), written into the audit chain by itself."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Engine

from records.audit import AuditEntry, audit_chain
from records.audit_heads import AuditBroken, anchor, anchored, read_head
from records.database import reading, writing
from records.keys import open_secrets
from records.settings import Settings


def write_down(settings: Settings, engine: Engine, *entries: AuditEntry) -> None:
    """Append the entries by themselves and copy the head. Raises SecretsError, AuditBroken."""
    with writing(engine) as connection:
        audit_chain(open_secrets(settings)).append(connection, *entries)
        head = read_head(connection)
    anchor(head, settings.audit_heads_path)


def acknowledge_loss(settings: Settings, engine: Engine, entry: AuditEntry) -> int:
    """Go on from a chain that a restore took back: say in it, and in the file of heads, which rows are gone.

    The number of rows lost; 0, and nothing is said, when none are. Raises AuditBroken for a head of others.
    """
    sealer = audit_chain(open_secrets(settings)).sealer
    with reading(engine) as connection:
        head = read_head(connection)
    copies = [copy for copy in anchored(settings.audit_heads_path) if copy is not None]
    furthest = max((copy.sequence for copy in copies), default=0)
    if not sealer.holds(head):
        raise AuditBroken("the head of the audit chain has a wrong seal: run `qianmian audit verify`")
    if furthest <= head.sequence:
        return 0
    anchor(sealer.head(head.sequence, head.hash, furthest), settings.audit_heads_path)
    lost = {"lost_from": head.sequence + 1, "lost_to": furthest}
    write_down(settings, engine, replace(entry, detail={**entry.detail, **lost}))
    return furthest - head.sequence
