"""What the rules admit, worked out over whole tables: apart from the judge that chose what pages show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import polars as pl

from benchmarks.city_pages import EVERYTHING, Paged
from catalog.vocabulary import SCOPES_OF
from features.snapshot import snapshot
from features.statements import end_of
from models.eligibility.population import PopulationRules
from models.eligibility.rule_book import RuleBook
from pipelines.train.ground import Ground
from privacy.gate import targets
from privacy.mask import mask_table
from privacy.policy_file import default_policy


def ineligible_shown(ground: Ground, paged: Sequence[Paged]) -> int:
    """Entries shown as to be done now for which the rules, run over the population, do not hold."""
    admitted = _admitted(ground, [one.subject for one in paged])
    return sum(
        (entry.scope_item, entry.item) not in admitted
        for one in paged
        for entry in (*one.served.should_do, *one.served.can_do)
    )


def _admitted(ground: Ground, subjects: Sequence[str]) -> frozenset[tuple[str, str]]:
    """Scope items and items for which the rules hold on the day after the ground's last."""
    day = ground.on + dt.timedelta(days=1)
    book, found = RuleBook(ground.catalogue), set[tuple[str, str]]()
    items = ground.raw.scope_items.filter(pl.col("owner").is_in(list(subjects)))
    consents = _consents(ground, subjects)
    for scope in SCOPES_OF[ground.kind]:
        table = snapshot(ground.history, ground.kind, scope, ground.on, items)
        told = mask_table(table, "assess", consents, ground.catalogue, ground.at)
        if told.frame.is_empty():
            continue
        verdicts = PopulationRules.of_items(book.rules(ground.kind, scope, day)).judge(told)
        for name in verdicts.names:
            holding = told.frame["scope_item"].filter(pl.Series(verdicts.true(name)))
            found.update((scope_item, name) for scope_item in holding)
    return frozenset(found)


def _consents(ground: Ground, subjects: Sequence[str]) -> pl.DataFrame:
    """Everything granted to every purpose the pages rest on, as on the pages."""
    given = end_of(ground.on - dt.timedelta(days=1))
    wanted = [
        (purpose, target)
        for purpose in EVERYTHING
        for target in targets(ground.catalogue, default_policy(), ground.kind, purpose)
    ]
    granted = pl.DataFrame(wanted, schema={"purpose": pl.String, "target": pl.String}, orient="row")
    who = pl.DataFrame({"subject": list(subjects)}, schema={"subject": pl.String})
    return who.join(granted, how="cross").with_columns(
        granted_at=pl.lit(given), withdrawn_at=pl.lit(None, dtype=pl.Datetime("us", "UTC"))
    )
