"""Who took up which service when, as the affinity models want it."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import polars as pl
from scipy import sparse

from catalog.catalogue import Catalogue, Item
from catalog.public_service import PublicService
from catalog.vocabulary import SCOPES_OF, SubjectKind
from features.indicators import Indicators, fit_indicators
from features.named import traits_of
from features.schema import MaskedRecordTables
from models.affinity.dataset import AffinityDataset, Features, Interactions, SubjectBatch
from models.affinity.profile_batch import CASE, act_weights
from pipelines.train.ground import Ground

DAY_US: Final = 86_400_000_000


def items_of(catalogue: Catalogue, kind: SubjectKind) -> tuple[Item, ...]:
    """The confirmed items of every scope, in id order."""
    found = {item.id: item for scope in SCOPES_OF[kind] for item in catalogue.items_for(kind, scope)}
    return tuple(found[id_] for id_ in sorted(found))


def item_features(items: tuple[Item, ...]) -> Features:
    """What an item is, as indicators: what a new item is known by before anybody took it."""
    return Features.from_indicators([_indicators(item) for item in items])


def taken_up(records: MaskedRecordTables) -> pl.DataFrame:
    """subject, item, weight, at: each act of taking something up that training may know of."""
    kinds = pl.DataFrame({"kind": list(act_weights()), "weight": list(act_weights().values())})
    owners = records.scope_items.select(pl.col("id").alias("scope_item"), pl.col("owner").alias("subject"))
    cases = records.cases.join(owners, on="scope_item").select(
        "subject", "item", pl.lit(act_weights()[CASE]).alias("weight"), pl.col("opened_at").alias("at")
    )
    acts = records.interactions.filter(pl.col("item").is_not_null()).join(kinds, on="kind")
    return pl.concat([cases, acts.select("subject", "item", "weight", "at")])


def interactions(taken: pl.DataFrame, subjects: pl.Series, items: tuple[str, ...]) -> Interactions:
    """The acts of these subjects on these items, numbered as given."""
    who = pl.DataFrame({"subject": subjects}).with_row_index("s")
    what = pl.DataFrame({"item": list(items)}, schema={"item": pl.String}).with_row_index("i")
    own = taken.join(who, on="subject").join(what, on="item")
    days = own["at"].cast(pl.Int64).to_numpy() / DAY_US
    return Interactions.of(own["s"].to_numpy(), own["i"].to_numpy(), own["weight"].to_numpy(), days)


def affinity_dataset(ground: Ground, until: dt.date) -> tuple[AffinityDataset, Indicators, pl.Series]:
    """All that affinity may be learned from as of a day's end; how subjects are coded, and who they are."""
    traits = ground.traits(until)
    indicators = fit_indicators(traits, traits_of(ground.catalogue, ground.kind))
    items = items_of(ground.catalogue, ground.kind)
    ids = tuple(item.id for item in items)
    taken = taken_up(ground.records_until(until))
    dataset = AffinityDataset(
        coded(indicators, traits),
        item_features(items),
        interactions(taken, traits["subject"], ids),
        ids,
    )
    return dataset, indicators, traits["subject"]


def batch_on(
    ground: Ground, until: dt.date, indicators: Indicators, items: tuple[str, ...], subjects: pl.Series
) -> SubjectBatch:
    """These subjects as known at a day's end, with their history until then, ranked for the day after."""
    traits = pl.DataFrame({"subject": subjects}).join(
        ground.traits(until), on="subject", how="left", maintain_order="left"
    )
    history = interactions(taken_up(ground.records_until(until)), subjects, items)
    day = (until - dt.date(1970, 1, 1)).days + 1.0
    return SubjectBatch(coded(indicators, traits), history, items, np.full(len(subjects), day))


def coded(indicators: Indicators, traits: pl.DataFrame) -> Features:
    """Subjects' traits as named features."""
    return Features(sparse.csr_array(indicators.encode(traits)), indicators.names)


def _indicators(item: Item) -> list[str]:
    if isinstance(item, PublicService):
        own = [f"nature={item.nature}", f"procedure={item.procedure}", f"theme={item.theme}"]
        own.append(f"authority={item.authority}")
    else:
        own = [f"benefit={item.benefit_type}", f"mode={item.apply_mode}", f"theme={item.category}"]
    return [*own, f"scope={item.scope}", f"level={item.level}"]
