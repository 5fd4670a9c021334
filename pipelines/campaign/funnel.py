"""What came of a campaign: reached, opened, started, completed, unsubscribed, complained, and the uplift.

Counted are those who let their cases of the item be counted (purpose `aggregate`), told and held out alike:
the two are compared on the same ground; nothing that rests on a few, or differs by a few, is told, nor does
a count tell of a few who came since the one before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection

from catalog.catalogue import Catalogue
from models.homepage import theme_of_item
from pipelines.campaign.uplift import Uplift, uplift
from privacy.aggregates import Counts, Group, Release, release
from privacy.mask import mask_matters, mask_records
from privacy.steady import bounds, steadily
from records.campaign_members import complaint_rows, member_rows, told_rows, unsubscribed_rows
from records.campaigns import Campaign
from records.consents import consents_table
from records.populations import record_tables

MEASURES: Final = ("reached", "opened", "started", "completed", "unsubscribed", "complained")
BETWEEN: Final = "\x1f"
YES, NO = "yes", "no"
ARMS: Final = ("told", "held_out")
BEGUN: Final = ("start", "submit")
LOOKED: Final = ("view", "click", "start", "submit")


def funnel(
    connection: Connection, campaign: Campaign, catalogue: Catalogue, at: dt.datetime
) -> dict[str, Any]:
    """The funnel of a campaign by arm, as far as it may be told, with the uplift in completions."""
    rows = _measured(connection, campaign, catalogue, at)
    counts = Counts(MEASURES)
    counts.add(
        rows.select(
            pl.concat_str(
                "arm", pl.when(pl.col(name)).then(pl.lit(YES)).otherwise(pl.lit(NO)), separator=BETWEEN
            ).alias(name)
            for name in MEASURES
        )
    )
    released = release(counts, {group: _other_half(group) for group in counts.single})
    before = (campaign.funnel or {}).get("arms", {})
    arms = {arm: dict(_arm(released, arm, before.get(arm, {}))) for arm in ARMS}
    return {"arms": arms, "uplift": _uplift(arms)}


def _measured(
    connection: Connection, campaign: Campaign, catalogue: Catalogue, at: dt.datetime
) -> pl.DataFrame:
    """arm and a Boolean column a measure: a row for each member that may be counted."""
    draft = campaign.draft
    members = member_rows(connection, campaign.id)
    consents = consents_table(connection, draft.kind)
    tables = mask_records(record_tables(connection, draft.kind), "aggregate", consents, catalogue, at)
    asked = members.with_columns(scope_item=pl.col("subject"), item=pl.lit(draft.item))
    open_ = mask_matters(asked, tables, consents, catalogue, at)
    owners = tables.scope_items.select(pl.col("id").alias("scope_item"), pl.col("owner").alias("subject"))
    done = (
        tables.cases.filter((pl.col("item") == draft.item) & (pl.col("status") == "succeeded"))
        .join(owners, on="scope_item")
        .select("subject", when="closed_at")
    )
    acts = tables.interactions.filter(pl.col("item") == draft.item).select("subject", "kind", when="at")
    read = told_rows(connection, campaign.id)
    topic = theme_of_item(draft.item, catalogue)
    rows = open_.select("subject", "arm", "at", "key").with_columns(
        reached=pl.col("key").is_in(read["key"].to_list()),
        read=pl.col("key").is_in(read.filter(pl.col("read_at").is_not_null())["key"].to_list()),
    )
    since = {
        "looked": acts.filter(pl.col("kind").is_in(LOOKED)),
        "started": acts.filter(pl.col("kind").is_in(BEGUN)),
        "completed": done,
        "unsubscribed": unsubscribed_rows(connection, campaign.id, topic).rename({"changed_at": "when"}),
        "complained": complaint_rows(connection, campaign.id).rename({"opened_at": "when"}),
    }
    for name, events in since.items():
        rows = _after(rows, events, name)
    return rows.with_columns(opened=pl.col("read") | pl.col("looked"))


def _after(rows: pl.DataFrame, events: pl.DataFrame, name: str) -> pl.DataFrame:
    """Whether something happened of each member after they were told, or would have been."""
    last = events.group_by("subject").agg(pl.col("when").max())
    joined = rows.join(last, on="subject", how="left", maintain_order="left")
    return joined.with_columns((pl.col("when") >= pl.col("at")).fill_null(False).alias(name)).drop("when")


def _arm(released: Release, arm: str, before: Mapping[str, int | None]) -> Iterator[tuple[str, int | None]]:
    both = [("completed", f"{arm}{BETWEEN}{half}") for half in (YES, NO)]
    yield "members", steadily(released, both, before, "members")
    for name in MEASURES:
        yield name, steadily(released, [(name, f"{arm}{BETWEEN}{YES}")], before, name)


def _uplift(arms: dict[str, dict[str, int | None]]) -> dict[str, float] | None:
    """Of figures in whole tens: the interval holds what the counts behind them may come to."""
    told, of_told = arms["told"]["completed"], arms["told"]["members"]
    held, of_held = arms["held_out"]["completed"], arms["held_out"]["members"]
    if told is None or held is None or not of_told or not of_held:
        return None
    (few, many), (of_few, of_many) = bounds(told), bounds(of_told)
    (held_few, held_many), (of_held_few, of_held_many) = bounds(held), bounds(of_held)
    found = uplift(min(told, of_told), of_told, min(held, of_held), of_held)
    least = uplift(few, of_many, min(held_many, of_held_few), of_held_few)
    most = uplift(min(many, of_few), of_few, held_few, of_held_many)
    return asdict(Uplift(found.difference, least.low, most.high))


def _other_half(group: Group) -> Group:
    measure, name = group
    arm, _, half = name.partition(BETWEEN)
    return measure, f"{arm}{BETWEEN}{NO if half == YES else YES}"
