"""Who is known to be under 18, and until when: such people are pushed nothing that is delicate.

The birth date itself stays with its register. What is kept here is kept to protect them, serves no other
purpose and needs no consent; it goes when they come of age, and with their erasure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Final

import polars as pl
from sqlalchemy import Connection, delete, select

from records.bulk import insert_rows, rows_with_keys
from records.series import AT_ONCE
from records.tables import minor, subject

BIRTH_DATE: Final = "birth_date"
"""The attribute of a citizen that tells it."""
ADULT: Final = 18
"""Until this age nothing delicate leaves the inbox, nor is followed by its name."""


def minors_among(connection: Connection, subjects: Collection[str], on: dt.date) -> frozenset[str]:
    """Those of the subjects that are known to be under 18 on a day."""
    m = minor.c
    rows = connection.execute(select(m.subject).where(m.subject.in_(subjects), m.until > on))
    return frozenset(rows.scalars())


def note_births(connection: Connection, births: pl.DataFrame, on: dt.date) -> None:
    """Keep what the latest word on birth dates tells: columns `subject` (each once) and `born`.

    Whoever is no minor by it, or whose birth date is unknown or still to come, is known to be one no longer;
    so is whoever has come of age. A subject that the records do not hold is left out.
    """
    told = births.select("subject", "born", until=_comes_of_age(pl.col("born")))
    young = told.filter((pl.col("born") <= on) & (pl.col("until") > on)).select("subject", "until")
    young = young.join(_known(connection, young), on="subject", how="semi")
    held = rows_with_keys(connection, minor, births.select("subject"))
    _forget(connection, held.join(young, on=["subject", "until"], how="anti")["subject"].to_list())
    connection.execute(delete(minor).where(minor.c.until <= on))
    insert_rows(connection, minor, young.join(held, on=["subject", "until"], how="anti").sort("subject"))


def _known(connection: Connection, young: pl.DataFrame) -> pl.DataFrame:
    held = rows_with_keys(connection, subject, young.select(id="subject"), select(subject.c.id))
    return held.select(subject="id")


def _forget(connection: Connection, subjects: Sequence[str]) -> None:
    for start in range(0, len(subjects), AT_ONCE):
        connection.execute(delete(minor).where(minor.c.subject.in_(subjects[start : start + AT_ONCE])))


def _comes_of_age(born: pl.Expr) -> pl.Expr:
    """The day somebody turns 18; of 29 February it is 1 March, for 18 years on there is none."""
    leap_day = (born.dt.month() == 2) & (born.dt.day() == 29)
    of_age = born.dt.offset_by(f"{ADULT}y")
    return pl.when(leap_day).then(of_age.dt.offset_by("1d")).otherwise(of_age)
