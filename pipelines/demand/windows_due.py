"""How many windows open and fall due in the weeks ahead, as far as a day tells: by item and district."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import polars as pl

from catalog.catalogue import Item
from catalog.duty import Duty
from catalog.vocabulary import SCOPES_OF, Status
from features.statements import end_of
from models.eligibility.population import PopulationRules
from models.eligibility.rule_book import RuleBook
from models.recommendation import Window
from models.standing.turns import anchor_needed
from models.standing.windows import neighbours
from models.standing.working_days import WorkingCalendar
from pipelines.demand.held import Held

COLUMNS = {"item": pl.String, "district": pl.String, "opens_on": pl.Date, "due_on": pl.Date}


def windows_known(held: Held, book: RuleBook, day: dt.date, calendar: WorkingCalendar) -> pl.DataFrame:
    """item, district, opens_on, due_on: a row for each window, open or next, of whoever qualifies on a day.

    Windows whose cycle is done by then are left out; so are duties whose date is not told.
    """
    districts = held.districts()
    cases = held.records.cases.filter(
        (pl.col("closed_at") <= end_of(day)) & (pl.col("status") == "succeeded")
    )
    done = cases.select("scope_item", "item", "cycle").unique()
    found = [pl.DataFrame(schema=COLUMNS)]
    for scope in SCOPES_OF[held.kind]:
        items = [
            item
            for item in held.catalogue.items_for(held.kind, scope)
            if item.duty is not None and item.status is Status.CONFIRMED
        ]
        table = held.table(day, scope)
        if not items or table.frame.is_empty():
            continue
        verdicts = PopulationRules.of_items(book.rules(held.kind, scope, day)).judge(table)
        rows = table.frame.join(districts, on="subject", how="left", maintain_order="left")
        for item in items:
            if item.id in verdicts.names:
                own = rows.filter(pl.Series(verdicts.true(item.id)))
                found.append(_of_item(item, own, done, day, calendar))
    return pl.concat(found)


def _of_item(
    item: Item, rows: pl.DataFrame, done: pl.DataFrame, day: dt.date, calendar: WorkingCalendar
) -> pl.DataFrame:
    anchor = anchor_needed(item.duty)
    if rows.is_empty() or item.duty is None or (anchor is not None and anchor not in rows.columns):
        return pl.DataFrame(schema=COLUMNS)
    own = rows.select("scope_item", "district", (pl.col(anchor) if anchor else pl.lit(day)).alias("anchor"))
    own = own.drop_nulls("anchor")
    dates = own["anchor"].unique().to_list()
    windows = [
        (date, window.cycle, window.opens_on, window.due_on)
        for date in dates
        for window in _windows(item.duty, date if anchor else None, day, calendar)
    ]
    schema = {"anchor": pl.Date, "cycle": pl.String, "opens_on": pl.Date, "due_on": pl.Date}
    known = own.join(pl.DataFrame(windows, schema=schema, orient="row"), on="anchor")
    finished = done.filter(pl.col("item") == item.id).select("scope_item", "cycle")
    left = known.join(finished, on=["scope_item", "cycle"], how="anti")
    return left.select(
        pl.lit(item.id).alias("item"), pl.col("district").fill_null("unknown"), "opens_on", "due_on"
    )


def _windows(duty: Duty, anchor: dt.date | None, day: dt.date, calendar: WorkingCalendar) -> Iterator[Window]:
    around = neighbours(duty, anchor, day, calendar)
    yield from around.open
    if around.next is not None:
        yield around.next
