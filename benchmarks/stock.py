"""The baselines: each model alone, in the settings the data's README reports; measured in the same run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from lightfm import LightFM
from scipy import sparse as scipy_sparse

from benchmarks.datasets.bsk import ATTRIBUTES
from benchmarks.datasets.case import Case
from models.affinity.dataset import AffinityDataset, Features
from models.affinity.demographic_logit import DemographicLogit
from models.affinity.demographic_ridge import DemographicRidge
from models.affinity.item_item import ItemItem
from models.affinity.popularity import Popularity
from models.affinity.protocol import AffinityModel
from models.affinity.targets import FeatureTerms

sparse: Any = scipy_sparse
Scores = npt.NDArray[np.floating]
Baseline = Callable[[Case], Scores]


def of(model: AffinityModel) -> Baseline:
    """One of our own models, fitted and asked."""
    return lambda case: model.fit(case.train, seed=case.seed).scores(case.batch)


def stock_lightfm(case: Case, *, subject_ids: bool, item_ids: bool) -> Scores:
    """LightFM WARP as its documentation has it: identities where asked for, beside the features."""
    train = case.train
    seen = np.flatnonzero(np.bincount(train.interactions.item, minlength=len(train.items)) > 0)
    taken = sparse.coo_matrix(train.matrix()[:, seen])
    taken.data = np.ones_like(taken.data)
    subjects = _columns(train.subject_features.matrix, subject_ids)
    items = _columns(train.item_features.matrix, item_ids)
    model = LightFM(no_components=32, loss="warp", random_state=case.seed)
    model.fit(taken, user_features=subjects, item_features=items[seen], epochs=30, num_threads=1)
    ranked_for = subjects if subject_ids else _columns(case.batch.features.matrix, identities=False)
    factors, bias = items @ model.item_embeddings, items @ model.item_biases
    return np.asarray((ranked_for @ model.user_embeddings) @ factors.T + bias)


def _columns(features: Any, identities: bool) -> Any:
    """A one for everyone, the features, and identities if wanted; indices as LightFM reads them."""
    rows = features.shape[0]
    own = [sparse.eye_array(rows)] if identities else []
    joined = sparse.csr_matrix(sparse.hstack([np.ones((rows, 1)), features, *own], dtype=np.float32))
    joined.indices, joined.indptr = joined.indices.astype(np.int32), joined.indptr.astype(np.int32)
    return joined


def _item_ridge(case: Case, targets: npt.NDArray[np.floating]) -> Scores:
    """Each row of targets (any, items) regressed on item features over the items seen."""
    train = case.train
    seen = np.bincount(train.interactions.item, minlength=len(train.items)) > 0
    rows = np.hstack([np.ones((len(train.items), 1)), train.item_features.matrix.toarray()])
    gram = rows[seen].T @ rows[seen] + 10.0 * np.eye(rows.shape[1])
    return np.asarray((rows @ np.linalg.solve(gram, rows[seen].T @ targets[:, seen].T)).T)


def item_ridge(case: Case) -> Scores:
    """For every subject alone, what was taken regressed on item features."""
    return _item_ridge(case, np.asarray(case.train.matrix().toarray() > 0, dtype=np.float64))


def predicted_popularity(case: Case) -> Scores:
    """How often an item was taken, regressed on item features; the same for everyone."""
    taken = np.bincount(case.train.interactions.item, minlength=len(case.train.items)).astype(np.float64)
    return np.tile(_item_ridge(case, taken[None, :]), (len(case.batch), 1))


def segment_popularity(feature_group: str, case: Case) -> Scores:
    """The most used of all training subjects that share the batch subject's features of one group."""
    names = case.train.subject_features.names
    columns = [at for at, name in enumerate(names) if name.startswith(f"{feature_group}=")]
    train = case.train.subject_features.matrix[:, columns]
    counts = (train.T @ case.train.matrix()).toarray()
    return np.asarray(case.batch.features.matrix[:, columns] @ counts)


def _logit(order: int) -> Baseline:
    """On the five attributes themselves."""
    terms = FeatureTerms(order=order, least=1, regularisation=10.0, product_regularisation=10.0)
    model = DemographicLogit(terms=terms, subject_power=1.0, iterations=200)

    def scores(case: Case) -> Scores:
        given = case.train.subject_features
        kept = tuple(name for name in given.names if name.split("=")[0] in ATTRIBUTES)
        attributes = Features(given.aligned(kept), kept)
        train = AffinityDataset(
            attributes, case.train.item_features, case.train.interactions, case.train.items
        )
        return model.fit(train, seed=case.seed).scores(case.batch)

    return scores


POPULARITY = of(Popularity(half_life=None))
BASELINES: Mapping[str, Mapping[str, Baseline]] = {
    "warm": {
        "EASE (l2 400)": of(ItemItem(regularisation=400.0)),
        "LightFM WARP, ids and features": partial(stock_lightfm, subject_ids=True, item_ids=True),
        "popularity": POPULARITY,
    },
    "user_cold": {
        "ridge on demographics": of(DemographicRidge(terms=FeatureTerms(order=1, regularisation=10.0))),
        "popularity": POPULARITY,
        "LightFM WARP, features": partial(stock_lightfm, subject_ids=False, item_ids=True),
    },
    "item_cold": {
        "LightFM WARP, features": partial(stock_lightfm, subject_ids=True, item_ids=False),
        "ridge on item features": item_ridge,
        "predicted popularity": predicted_popularity,
    },
    "cell_cold": {
        "multinomial logit with pairwise terms": _logit(2),
        "plain multinomial logit": _logit(1),
        "district popularity": partial(segment_popularity, "district_id"),
        "global popularity": POPULARITY,
    },
}
