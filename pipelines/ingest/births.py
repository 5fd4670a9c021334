"""Who is under 18 by what a file tells: noted in its own transaction, for what decides on pushes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

import polars as pl
from sqlalchemy import Connection

from catalog.vocabulary import Scope, SubjectKind
from features.statements import business_day
from pipelines.ingest.attribute_store import last_statements
from pipelines.ingest.contract import Contract
from pipelines.ingest.duplicates import Sorted
from records.minors import BIRTH_DATE, note_births

_SELVES: Final = f"{SubjectKind.CITIZEN}.{Scope.SELF}."


def note_minors(
    connection: Connection, contract: Contract, rows: Sorted, register: Path | None, at: dt.datetime
) -> None:
    """Note who is under 18 among those of whom a register of birth dates tells something new.

    `register` is the folder of its statements, these rows among them; None for a table of the records.
    """
    if register is None or not contract.table.startswith(_SELVES) or BIRTH_DATE not in rows.new.columns:
        return
    births = last_statements(register, rows.new).select(subject="scope_item", born=pl.col(BIRTH_DATE))
    note_births(connection, births, business_day(at))
