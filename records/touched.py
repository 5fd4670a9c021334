"""Of whom the records say more than they did at an instant."""

from __future__ import annotations

import datetime as dt

import polars as pl
from sqlalchemy import Connection, or_, select

from records.bulk import rows_with_keys
from records.tables import case, consent, departure, scope_item


def touched_since(connection: Connection, subjects: pl.Series, since: dt.datetime) -> frozenset[str]:
    """Those of the subjects whose cases, consents or very being changed after an (aware) instant."""
    mine = subjects.rename("subject").to_frame()
    owned = select(scope_item.c.owner).join(case, case.c.scope_item == scope_item.c.id)
    later = owned.where(or_(case.c.opened_at > since, case.c.closed_at > since))
    found = [rows_with_keys(connection, scope_item, subjects.rename("owner").to_frame(), later)["owner"]]
    said = select(consent.c.subject).where(or_(consent.c.granted_at > since, consent.c.withdrawn_at > since))
    found.append(rows_with_keys(connection, consent, mine, said)["subject"])
    gone = select(departure.c.subject).where(departure.c.recorded_at > since)
    found.append(rows_with_keys(connection, departure, mine, gone)["subject"])
    return frozenset(pl.concat(found).unique().to_list())
