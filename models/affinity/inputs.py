"""Subjects as rows of numbers: the named inputs every linear form multiplies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

import numpy as np

from models.affinity.dataset import Days, Features, SubjectBatch
from models.affinity.sparse_rows import Csr, beside, csr, csr_of_cells, empty, presence, row_sums, scaled


class Gate(StrEnum):
    """For which subjects an encoder speaks at all."""

    ALWAYS = "always"
    WITH_HISTORY = "with_history"
    WITHOUT_HISTORY = "without_history"


class HistoryValue(StrEnum):
    """What one item of the history is worth."""

    BINARY = "binary"
    LOG_WEIGHT = "log_weight"


@dataclass(frozen=True, slots=True)
class InputEncoder:
    """Features, products of features, history, period and a constant, side by side in this order."""

    features: tuple[str, ...] = ()
    products: tuple[tuple[str, ...], ...] = ()
    """Features multiplied: pairs, triples."""
    history: tuple[str, ...] = ()
    """Item ids."""
    history_value: HistoryValue = HistoryValue.BINARY
    history_power: float = 0.0
    """A row of the history is divided by its sum to this power: 0 leaves it, 1 makes it a profile."""
    knots: tuple[float, ...] = ()
    """Days between which a period is interpolated; days outside count as the nearest knot."""
    constant: bool = False
    gate: Gate = Gate.ALWAYS

    @property
    def width(self) -> int:
        """How many columns a row has."""
        parts = len(self.features) + len(self.products) + len(self.history) + len(self.knots)
        return parts + int(self.constant)

    def encode(self, batch: SubjectBatch) -> Csr:
        """Rows of shape (subjects, width) in float32."""
        blocks: list[Csr] = [empty(len(batch), 0)]
        if self.features:
            blocks.append(batch.features.aligned(self.features))
        if self.products:
            blocks.append(_products(batch.features, self.products))
        if self.history:
            blocks.append(self._history(batch))
        if self.knots:
            blocks.append(_tents(batch.days, np.asarray(self.knots)))
        if self.constant:
            blocks.append(csr(np.ones((len(batch), 1))))
        return self._gated(beside(blocks), batch)

    def _history(self, batch: SubjectBatch) -> Csr:
        rows = batch.history_matrix(self.history).copy()
        if self.history_value is HistoryValue.BINARY:
            rows.data = np.ones_like(rows.data)
        else:
            rows.data = np.log1p(rows.data)
        total = row_sums(rows)
        scale = np.ones_like(total)
        np.power(total, -self.history_power, out=scale, where=total > 0)
        return scaled(rows, scale)

    def _gated(self, rows: Csr, batch: SubjectBatch) -> Csr:
        if self.gate is Gate.ALWAYS:
            return rows
        has_history = np.bincount(batch.history.subject, minlength=len(batch)) > 0
        speaks = has_history if self.gate is Gate.WITH_HISTORY else ~has_history
        return scaled(rows, speaks.astype(np.float32))


def group_of(feature: str) -> str:
    """The part of a feature's name before `=` or `>=`: what the feature is about."""
    return re.split(r"[<>=]", feature, maxsplit=1)[0]


def products_of(features: Features, order: int, least: int) -> tuple[tuple[str, ...], ...]:
    """Products of so many features that stand together in at least `least` rows.

    Two indicators of one group may multiply (two genres of a film), two thresholds of one may not.
    """
    columns = presence(features.matrix).tocsc()
    groups = [group_of(name) if ">" in name or "<" in name else name for name in features.names]
    found: list[tuple[tuple[int, ...], Csr]] = [((at,), columns[:, [at]]) for at in range(len(groups))]
    for _ in range(order - 1):
        found = [
            ((*product, at), column)
            for product, rows in found
            for at, column in _extensions(product, rows, columns, groups, least)
        ]
    return tuple(sorted(tuple(features.names[at] for at in product) for product, _ in found))


def _extensions(
    product: tuple[int, ...], rows: Csr, columns: Csr, groups: list[str], least: int
) -> list[tuple[int, Csr]]:
    """Features after the product's last that share enough rows with it."""
    shared = np.asarray((rows.T @ columns).toarray()).ravel()
    taken = {groups[at] for at in product}
    after = [at for at in range(product[-1] + 1, len(groups)) if shared[at] >= least]
    return [(at, rows.multiply(columns[:, [at]]).tocsc()) for at in after if groups[at] not in taken]


def _products(features: Features, products: tuple[tuple[str, ...], ...]) -> Csr:
    used = tuple(dict.fromkeys(name for product in products for name in product))
    columns = features.aligned(used).tocsc()
    place = {name: at for at, name in enumerate(used)}
    out: list[Csr] = []
    for order, group in groupby(products, key=len):
        chosen = list(group)
        block = columns[:, [place[product[0]] for product in chosen]]
        for factor in range(1, order):
            block = block.multiply(columns[:, [place[product[factor]] for product in chosen]]).tocsc()
        out.append(block)
    return beside(out)


def _tents(days: Days, knots: Days) -> Csr:
    """Each day as its share of the two knots around it; an unknown day has no share in any."""
    known = np.flatnonzero(np.isfinite(days))
    place = np.interp(days[known], knots, np.arange(len(knots), dtype=np.float64))
    low = np.minimum(place.astype(np.int64), max(len(knots) - 2, 0))
    share = (place - low).astype(np.float32)
    high = np.minimum(low + 1, len(knots) - 1)
    values, column = np.concatenate([1 - share, share]), np.concatenate([low, high])
    return csr_of_cells(values, np.tile(known, 2), column, (len(days), len(knots)))
