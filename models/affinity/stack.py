"""Several affinities as one: weighed against each other on inner trials, summed in one linear form."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from models.affinity.dataset import AffinityDataset, Floats, SubjectBatch
from models.affinity.inputs import Gate, InputEncoder
from models.affinity.linear import LinearAffinity, LinearBlock, frozen
from models.affinity.protocol import LinearModel
from models.affinity.validation import InnerSplit, Regime, Trial


@dataclass(frozen=True, slots=True)
class Blend:
    """Greedy forward selection with replacement: what helps most is added again until nothing does."""

    k: int = 10
    most_steps: int = 25
    patience: int = 3
    """Steps without a better blend before giving up."""

    def weigh(self, trials: tuple[Trial, ...], scores: list[list[Floats]]) -> npt.NDArray[np.float64]:
        """Weights of the parts, summing to one; `scores` by trial, then part, already comparable."""
        parts = len(scores[0])
        steps: list[int] = []
        best_value, best_steps = -1.0, 0
        totals = [np.zeros_like(of_trial[0]) for of_trial in scores]
        while len(steps) < self.most_steps and len(steps) - best_steps < self.patience:
            values = [
                sum(
                    trial.ndcg(total + of_trial[part], self.k)
                    for trial, total, of_trial in zip(trials, totals, scores, strict=True)
                )
                for part in range(parts)
            ]
            chosen = int(np.argmax(values))
            steps.append(chosen)
            totals = [total + of_trial[chosen] for total, of_trial in zip(totals, scores, strict=True)]
            if values[chosen] > best_value + 1e-9:
                best_value, best_steps = values[chosen], len(steps)
        return np.asarray(np.bincount(steps[:best_steps], minlength=parts) / best_steps)


@dataclass(frozen=True, slots=True)
class AffinityStack:
    """Learns the parts, and for subjects with and without history how much each is worth.

    Parts may be variants of one model: choosing a hyper-parameter is giving the others no weight.
    One regime alone speaks for every subject; warm and subject-cold together speak each for theirs.
    Where nothing could be held back to weigh by, the weights are empty and every item scores alike.
    """

    parts: tuple[LinearModel, ...]
    splits: tuple[InnerSplit, ...] = (InnerSplit(Regime.WARM), InnerSplit(Regime.SUBJECT_COLD))
    blend: Blend = field(default_factory=Blend)
    most_subjects: int = 100_000
    """Subjects the weighing learns from; beyond it a seeded sample. The final fit takes everyone."""
    hopeless: float = 0.0
    """Parts that alone reach less than this share of the best one's nDCG in the first trial are not tried
    again. Nought where a part of little worth alone may still complete others."""
    name: str = "stack"

    def fit(self, dataset: AffinityDataset, *, seed: int) -> FittedStack:
        """Weigh the parts on trials cut from the data set, then learn those of weight from all of it."""
        sampled = self._sample(dataset, seed)
        weighed = {split.regime: self._weigh(sampled, split, seed) for split in self.splits}
        wanted = np.any([weights > 0 for weights in weighed.values()], axis=0)
        fitted = {at: self.parts[at].fit(dataset, seed=seed) for at in np.flatnonzero(wanted)}
        blocks: list[LinearBlock] = []
        for regime, weights in weighed.items():
            gate = _gate(regime, len(weighed))
            for at in np.flatnonzero(weights):
                blocks += _weighted(fitted[at], float(weights[at]), gate)
        shares = {
            regime.value: {part.name: float(w) for part, w in zip(self.parts, weights, strict=True) if w > 0}
            for regime, weights in weighed.items()
        }
        linear = LinearAffinity(dataset.items, tuple(blocks), frozen(np.zeros(len(dataset.items))))
        return FittedStack(linear, shares)

    def _sample(self, dataset: AffinityDataset, seed: int) -> AffinityDataset:
        if dataset.subjects <= self.most_subjects:
            return dataset
        rng = np.random.default_rng(seed)
        return dataset.of_subjects(np.sort(rng.choice(dataset.subjects, self.most_subjects, replace=False)))

    def _weigh(self, dataset: AffinityDataset, split: InnerSplit, seed: int) -> npt.NDArray[np.float64]:
        """Weights on raw scores: the blend's shares over the parts' spreads."""
        trials = tuple(trial for trial in split.cut(dataset, seed=seed) if len(trial.batch))
        if not trials:
            return np.zeros(len(self.parts))
        first = [part.fit(trials[0].train, seed=seed).scores(trials[0].batch) for part in self.parts]
        alone = np.array([trials[0].ndcg(scores, self.blend.k) for scores in first])
        tried = np.flatnonzero(alone >= self.hopeless * alone.max())
        scores = [[first[at] for at in tried]]
        for trial in trials[1:]:
            fitted = [self.parts[at].fit(trial.train, seed=seed) for at in tried]
            scores.append([one.scores(trial.batch) for one in fitted])
        weights = np.zeros(len(self.parts))
        weights[tried] = self._comparably_weighed(trials, scores)
        return weights

    def _comparably_weighed(
        self, trials: tuple[Trial, ...], scores: list[list[Floats]]
    ) -> npt.NDArray[np.float64]:
        """Weights of the parts tried; `scores` by trial, then part."""
        spreads = np.array(
            [
                np.mean(
                    [_spread(of_trial[at], trial) for trial, of_trial in zip(trials, scores, strict=True)]
                )
                for at in range(len(scores[0]))
            ]
        )
        speaks = spreads > 1e-9
        scale = np.divide(1.0, spreads, out=np.zeros_like(spreads), where=speaks)
        comparable = [
            [np.asarray(values * by, dtype=np.float32) for values, by in zip(of_trial, scale, strict=True)]
            for of_trial in scores
        ]
        return np.asarray(self.blend.weigh(trials, comparable) * scale)


@dataclass(frozen=True, slots=True, eq=False)
class FittedStack:
    """The blended form and the raw weights of the parts in each regime."""

    linear: LinearAffinity
    weights: dict[str, dict[str, float]]

    @property
    def items(self) -> tuple[str, ...]:
        """The item ids its columns stand for."""
        return self.linear.items

    def scores(self, batch: SubjectBatch) -> Floats:
        """(subjects, items), higher is better."""
        return self.linear.scores(batch)


def _gate(regime: Regime, regimes: int) -> Gate:
    if regimes == 1:
        return Gate.ALWAYS
    return Gate.WITHOUT_HISTORY if regime is Regime.SUBJECT_COLD else Gate.WITH_HISTORY


def _weighted(fitted: LinearAffinity, weight: float, gate: Gate) -> list[LinearBlock]:
    """The part's blocks and, as an input that is always one, its bias: all under one gate."""
    bias = LinearBlock(InputEncoder(constant=True, gate=gate), frozen(weight * fitted.bias[None, :]))
    return [*(block.scaled(weight, gate) for block in fitted.blocks), bias]


def _spread(scores: Floats, trial: Trial) -> float:
    """Mean over subjects of the deviation of their admissible scores."""
    masked = np.where(trial.admissible, scores, np.nan).astype(np.float64)
    return float(np.mean(np.nanstd(masked, axis=1)))
