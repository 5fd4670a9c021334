"""Writes that a page can do without: tried while the records take writes, and left out while they do not."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from records.database import writing
from serving.parts import Parts


def write_if_possible(parts: Parts, write: Callable[[Connection], object]) -> bool:
    """Whether it was written; the condition of the server says why not. Raises what is our own fault."""
    if parts.condition.writes_fail:
        return False
    try:
        with writing(parts.engine) as connection:
            write(connection)
    except SQLAlchemyError as error:
        if parts.condition.heard_of_records(error) == "records_refused":
            raise
        return False
    return True
