"""Terms of features at every depth, each group of them shrunk as far as the data say."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt

from models.affinity.dataset import AffinityDataset, Features
from models.affinity.inputs import InputEncoder, group_of, products_of
from models.affinity.sparse_rows import Csr, dense, row_sums
from models.affinity.targets import Target, active, target_rows
from models.affinity.variance_components import VarianceComponents, estimated

Matrix = npt.NDArray[np.float64]
NEGLIGIBLE = 1e-4
"""Share of the largest variance below which a column is left out of the model."""


@dataclass(frozen=True, slots=True)
class HierarchicalTerms:
    """How deep products of features go; fewer where groups of features are many."""

    order: int = 4
    most_groups: int = 40
    """Groups of terms, each of which has a variance to be estimated."""
    most_products: int = 6_000

    def encoder(self, features: Features) -> InputEncoder:
        """Features and their products, as deep as both limits allow."""
        kept = len({group_of(name) for name in features.names})
        depth = self._depth(kept)
        products: list[tuple[str, ...]] = []
        for order in range(2, depth + 1):
            found = products_of(features, order, least=1)
            if len(products) + len(found) > self.most_products:
                break
            products += found
        return InputEncoder(features=features.names, products=tuple(products), constant=not features.names)

    def _depth(self, groups: int) -> int:
        for order in range(self.order, 1, -1):
            if sum(comb(groups, size) for size in range(1, order + 1)) <= self.most_groups:
                return order
        return 1


@dataclass(frozen=True, slots=True, eq=False)
class Hierarchy:
    """Training subjects as terms, what they take up, and how much each term is expected to tell."""

    encoder: InputEncoder
    rows: Csr
    counts: Matrix
    targets: Matrix
    total: Matrix
    variances: VarianceComponents

    @classmethod
    def of(
        cls, dataset: AffinityDataset, terms: HierarchicalTerms, target: Target, most_rows: int, seed: int
    ) -> Hierarchy:
        """From the subjects with interactions; beyond `most_rows` from a seeded sample of them."""
        who = active(dataset)
        if len(who) > most_rows:
            who = np.sort(np.random.default_rng(seed).choice(who, most_rows, replace=False))
        batch, counts = dataset.batch().rows(who), dataset.matrix()[who]
        encoder = terms.encoder(batch.features)
        rows = encoder.encode(batch)
        targets, total = dense(target_rows(counts, target)), row_sums(counts)
        variances = estimated(encoder, rows, targets, total, seed)
        kept = variances.of_column > NEGLIGIBLE * variances.of_column.max()
        kept[0] = True
        chosen = np.flatnonzero(kept)
        smaller = _only(encoder, chosen)
        left = VarianceComponents(variances.of_column[chosen], variances.of_subject, variances.of_interaction)
        return cls(smaller, rows[:, chosen], dense(counts), targets, total, left)


def _only(encoder: InputEncoder, chosen: npt.NDArray[np.intp]) -> InputEncoder:
    """The same encoder with some of its columns."""
    single = len(encoder.features)
    last = single + len(encoder.products)
    return InputEncoder(
        features=tuple(encoder.features[at] for at in chosen if at < single),
        products=tuple(encoder.products[at - single] for at in chosen if single <= at < last),
        constant=encoder.constant and bool((chosen >= last).any()),
    )
