"""Who departed, or did not after all, by what a file tells: noted in the file's own transaction."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sqlalchemy import Connection

from pipelines.ingest.contract import Contract
from pipelines.ingest.duplicates import Sorted
from pipelines.ingest.register_departures import hear
from records.arrivals import Came, note_arrivals
from records.departures import departed_among
from records.series import stop_series, with_series


def note_departed(
    connection: Connection, contract: Contract, rows: Sorted, register: Path | None, at: dt.datetime
) -> int:
    """Note whose departure the rows tell of or take back, and an arrival for each; how many.

    Every series to whom is gone ends, however many they are: what is not true any more waits for no run over
    the city. `register` is the folder of the register's statements, these rows among them; None for a table
    of the records.
    """
    if register is None:
        named = _told(connection, rows, at) if contract.table == "departures" else []
    else:
        named = hear(connection, contract.table, rows.new, register, at)
    # The worker looks again: a message may have been told while this file was under way, and whoever is
    # back is judged anew.
    note_arrivals(connection, (Came(subject, "departure", (subject,)) for subject in named))
    return len(named)


def _told(connection: Connection, rows: Sorted, at: dt.datetime) -> list[str]:
    """Whom the table of departures names; their rows are in, what they take back is taken back."""
    named = sorted({*rows.new["subject"], *rows.changed["subject"]})
    gone = sorted(departed_among(connection, named))
    for subject in sorted(with_series(connection, gone)):
        stop_series(connection, subject, at)
    return named
