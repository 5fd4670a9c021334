"""From records and attributes to the named features; one code path for training and for serving.

Everything given here has been through the mask. What the mask closed is null and stays null: a subject
who lets nobody know what they did has unknown counts, not counts of zero.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from features.categories import category, category_of
from features.derived import attribute_value, with_attributes
from features.named import (
    RECENCY,
    STATISTICS,
    behaviour,
    counts_of,
    statistics_columns,
    traits_of,
)
from features.schema import MaskedProfile, MaskedTable


def traits(table: MaskedTable, catalogue: Catalogue, on: dt.date) -> pl.DataFrame:
    """`subject` and one String column a trait, a row for each row of a table of subjects themselves."""
    named = traits_of(catalogue, table.kind)
    wanted = dict.fromkeys(trait.attribute for trait in named.values())
    frame = with_attributes(table.frame, wanted, catalogue, on)
    return frame.select(
        "subject",
        *(category(trait, frame, catalogue, on).alias(name) for name, trait in named.items()),
    )


def traits_of_profile(profile: MaskedProfile, catalogue: Catalogue, on: dt.date) -> dict[str, str | None]:
    """The traits of one subject, equal to its row in `traits` (a property test holds them so)."""
    told = profile.itself.attributes
    return {
        name: category_of(trait, attribute_value(told, trait.attribute, catalogue, on), on)
        for name, trait in traits_of(catalogue, profile.kind).items()
    }


def behaviours(
    interactions: pl.DataFrame,
    observed: pl.DataFrame,
    catalogue: Catalogue,
    kind: SubjectKind,
    at: dt.datetime,
) -> pl.DataFrame:
    """`subject`, Int64 counts of what each did before `at`, and whole days since the last (Int64).

    `observed` has `subject, interactions`: a row for each subject, and whether they let it be known; the
    counts of one who does not are null. Days since the last are also null where there is none.
    """
    counted = counts_of(catalogue, kind)
    themed = _themed(interactions.filter(pl.col("at") < at), catalogue)
    age = (pl.lit(at) - pl.col("at")).dt.total_days()
    columns = [
        (pl.col("kind").is_in(count.kinds) & (age < count.days) & _of_theme(count.theme))
        .sum()
        .alias(count.name)
        for count in counted
    ]
    counts = themed.group_by("subject").agg(*columns, age.min().alias(RECENCY))
    known = pl.col("interactions")
    return observed.join(counts, on="subject", how="left", maintain_order="left").select(
        "subject",
        *(
            pl.when(known).then(pl.col(count.name).fill_null(0)).cast(pl.Int64).alias(count.name)
            for count in counted
        ),
        pl.when(known).then(pl.col(RECENCY)).cast(pl.Int64).alias(RECENCY),
    )


def service_statistics(interactions: pl.DataFrame, catalogue: Catalogue, at: dt.datetime) -> pl.DataFrame:
    """`item` and Int64 counts of its use before `at`, a row for every public service.

    `<count>_people` beside each count says how many subjects it is of; see `told_statistics`.
    """
    age = (pl.lit(at) - pl.col("at")).dt.total_days()
    counted = behaviour()
    chosen = {
        f"{name}_{days}d": pl.col("kind").is_in(counted.counted[name].kinds) & (age < days)
        for name in STATISTICS
        for days in counted.statistics_days
    }
    columns = [rows.sum().alias(name) for name, rows in chosen.items()]
    who = pl.col("subject")
    columns += [who.filter(rows).n_unique().alias(_people(name)) for name, rows in chosen.items()]
    used = interactions.filter(pl.col("at") < at, pl.col("item").is_not_null()).group_by("item").agg(columns)
    services = pl.DataFrame({"item": sorted(catalogue.public_services)}, schema={"item": pl.String})
    return services.join(used, on="item", how="left", maintain_order="left").select(
        "item",
        *(pl.col(name).fill_null(0).cast(pl.Int64) for name in statistics_columns()),
        *(pl.col(_people(name)).fill_null(0).cast(pl.Int64) for name in statistics_columns()),
    )


def told_statistics(statistics: pl.DataFrame, least: int) -> pl.DataFrame:
    """`item` and the counts, null where fewer than `least` subjects stand behind one, else in whole tens.

    Tens, so that what is told one day and the next differs by nothing or by many.
    """
    return statistics.select(
        "item",
        *(
            pl.when(pl.col(_people(name)) >= least).then(pl.col(name) // least * least).alias(name)
            for name in statistics_columns()
        ),
    )


def _people(count: str) -> str:
    return f"{count}_people"


def _themed(interactions: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    themes = {id_: service.theme for id_, service in catalogue.public_services.items()}
    themes |= {id_: policy.category for id_, policy in catalogue.support_policies.items()}
    theme = pl.col("item").replace_strict(themes, default=None, return_dtype=pl.String)
    return interactions.with_columns(theme=theme)


def _of_theme(theme: str) -> pl.Expr:
    return (pl.col("theme") == theme).fill_null(False) if theme else pl.lit(True)
