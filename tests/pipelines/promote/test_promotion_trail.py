"""A version that takes another's place is in the audit chain, with what it took the place of."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from pipelines.promote.trail import tell
from records.audit import audit_chain
from records.audit_verification import verify
from records.database import open_records, reading
from records.keys import open_secrets
from records.settings import Settings
from records.tables.audit import audit


def test_a_promotion_is_written_and_its_head_copied(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    engine = open_records(settings)
    tell(settings, engine, "model.promoted", "affinity", "3", None)
    tell(settings, engine, "model.rolled_back", "affinity", "2", "3")
    with reading(engine) as connection:
        rows = connection.execute(select(audit.c.action, audit.c.detail).order_by(audit.c.sequence)).all()
    assert rows[0].detail == {"model": "affinity", "version": "3", "in_place_of": None}
    assert rows[1].detail == {"model": "affinity", "version": "2", "in_place_of": "3"}
    verdict = verify(engine, audit_chain(open_secrets(settings)).sealer, settings.audit_heads_path)
    assert (verdict.rows, verdict.heads, verdict.breach) == (2, 2, None)
    engine.dispose()
