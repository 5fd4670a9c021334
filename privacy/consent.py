"""Consents: what a subject said yes to, for which purpose, from when until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from features.schema import PurposeName


@dataclass(frozen=True, slots=True)
class Consent:
    """One yes, and when it was taken back (times are aware). The last word counts."""

    subject: str
    purpose: PurposeName
    target: str
    granted_at: dt.datetime
    withdrawn_at: dt.datetime | None
    text_version: str


def granted(consents: Iterable[Consent], purpose: PurposeName, target: str, at: dt.datetime) -> bool:
    """Whether one subject's consents open the target to the purpose at that instant."""
    return target in granted_targets(consents, purpose, at)


def granted_targets(consents: Iterable[Consent], purpose: PurposeName, at: dt.datetime) -> frozenset[str]:
    """Every target that one subject's consents open to the purpose at that instant.

    A withdrawal takes back every yes given until then, and wins over a yes of the same instant.
    ValueError for a naive `at`.
    """
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone; consent is a matter of instants")
    given: dict[str, dt.datetime] = {}
    taken: dict[str, dt.datetime] = {}
    for consent in consents:
        if consent.purpose != purpose:
            continue
        _latest(given, consent.target, consent.granted_at, at)
        if consent.withdrawn_at is not None:
            _latest(taken, consent.target, consent.withdrawn_at, at)
    return frozenset(target for target, time in given.items() if target not in taken or time > taken[target])


def granted_pairs(consents: pl.DataFrame, purpose: PurposeName, at: dt.datetime) -> pl.DataFrame:
    """`subject, target` of all that many subjects' consents open to the purpose, by the same rule."""
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone; consent is a matter of instants")
    said = pl.col("granted_at").filter(pl.col("granted_at") <= at).max()
    unsaid = pl.col("withdrawn_at").filter(pl.col("withdrawn_at") <= at).max()
    return (
        consents.lazy()
        .filter(pl.col("purpose") == purpose)
        .group_by("subject", "target")
        .agg(said.alias("said"), unsaid.alias("unsaid"))
        .filter(
            pl.col("said").is_not_null() & (pl.col("unsaid").is_null() | (pl.col("said") > pl.col("unsaid")))
        )
        .select("subject", "target")
        .sort("subject", "target")
        .collect()
    )


def _latest(times: dict[str, dt.datetime], target: str, time: dt.datetime, at: dt.datetime) -> None:
    if time <= at and (target not in times or time > times[target]):
        times[target] = time
