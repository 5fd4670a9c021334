"""What is done from the command line leaves a row in the audit chain, like everything else."""

from __future__ import annotations

import getpass
from collections.abc import Mapping

from sqlalchemy import Engine

from commands.console import Refusal
from records.audit import AuditEntry
from records.audit_encoding import Scalar
from records.audit_heads import AuditBroken
from records.audit_trail import acknowledge_loss, write_down
from records.keys import SecretsError
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
    entry = _entry(settings, action, subject, purpose, detail)
    try:
        write_down(settings, engine, entry)
    except (SecretsError, AuditBroken) as error:
        raise Refusal(str(error)) from error


def say_lost(settings: Settings, engine: Engine, reason: str) -> int:
    """Say which rows a restore lost, and why; how many they were."""
    try:
        return acknowledge_loss(
            settings, engine, _entry(settings, "audit.resumed", detail={"reason": reason})
        )
    except (SecretsError, AuditBroken) as error:
        raise Refusal(str(error)) from error


def _entry(
    settings: Settings,
    action: str,
    subject: str | None = None,
    purpose: str | None = None,
    detail: Mapping[str, Scalar] | None = None,
) -> AuditEntry:
    return AuditEntry(
        at=now_in_utc(settings),
        role="console",
        actor=f"console:{getpass.getuser()}",
        action=action,
        subject=subject,
        purpose=purpose,
        detail=detail or {},
    )
