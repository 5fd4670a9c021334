"""One deed outside the server (a command, a pipeline), written into the audit chain by itself."""

from __future__ import annotations

from sqlalchemy import Engine

from records.audit import AuditEntry, audit_chain
from records.audit_heads import anchor, read_head
from records.database import writing
from records.keys import open_secrets
from records.settings import Settings


def write_down(settings: Settings, engine: Engine, *entries: AuditEntry) -> None:
    """Append the entries by themselves and copy the head. Raises SecretsError, AuditBroken."""
    with writing(engine) as connection:
        audit_chain(open_secrets(settings)).append(connection, *entries)
        head = read_head(connection)
    anchor(head, settings.audit_heads_path)
