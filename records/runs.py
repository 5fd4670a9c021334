"""How far telling the daily difference came: by partition, written with the messages of the partition."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from records.insertion import insert_new
from records.tables import difference_part, difference_run


@dataclass(frozen=True, slots=True)
class DifferenceRun:
    """One difference that was begun."""

    id: int
    to_standings: str
    from_standings: str | None
    on: dt.date
    partitions: int
    finished_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class PartDone:
    """What became of one partition."""

    changed: int = 0
    told: int = 0
    untold: int = 0
    left_aside: int = 0

    def plus(self, other: PartDone) -> PartDone:
        """Both together."""
        return PartDone(
            self.changed + other.changed,
            self.told + other.told,
            self.untold + other.untold,
            self.left_aside + other.left_aside,
        )


def begin_difference(
    connection: Connection,
    to_standings: str,
    from_standings: str | None,
    on: dt.date,
    partitions: int,
    catalogue_version: str,
    at: dt.datetime,
) -> DifferenceRun:
    """Begin to tell of some standings, or go on with what was begun of them; from what, stays as it was."""
    row = {
        "to_standings": to_standings,
        "from_standings": from_standings,
        "on": on,
        "partitions": partitions,
        "catalogue_version": catalogue_version,
        "started_at": at,
    }
    insert_new(connection, difference_run, "to_standings", [row])
    run = run_of(connection, to_standings)
    if run is None:
        raise LookupError(f"the difference to {to_standings} was begun and is not there")
    return run


def run_of(connection: Connection, to_standings: str) -> DifferenceRun | None:
    """The difference that tells of some standings; None where none was begun."""
    mine = _RUN.where(difference_run.c.to_standings == to_standings)
    row = connection.execute(mine).first()
    return None if row is None else DifferenceRun(*row)


def last_finished(connection: Connection) -> DifferenceRun | None:
    """The difference that was finished last."""
    finished = _RUN.where(difference_run.c.finished_at.is_not(None))
    row = connection.execute(finished.order_by(difference_run.c.id.desc()).limit(1)).first()
    return None if row is None else DifferenceRun(*row)


def broken_off(connection: Connection) -> DifferenceRun | None:
    """The difference begun last, if it was not finished."""
    row = connection.execute(_RUN.order_by(difference_run.c.id.desc()).limit(1)).first()
    run = None if row is None else DifferenceRun(*row)
    return run if run is not None and run.finished_at is None else None


def parts_done(connection: Connection, run: int) -> dict[int, PartDone]:
    """By partition, what became of those that were told."""
    p = difference_part.c
    rows = connection.execute(
        select(p.partition, p.changed, p.told, p.untold, p.left_aside).where(p.run == run)
    )
    return {partition: PartDone(*counts) for partition, *counts in rows}


def note_part(connection: Connection, run: int, partition: int, done: PartDone, at: dt.datetime) -> bool:
    """Note a partition as told, in the transaction that tells it; False if somebody else has told it."""
    held = select(difference_part.c.run).where(
        difference_part.c.run == run, difference_part.c.partition == partition
    )
    if connection.execute(held).first() is not None:
        return False
    row = {"run": run, "partition": partition, "finished_at": at}
    counts = {name: getattr(done, name) for name in ("changed", "told", "untold", "left_aside")}
    connection.execute(insert(difference_part).values(**row, **counts))
    return True


def finish_difference(connection: Connection, run: int, at: dt.datetime) -> bool:
    """Note a difference as told whole, once every partition is; False while one is missing."""
    told = connection.execute(
        select(func.count()).select_from(difference_part).where(difference_part.c.run == run)
    ).scalar_one()
    mine = (
        difference_run.c.id == run,
        difference_run.c.partitions <= told,
        difference_run.c.finished_at.is_(None),
    )
    connection.execute(update(difference_run).where(*mine).values(finished_at=at))
    known = select(difference_run.c.finished_at).where(difference_run.c.id == run)
    return connection.execute(known).scalar_one() is not None


_RUN = select(
    difference_run.c.id,
    difference_run.c.to_standings,
    difference_run.c.from_standings,
    difference_run.c.on,
    difference_run.c.partitions,
    difference_run.c.finished_at,
)
