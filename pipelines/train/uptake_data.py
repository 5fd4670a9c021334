"""Windows in which firms that were admitted to a policy applied or did not, with what was known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from catalog.vocabulary import Scope, SubjectKind
from features.indicators import Indicators, fit_indicators
from features.named import traits_of
from models.eligibility.population import PopulationRules
from models.eligibility.rule_book import RuleBook
from models.policy_package.policy_book import PolicyBook
from models.policy_package.uptake_training import UptakeData
from models.policy_package.uptake_windows import ADMITTED, UptakeConfig, uptake_windows
from pipelines.train.ground import Ground


def uptake_data(
    ground: Ground,
    book: PolicyBook,
    until: dt.date,
    days: Sequence[dt.date],
    config: UptakeConfig,
    indicators: Indicators | None = None,
) -> UptakeData:
    """Windows from these landmarks as the records of `until` tell them; coded afresh unless told how."""
    records = ground.records_until(until)
    windows = uptake_windows(admitted(ground, book, days), records, until, config)
    if indicators is None:
        wanted = traits_of(ground.catalogue, SubjectKind.ENTERPRISE)
        indicators = fit_indicators(ground.traits(days[-1] if days else until), wanted)
    firm_days = windows.select("subject", "landmark").unique().sort("landmark", "subject")
    parts = [
        firm_days.filter(pl.col("landmark") == day).join(
            ground.traits(day), on="subject", how="left", maintain_order="left"
        )
        for day in firm_days["landmark"].unique().sort()
    ]
    coded = pl.concat(parts) if parts else firm_days
    at = firm_days.with_row_index("row")
    rows = windows.join(at, on=["subject", "landmark"], how="left", maintain_order="left")["row"]
    row = rows.cast(pl.Int32).to_numpy()
    return UptakeData(windows, records, book, indicators, row, indicators.encode(coded))


def admitted(ground: Ground, book: PolicyBook, days: Sequence[dt.date]) -> pl.DataFrame:
    """subject, item, landmark: policies a firm was decided eligible for, and whose cases would be seen."""
    rules = RuleBook(ground.catalogue)
    items = [p.item for p in book.policies if ground.catalogue.items[p.item].scope is Scope.SELF]
    seen = {item: ground.observed([item]) for item in items}
    found = []
    for day in days:
        table = ground.table(day)
        verdicts = PopulationRules.of_items(rules.rules(ground.kind, Scope.SELF, day)).judge(table)
        subjects = table.frame["subject"]
        for item in (i for i in items if i in verdicts.names):
            who = subjects.filter(pl.Series(verdicts.true(item)))
            who = who.filter(who.is_in(seen[item].implode()))
            found.append(
                pl.DataFrame({"subject": who}).select("subject", item=pl.lit(item), landmark=pl.lit(day))
            )
    return pl.concat(found) if found else pl.DataFrame(schema=ADMITTED)
