"""What is done from the command line leaves a row in the audit chain, like everything else."""

from __future__ import annotations

import getpass
from collections.abc import Mapping

from sqlalchemy import Engine

from commands.console import Refusal
from records.audit import AuditEntry, audit_chain
from records.audit_encoding import Scalar
from records.audit_heads import anchor, read_head
from records.database import writing
from records.keys import SecretsError, open_secrets
from records.settings import Settings, now_in_utc


def leave_trail(
    settings: Settings,
    engine: Engine,
    action: str,
    subject: str | None = None,
    purpose: str | None = None,
    detail: Mapping[str, Scalar] | None = None,
) -> None:
    """Write who at this machine does what, before they see it; the command ends where that cannot be kept."""
    try:
        chain = audit_chain(open_secrets(settings))
    except SecretsError as error:
        raise Refusal(str(error)) from error
    entry = AuditEntry(
        at=now_in_utc(settings),
        role="console",
        actor=f"console:{getpass.getuser()}",
        action=action,
        subject=subject,
        purpose=purpose,
        detail=detail or {},
    )
    with writing(engine) as connection:
        chain.append(connection, entry)
        head = read_head(connection)
    anchor(head, settings.audit_heads_path)
