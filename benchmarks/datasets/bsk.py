"""Use of government services at assisted-service centres, by demographic cell: no person is in it."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.datasets.case import Case
from benchmarks.datasets.location import evaluation_data
from models.affinity.dataset import AffinityDataset, Features, Interactions, SubjectBatch

LEAST_USES = 20
ATTRIBUTES = ("district_id", "gender", "caste", "age_group", "religion_group")


@dataclass(frozen=True, slots=True, eq=False)
class Bsk:
    """The cells with at least 20 uses; a cell is a subject, its uses are weights."""

    data: AffinityDataset
    cells: tuple[str, ...]
    splits: dict[str, dict[str, list[int]]]

    @classmethod
    def read(cls) -> Bsk:
        """From the evaluation data; raises EvaluationDataMissing."""
        folder = evaluation_data("bsk")
        splits = json.loads((evaluation_data("splits") / "bsk.json").read_text("utf-8"))
        with (folder / "grouped_df.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        services = [name for name in rows[0] if name.startswith("service_")]
        counts = np.array([[float(row[name]) for name in services] for row in rows])
        kept = np.flatnonzero(counts.sum(axis=1) >= LEAST_USES)
        who, what = np.nonzero(counts[kept])
        data = AffinityDataset(
            Features.from_indicators([[f"{name}={rows[at][name]}" for name in ATTRIBUTES] for at in kept]),
            Features.none(len(services)),
            Interactions.of(who, what, counts[kept][who, what]),
            tuple(services),
        )
        return cls(data, tuple(rows[at]["cluster_id"] for at in kept), splits)

    def cell_cold(self, seed: int) -> Case:
        """A fifth of the cells hidden; from a cell's attributes all services are ranked."""
        hidden = {str(cell) for cell in self.splits[str(seed)]["test_cluster_ids"]}
        test = np.array([cell in hidden for cell in self.cells])
        taken = self.data.interactions
        train = self.data.with_interactions(taken.take(~test[taken.subject]))
        who = np.flatnonzero(test)
        gains: npt.NDArray[np.float64] = self.data.matrix()[who].toarray().astype(np.float64)
        batch = SubjectBatch(self.data.subject_features.rows(who))
        names = tuple(self.cells[at] for at in who)
        return Case("cell_cold", seed, train, batch, names, gains, np.ones(gains.shape, dtype=np.bool_))
