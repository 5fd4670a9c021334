"""What speaks of whether a firm would take a policy up: its own past, the policy's kind, the papers to bring.

As for the forecast, computed from tables for training and from one profile for a page, held equal by test.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from catalog.catalogue import Catalogue
from catalog.support_policy import SupportPolicy
from features.schema import MaskedProfile, MaskedRecordTables

Floats = npt.NDArray[np.float64]
SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
LOOKED: Final = ("view", "click", "search")
LOOK_DAYS = 90
PAST_DAYS = 730
BENEFITS: Final = ("tax", "grant", "award", "right", "fee", "loan")
LEVELS: Final = ("state", "city", "district", "subdistrict")
BEHAVIOUR: Final = ("looked", "looked_in_category", "applied_in_category", "papers", "unobserved")
OFFER: Final = ("known_amount", "usual_uptake")
SIGNALS: Final = (
    *BEHAVIOUR,
    *OFFER,
    *(f"benefit={benefit}" for benefit in BENEFITS),
    *(f"level={level}" for level in LEVELS),
)


class PolicyTraits(msgspec.Struct, frozen=True):
    """What the model knows of one policy it may meet."""

    item: str
    category: str
    benefit: str
    level: str
    known_amount: float
    """log(1 + yuan per unit); 0 where the text states none."""
    papers: tuple[str, ...]
    """Evidence types a firm must bring itself: no blank forms, nothing that government can fetch."""
    usual_uptake: float = 0.0
    """Log odds, from what was learned, that a firm that may does apply; shrunk to the mean of all."""


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """The policies that need an application, in item order, with the categories as model groups."""

    policies: tuple[PolicyTraits, ...]
    categories: tuple[str, ...]

    @property
    def places(self) -> dict[str, int]:
        """Each policy's row."""
        return {policy.item: at for at, policy in enumerate(self.policies)}

    def groups(self) -> npt.NDArray[np.int32]:
        """Each policy's category, as an index (policies,)."""
        return np.asarray([self.categories.index(p.category) for p in self.policies], dtype=np.int32)

    def offers(self) -> Floats:
        """Each policy's own signals (policies, offer signals and kinds)."""
        return np.asarray([_offer(policy) for policy in self.policies], dtype=np.float64).reshape(
            len(self.policies), len(SIGNALS) - len(BEHAVIOUR)
        )

    def frame(self) -> pl.DataFrame:
        """item, category."""
        rows = [(policy.item, policy.category) for policy in self.policies]
        return pl.DataFrame(rows, schema={"item": pl.String, "category": pl.String}, orient="row")


def policy_book(catalogue: Catalogue) -> PolicyBook:
    """The confirmed policies that somebody has to apply for; the others come by themselves."""
    chosen = [
        _traits(policy, catalogue)
        for _, policy in sorted(catalogue.support_policies.items())
        if policy.status == "confirmed" and policy.apply_mode in ("apply", "file")
    ]
    return PolicyBook(tuple(chosen), tuple(sorted({policy.category for policy in chosen})))


def end_of(day: dt.date) -> dt.datetime:
    """The instant a day ends in Beijing, in UTC."""
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, SHANGHAI)
    return midnight.astimezone(dt.UTC)


def signals_of(profile: MaskedProfile, book: PolicyBook, on: dt.date) -> Floats:
    """One firm's signals on a day (policies, signals)."""
    end, places = end_of(on), book.places
    looked, looked_in, applied_in = np.zeros(len(places)), _per_category(book), _per_category(book)
    for done in profile.interactions:
        at = places.get(done.item) if done.item is not None else None
        recent = dt.timedelta() < end - done.at <= dt.timedelta(days=LOOK_DAYS)
        if at is not None and done.kind in LOOKED and recent:
            looked[at] += 1
            looked_in[book.policies[at].category] += 1
    for case in (case for item in profile.scope_items for case in item.cases):
        at = places.get(case.item)
        if at is not None and dt.timedelta() < end - case.opened_at <= dt.timedelta(days=PAST_DAYS):
            applied_in[book.policies[at].category] += 1
    held = {
        paper.type
        for item in profile.scope_items
        for paper in item.evidence
        if (paper.valid_from or dt.date.min) <= on <= (paper.valid_to or dt.date.max)
    }
    behaviour = [
        (
            np.log1p(looked[at]),
            np.log1p(looked_in[policy.category]),
            np.log1p(applied_in[policy.category]),
            np.log1p(sum(paper not in held for paper in policy.papers)),
            float("interactions" in profile.withheld),
        )
        for at, policy in enumerate(book.policies)
    ]
    return np.hstack([np.asarray(behaviour).reshape(len(places), len(BEHAVIOUR)), book.offers()])


def signal_table(pairs: pl.DataFrame, records: MaskedRecordTables, book: PolicyBook) -> Floats:
    """The signals of each row of `subject, item, landmark` (rows, signals), in the rows' order."""
    rows = pairs.select("subject", "item", "landmark").with_row_index("__row")
    parts = [
        _of_landmark(rows.filter(pl.col("landmark") == day), records, book, day)
        for day in rows["landmark"].unique().sort()
    ]
    schema = {"__row": pl.UInt32, "item": pl.String, **dict.fromkeys(BEHAVIOUR, pl.Float64)}
    table = pl.concat(parts).sort("__row") if parts else pl.DataFrame(schema=schema)
    behaviour = table.select(pl.col(BEHAVIOUR).cast(pl.Float64)).to_numpy()
    places = table["item"].replace_strict(book.places, return_dtype=pl.Int32).to_numpy()
    return np.hstack([behaviour, book.offers()[places]])


def _of_landmark(
    rows: pl.DataFrame, records: MaskedRecordTables, book: PolicyBook, day: dt.date
) -> pl.DataFrame:
    end, own = end_of(day), book.frame()
    rows = rows.join(own, on="item")
    looked = (
        records.interactions.filter(
            pl.col("kind").is_in(LOOKED),
            pl.col("at") < end,
            pl.col("at") >= end - dt.timedelta(days=LOOK_DAYS),
        )
        .select("subject", "item")
        .join(own, on="item")
    )
    applied = (
        records.cases.filter(
            pl.col("opened_at") < end, pl.col("opened_at") >= end - dt.timedelta(days=PAST_DAYS)
        )
        .join(_owners(records), on="scope_item")
        .join(own, on="item")
    )
    by_item = looked.group_by("subject", "item").agg(looked=pl.len())
    looked_in = looked.group_by("subject", "category").agg(looked_in_category=pl.len())
    applied_in = applied.group_by("subject", "category").agg(applied_in_category=pl.len())
    return (
        rows.join(by_item, on=["subject", "item"], how="left")
        .join(looked_in, on=["subject", "category"], how="left")
        .join(applied_in, on=["subject", "category"], how="left")
        .join(_papers_to_bring(rows, records, book, day), on=["subject", "item"], how="left")
        .join(records.observed.select("subject", seen="interactions"), on="subject", how="left")
        .with_columns(pl.col(name).fill_null(0).log1p() for name in BEHAVIOUR[:-1])
        .with_columns(unobserved=(~pl.col("seen").fill_null(False)).cast(pl.Float64))
        .select("__row", "item", *BEHAVIOUR)
    )


def _papers_to_bring(
    rows: pl.DataFrame, records: MaskedRecordTables, book: PolicyBook, day: dt.date
) -> pl.DataFrame:
    """subject, item, papers: evidence types the firm holds no valid paper of."""
    needed = pl.DataFrame(
        [(policy.item, paper) for policy in book.policies for paper in policy.papers],
        schema={"item": pl.String, "type": pl.String},
        orient="row",
    )
    held = (
        records.evidence.filter(
            pl.col("valid_from").fill_null(dt.date.min) <= day,
            pl.col("valid_to").fill_null(dt.date.max) >= day,
        )
        .join(_owners(records), on="scope_item")
        .select("subject", "type")
        .unique()
    )
    return (
        rows.select("subject", "item")
        .unique()
        .join(needed, on="item")
        .join(held, on=["subject", "type"], how="anti")
        .group_by("subject", "item")
        .agg(papers=pl.len())
    )


def _owners(records: MaskedRecordTables) -> pl.DataFrame:
    return records.scope_items.select(pl.col("id").alias("scope_item"), pl.col("owner").alias("subject"))


def _per_category(book: PolicyBook) -> dict[str, int]:
    return dict.fromkeys(book.categories, 0)


def _traits(policy: SupportPolicy, catalogue: Catalogue) -> PolicyTraits:
    types = (catalogue.evidence_types[paper] for paper in policy.evidence)
    to_bring = tuple(sorted(t.id for t in types if t.kind != "form" and not t.fetchable))
    amount = 0.0 if policy.amount is None else float(np.log1p(policy.amount.yuan))
    return PolicyTraits(policy.id, policy.category, policy.benefit_type, str(policy.level), amount, to_bring)


def _offer(policy: PolicyTraits) -> Sequence[float]:
    kinds: Mapping[str, Sequence[str]] = {policy.benefit: BENEFITS, policy.level: LEVELS}
    one_hot = [float(name == told) for told, names in kinds.items() for name in names]
    return (policy.known_amount, policy.usual_uptake, *one_hot)
