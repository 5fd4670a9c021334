"""MovieLens 100k under its three protocols; every rating is a positive."""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.datasets.case import Case
from benchmarks.datasets.location import evaluation_data
from models.affinity.dataset import AffinityDataset, Features, Interactions, SubjectBatch

AGES = (15, 20, 25, 30, 35, 40, 45, 50, 55, 60)
YEARS = {
    "year": (1940, 1955, 1965, 1972, 1978, 1982, 1985, 1988, *range(1990, 1999)),
    "period": (1950, 1970, 1980, 1987, 1991, 1993, 1995, 1996, 1997, 1998),
    "era": (1960, 1980, 1990, 1994, 1996, 1997),
}
"""Buckets of the release year, in three widths."""


@dataclass(frozen=True, slots=True, eq=False)
class MovieLens:
    """The whole data set and its fixed splits."""

    data: AffinityDataset
    users: tuple[str, ...]
    splits: dict[str, dict[str, list[int]]]
    order: npt.NDArray[np.intp]
    """Row of `u.data` of each interaction as the data set orders them."""

    @classmethod
    def read(cls) -> MovieLens:
        """From the evaluation data; raises EvaluationDataMissing."""
        folder = evaluation_data("ml-100k")
        rows = np.loadtxt(folder / "u.data", dtype=np.int64)
        users = _table(folder / "u.user", "utf-8")
        films = _table(folder / "u.item", "latin-1")
        genres = [line[0] for line in _table(folder / "u.genre", "utf-8")]
        splits = json.loads((evaluation_data("splits") / "ml-100k.json").read_text("utf-8"))
        days = rows[:, 3] / 86_400
        data = AffinityDataset(
            Features.from_indicators([_of_user(line) for line in users]),
            Features.from_indicators([_of_film(line, genres) for line in films]),
            Interactions.of(rows[:, 0] - 1, rows[:, 1] - 1, np.ones(len(rows)), days),
            tuple(line[0] for line in films),
        )
        order = np.lexsort((days, rows[:, 1], rows[:, 0]))
        return cls(data, tuple(line[0] for line in users), splits, order)

    def warm(self, seed: int) -> Case:
        """A quarter of each film's ratings hidden; what a user rated in training is not ranked."""
        hidden = np.zeros(len(self.order), dtype=np.bool_)
        hidden[self.splits[str(seed)]["warm_test_rows"]] = True
        test = hidden[self.order]
        train = self.data.with_interactions(self.data.interactions.take(~test))
        seen = train.matrix().toarray() > 0
        gains = self._gains(test) * ~seen
        return Case("warm", seed, train, train.batch(), self.users, gains, ~seen)

    def item_cold(self, seed: int) -> Case:
        """A fifth of the films hidden and ranked among themselves."""
        cold = np.zeros(len(self.data.items), dtype=np.bool_)
        cold[np.array(self.splits[str(seed)]["item_cold_test_items"]) - 1] = True
        test = cold[self.data.interactions.item]
        train = self.data.with_interactions(self.data.interactions.take(~test))
        admissible = np.tile(cold, (len(self.users), 1))
        return Case("item_cold", seed, train, train.batch(), self.users, self._gains(test), admissible)

    def user_cold(self, seed: int) -> Case:
        """A fifth of the users hidden; of them only age bucket, sex and occupation are known."""
        who = np.array(self.splits[str(seed)]["user_cold_test_users"]) - 1
        test = np.isin(self.data.interactions.subject, who)
        train = self.data.with_interactions(self.data.interactions.take(~test))
        gains = self._gains(test)[who]
        batch = SubjectBatch(self.data.subject_features.rows(who))
        names = tuple(self.users[at] for at in who)
        return Case("user_cold", seed, train, batch, names, gains, np.ones(gains.shape, dtype=np.bool_))

    def _gains(self, test: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
        held = self.data.with_interactions(self.data.interactions.take(test))
        return np.asarray(held.matrix().toarray() > 0, dtype=np.float64)


def _table(path: Path, encoding: str) -> list[list[str]]:
    lines = path.read_text(encoding).split("\n")
    return [line.split("|") for line in lines if line.strip()]


def _of_user(line: list[str]) -> list[str]:
    _, age, sex, occupation = line[:4]
    passed = [f"age>={bound}" for bound in AGES if int(age) >= bound]
    return [*passed, f"sex={sex}", f"occupation={occupation}"]


def _of_film(line: list[str], genres: list[str]) -> list[str]:
    flags = line[5 : 5 + len(genres)]
    known = [f"genre={genre}" for genre, flag in zip(genres, flags, strict=True) if flag == "1"]
    year = int(line[2][-4:]) if line[2] else None
    buckets = [f"{width}={bisect_right(bounds, year)}" for width, bounds in YEARS.items()] if year else []
    return [*known, *buckets]
