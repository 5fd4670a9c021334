"""Rules, subjects and tables for the benchmarks of eligibility: the real expressions, then synthetic ones."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

import catalog
from catalog.attribute import Attribute
from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from catalog.predicate import presence
from catalog.synthesize import synthesize
from catalog.vocabulary import SCOPES_OF, Scope, SubjectKind, ValueType
from features.schema import ABSENT, MaskedTable, Value
from models.eligibility.atoms import words_of
from models.eligibility.register import register_of
from models.eligibility.rules import Register, Rule, RuleSet, compile_rules

ON = dt.date(2026, 11, 21)
KIND = SubjectKind.ENTERPRISE
SEED = 1
UNTOLD = 0.2
"""The share of values that nobody has told."""
ABSENT_SHARE = 0.25
"""The share of optional attributes that are known not to exist."""
FIRST_DAY, LAST_DAY = dt.date(2015, 1, 1), dt.date(2028, 12, 31)
LARGEST = 2_000


def catalogues() -> tuple[Catalogue, Catalogue]:
    """The real catalogue and the synthetic one of seed 1."""
    real = load_catalogue(Path(catalog.__file__).parent / "data")
    return real, synthesize(real, SEED)


def rules_of(sources: tuple[Catalogue, ...], scope: Scope, most: int | None = None) -> list[Rule]:
    """The rules on one kind of scope item of an enterprise, real ones first."""
    rules = [Rule(item.id, item.criteria) for source in sources for item in source.items_for(KIND, scope)]
    return rules[:most]


def rule_sets(count: int) -> dict[Scope, RuleSet]:
    """So many rules by scope: all of an enterprise's scope items, and of its own as many as fill up."""
    sources = catalogues()
    others = [scope for scope in SCOPES_OF[KIND] if scope is not Scope.SELF]
    rules: dict[Scope, list[Rule]] = {scope: rules_of(sources, scope) for scope in others}
    rules[Scope.SELF] = rules_of(sources, Scope.SELF, count - sum(map(len, rules.values())))
    read = words_of(c.predicate for own in rules.values() for rule in own for c in rule.criteria)
    words = sorted(read.union(*(attribute.allowed for attribute in sources[0].attributes.values())))
    return {
        scope: compile_rules(rules[scope], register_of(sources[0], KIND, scope), ON, (), words)
        for scope in rules
    }


def stored(register: Register) -> Iterator[Attribute]:
    """What a register holds, and does not derive."""
    return (a for _, a in sorted(register.attributes.items()) if a.derived is None)


def facts(register: Register, draw: random.Random, untold: float) -> dict[str, Value]:
    """What is told of one scope item; presence of all that is optional, unless nothing is told of it."""
    told: dict[str, Value] = {}
    for attribute in stored(register):
        if draw.random() < untold:
            continue
        absent = attribute.optional and draw.random() < ABSENT_SHARE
        told[attribute.name] = ABSENT if absent else _value(attribute, draw)
    return told


def _value(attribute: Attribute, draw: random.Random) -> Value:
    match attribute.type:
        case ValueType.BOOLEAN:
            return draw.random() < 0.5
        case ValueType.NUMBER:
            return float(draw.randrange(LARGEST))
        case ValueType.ENUM:
            return draw.choice(attribute.allowed)
        case ValueType.DATE:
            return FIRST_DAY + dt.timedelta(days=draw.randrange((LAST_DAY - FIRST_DAY).days))


def table(rules: RuleSet, rows: int) -> MaskedTable:
    """So many enterprises with the stored attributes that rules read, a fifth of all values untold."""
    draw = np.random.default_rng(SEED)
    columns = [pl.Series("scope_item", np.arange(rows)).cast(pl.String)]
    sources = {source for step in rules.completion.steps for source in step.sources}
    for attribute in stored(rules.register):
        if attribute.name in sources.union(rules.codec.names):
            columns += _columns(attribute, draw, rows)
    return MaskedTable(KIND, Scope.SELF, "assess", pl.DataFrame(columns))


def _columns(attribute: Attribute, draw: np.random.Generator, rows: int) -> Iterator[pl.Series]:
    told = pl.Series(draw.random(rows) >= UNTOLD)
    exists = pl.Series(draw.random(rows) >= (ABSENT_SHARE if attribute.optional else 0.0))
    values = _column(attribute, draw, rows).alias(attribute.name)
    yield pl.select(pl.when(told & exists).then(values)).to_series().alias(attribute.name)
    if attribute.optional:
        yield pl.select(pl.when(told).then(exists)).to_series().alias(presence(attribute.name))


def _column(attribute: Attribute, draw: np.random.Generator, rows: int) -> pl.Series:
    match attribute.type:
        case ValueType.BOOLEAN:
            return pl.Series(draw.random(rows) < 0.5)
        case ValueType.NUMBER:
            return pl.Series(draw.integers(0, LARGEST, rows).astype(np.float64))
        case ValueType.ENUM:
            words = pl.Series(attribute.allowed, dtype=pl.String)
            return words.gather(draw.integers(0, len(words), rows))
        case ValueType.DATE:
            days = draw.integers(FIRST_DAY.toordinal(), LAST_DAY.toordinal(), rows)
            epoch = dt.date(1970, 1, 1).toordinal()
            return pl.Series((days - epoch).astype(np.int32)).cast(pl.Date)
