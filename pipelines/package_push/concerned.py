"""Which enterprises' packages may have changed, out of two standings files and what is kept of packages."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Connection, select

from catalog.catalogue import Catalogue
from catalog.support_policy import SupportPolicy
from catalog.vocabulary import Proactive, Procedure, Status, SubjectKind
from records.bulk import rows_with_keys
from records.tables import package_snapshot
from records.tables import subject as subjects

TURN = ("subject", "scope_item", "item", "cycle")
SHAPE = ("standing", "due_on", "opens_on", "missing")


def packaged_items(catalogue: Catalogue) -> frozenset[str]:
    """What may enter a package: policies for enterprises, and their licences and approvals."""
    return frozenset(
        item.id
        for item in catalogue.items.values()
        if item.subject is SubjectKind.ENTERPRISE
        and item.status is Status.CONFIRMED
        and item.proactive is not Proactive.SEARCH_ONLY
        and (isinstance(item, SupportPolicy) or item.procedure is Procedure.LICENCE)
    )


def concerned(
    connection: Connection, before: pl.DataFrame | None, now: pl.DataFrame, catalogue: Catalogue
) -> list[str]:
    """The enterprises among the subjects of a file whose package is to be computed anew, in order.

    Where a standing of something that may be packaged came, went or moved; where the catalogue is another
    than the one the package was made by; and where none was made yet.
    """
    kinds = rows_with_keys(
        connection,
        subjects,
        now.select(id="subject").unique(),
        select(subjects.c.id).where(subjects.c.kind == SubjectKind.ENTERPRISE.value),
    )
    firms = kinds.select(subject="id")
    made = rows_with_keys(
        connection,
        package_snapshot,
        firms.select(enterprise="subject"),
        select(package_snapshot.c.enterprise, package_snapshot.c.catalogue_version),
    )
    current = made.filter(pl.col("catalogue_version") == catalogue.version).select(subject="enterprise")
    found = [firms.join(current, on="subject", how="anti")]
    if before is not None:
        found.append(_moved(before, now, packaged_items(catalogue)).join(firms, on="subject", how="semi"))
    return pl.concat(found)["subject"].unique().sort().to_list()


def _moved(before: pl.DataFrame, now: pl.DataFrame, items: frozenset[str]) -> pl.DataFrame:
    rows = [frame.filter(pl.col("item").is_in(list(items))).select(*TURN, *SHAPE) for frame in (before, now)]
    keys = [frame.with_columns(pl.col("missing").list.len()) for frame in rows]
    one = keys[0].join(keys[1], on=[*TURN, *SHAPE], how="anti", nulls_equal=True)
    other = keys[1].join(keys[0], on=[*TURN, *SHAPE], how="anti", nulls_equal=True)
    return pl.concat([one, other]).select("subject").unique()
