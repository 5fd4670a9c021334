"""Promotions in the audit chain: which version is about to reach the pages, written before it does."""

from __future__ import annotations

from sqlalchemy import Engine

from records.audit import AuditEntry
from records.audit_trail import write_down
from records.settings import Settings, now_in_utc


def tell(settings: Settings, engine: Engine, action: str, model: str, version: str, was: str | None) -> None:
    """Write that a version of a model takes the place of another."""
    detail = {"model": model, "version": version, "in_place_of": was}
    write_down(settings, engine, AuditEntry(now_in_utc(settings), "system", "promote", action, detail=detail))
