"""How many cases each item has, of those who let statistics be made, where none points at anybody."""

from __future__ import annotations

import datetime as dt

import polars as pl
from sqlalchemy import Connection

from catalog.catalogue import Catalogue
from privacy.aggregates import SMALLEST, in_tens
from records.counted import counted_pages


def cases_opened(
    connection: Connection, catalogue: Catalogue, since: dt.datetime, until: dt.datetime
) -> dict[str, int]:
    """By item, the cases opened after `since` until `until` (both aware), in whole tens.

    Items with cases of fewer than ten subjects are left out: how many they have is not told.
    """
    words = dict.fromkeys(("item", "subject"), pl.String())
    found = [pl.DataFrame(schema=words)]
    for page in counted_pages(connection, catalogue, until, since):
        then = page.cases.filter(pl.col("opened_at") > since, pl.col("opened_at") <= until)
        owners = page.scope_items.select(scope_item="id", subject="owner")
        found.append(then.join(owners, on="scope_item").select("item", "subject"))
    counted = pl.concat(found).group_by("item").agg(pl.len(), pl.col("subject").n_unique().alias("people"))
    told = counted.filter(pl.col("people") >= SMALLEST).sort("item")
    return {item: in_tens(count) for item, count in told.select("item", "len").iter_rows()}
