"""LightFM: subjects and items as sums of their features' factors, learned by WARP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from lightfm import LightFM
from scipy import sparse

from models.affinity.dataset import AffinityDataset
from models.affinity.inputs import InputEncoder
from models.affinity.linear import LinearAffinity, LinearBlock, frozen
from models.affinity.sparse_rows import Csr, beside, csr, csr_of_cells, identity, row_sums, scaled
from models.affinity.targets import active

HISTORY_WITHHELD = 0.1
"""Share of subjects whose whole history is target in an epoch, so that none is met too."""


@dataclass(frozen=True, slots=True)
class HybridWarp:
    """History enters as features of the subject, never as an identity: new subjects are no exception.

    In every epoch a seeded part of each history is the input and the rest is what must rank high, so
    that no item is learned to predict itself. One thread: faster here, and reproducible.
    """

    name: str = "lightfm"
    dimensions: int = 32
    epochs: int = 20
    learning_rate: float = 0.05
    item_regularisation: float = 1e-5
    subject_regularisation: float = 1e-5
    history_share: float = 0.6
    """Of an epoch's interactions, how many are input rather than target."""
    history_power: float = 0.5
    most_subjects: int = 200_000
    """Subjects learned from; beyond it a seeded sample."""

    def fit(self, dataset: AffinityDataset, *, seed: int) -> LinearAffinity:
        """Learn from the subjects with interactions; items never taken stand on their features."""
        rng = np.random.default_rng(seed)
        who = active(dataset)
        if len(who) > self.most_subjects:
            who = np.sort(rng.choice(who, self.most_subjects, replace=False))
        encoder = InputEncoder(
            features=dataset.subject_features.names,
            history=dataset.items,
            history_power=self.history_power,
            constant=True,
        )
        features = dataset.subject_features.matrix[who]
        taken = dataset.matrix()[who]
        seen = np.flatnonzero(np.bincount(taken.indices, minlength=len(dataset.items)) > 0)
        item_rows = _item_rows(dataset)
        model = LightFM(
            no_components=self.dimensions,
            loss="warp",
            learning_rate=self.learning_rate,
            item_alpha=self.item_regularisation,
            user_alpha=self.subject_regularisation,
            random_state=int(rng.integers(2**31 - 1)),
        )
        if len(who) and len(seen):
            self._learn(model, features, taken, seen, item_rows, rng)
            return self._linear(model, encoder, dataset.items, item_rows, seen)
        return LinearAffinity(dataset.items, (), frozen(np.zeros(len(dataset.items))))

    def _learn(
        self,
        model: Any,
        features: Csr,
        taken: Csr,
        seen: npt.NDArray[np.intp],
        item_rows: Csr,
        rng: np.random.Generator,
    ) -> None:
        every = csr(taken[:, seen]).tocoo()
        cells = (every.row.astype(np.int32), every.col.astype(np.int32))
        ones = np.ones(len(every.data), np.float32)
        positives = sparse.coo_matrix((ones, cells), shape=every.shape)
        items = _for_lightfm(item_rows[seen])
        for _ in range(self.epochs):
            told = self.history_share * (rng.random(taken.shape[0]) > HISTORY_WITHHELD)
            is_input = rng.random(len(ones)) < told[every.row]
            row, column = every.row[is_input], seen[every.col[is_input]]
            history = csr_of_cells(ones[is_input], row, column, taken.shape)
            # An input stays among the positives, so that it is not drawn as a negative, at no weight.
            weights = sparse.coo_matrix((ones * ~is_input, cells), shape=every.shape)
            subjects = _for_lightfm(_subject_rows(features, history, self.history_power))
            model.fit_partial(
                positives,
                user_features=subjects,
                item_features=items,
                sample_weight=weights,
                epochs=1,
                num_threads=1,
            )

    def _linear(
        self,
        model: Any,
        encoder: InputEncoder,
        items: tuple[str, ...],
        item_rows: Csr,
        seen: npt.NDArray[np.intp],
    ) -> LinearAffinity:
        embeddings, biases = model.item_embeddings.copy(), model.item_biases.copy()
        unseen = np.setdiff1d(np.arange(len(items)), seen)
        embeddings[unseen], biases[unseen] = 0.0, 0.0  # an identity never trained says nothing
        factors = item_rows @ embeddings
        block = LinearBlock(encoder, frozen(factors.T), frozen(model.user_embeddings))
        return LinearAffinity(items, (block,), frozen(item_rows @ biases))


def _for_lightfm(rows: Csr) -> Any:
    """A matrix with the 32-bit indices its compiled code reads."""
    given = sparse.csr_matrix(rows, dtype=np.float32)
    given.indices, given.indptr = given.indices.astype(np.int32), given.indptr.astype(np.int32)
    return given


def _subject_rows(features: Csr, history: Csr, power: float) -> Csr:
    """Features, history scaled as the encoder scales it, and a constant."""
    total = row_sums(history)
    scale = np.ones_like(total)
    np.power(total, -power, out=scale, where=total > 0)
    return beside([features, scaled(history, scale), csr(np.ones((features.shape[0], 1)))])


def _item_rows(dataset: AffinityDataset) -> Csr:
    """Each item's identity, then its features."""
    return beside([identity(len(dataset.items)), dataset.item_features.matrix])
