"""Attribute inference: whether a slate tells what its subject let nobody use.

The attacker knows the true value of most people and learns to foretell it of the rest: once from all that is
not masked of them (attributes of theirs and of what is theirs, papers, cases), once from this and the slate.
The lift is how much better the second is: what recommending adds to what the page was allowed to know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.privacy_attacks.sample_city import SampleCity
from benchmarks.privacy_attacks.slates import Slates, champions, slates, truth_of
from catalog.vocabulary import Scope, Sensitivity, SubjectKind, ValueType

Floats = npt.NDArray[np.float64]
FEWEST: Final = 25
"""People of either value that it takes to learn an attribute, and to judge by it."""
FOLDS: Final = 5
AXES: Final = 16
"""The main axes in which the attacker looks at slates."""


@dataclass(frozen=True, slots=True)
class Inferred:
    """How well masked attributes are foretold without and with the slate (areas under the curve)."""

    people: int
    without: dict[str, float]
    with_slate: dict[str, float]

    @property
    def lift(self) -> float:
        """The mean ratio over the attributes."""
        return float(np.mean([self.with_slate[name] / self.without[name] for name in self.without]))


def attribute_inference(city: SampleCity, most: int, seed: int) -> Inferred:
    """The attack on every delicate attribute that enough people have. Uses up the city's consents."""
    learned = champions(city, seed)
    seen = slates(city, learned, most)
    names = _delicate(city)
    truth = truth_of(city, seen.subjects, names)
    without, with_slate = {}, {}
    for name in names:
        known = truth[name].is_not_null().to_numpy()
        value = truth[name].fill_null(False).to_numpy().astype(np.int64)[known]
        if min(value.sum(), len(value) - value.sum()) < FEWEST:
            continue
        without[name] = _auc([seen.open[known]], value, seed)
        with_slate[name] = _auc([seen.open[known], _axes(seen, known)], value, seed)
    return Inferred(len(seen.subjects), without, with_slate)


def _delicate(city: SampleCity) -> tuple[str, ...]:
    return tuple(
        name
        for name, attribute in sorted(city.catalogue.attributes.items())
        if attribute.subject is SubjectKind.CITIZEN
        and attribute.scope is Scope.SELF
        and attribute.type is ValueType.BOOLEAN
        and attribute.derived is None
        and attribute.sensitivity is not Sensitivity.ORDINARY
    )


def _axes(seen: Slates, known: npt.NDArray[np.bool_]) -> Floats:
    from sklearn.decomposition import PCA

    rows = seen.slates[known]
    spread = rows[:, rows.std(axis=0) > 0]
    standard = (spread - spread.mean(axis=0)) / spread.std(axis=0)
    return np.asarray(PCA(min(AXES, *standard.shape), random_state=0).fit_transform(standard))


def _auc(blocks: list[Floats], value: npt.NDArray[np.int64], seed: int) -> float:
    """Cross-validated, so that nobody is foretold by who was learned from with them."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows = np.concatenate(blocks, axis=1)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.02, max_iter=400))
    said = cross_val_predict(model, rows, value, cv=folds, method="predict_proba")[:, 1]
    return float(roc_auc_score(value, said))
