"""Learned uptake: would this firm apply within a quarter, and would it then obtain. It admits nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from features.indicators import Indicators
from models.logit.calibration import Calibration
from models.logit.crossed import Cases, CrossedLogit
from models.policy_package.policy_book import Floats, PolicyBook, PolicyTraits
from models.policy_package.uptake_signals import SIGNALS, FirmPast, signals_of

KIND: Final = "enterprise-policy-package.uptake.1"
"""The schema of the arrays and the specification."""


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """One learned question: applying, or obtaining once applied for."""

    logit: CrossedLogit
    calibration: Calibration

    def probabilities(self, cases: Cases) -> Floats:
        """(cases,)."""
        return self.calibration(self.logit.logits(cases))

    def of_one(
        self, signals: Floats, groups: npt.NDArray[np.int32], present: npt.NDArray[np.int32]
    ) -> Floats:
        """One firm's probabilities over policies (policies,)."""
        logit = self.logit
        own = (signals * logit.by_signal[groups]).sum(axis=1)
        shared = logit.intercept + logit.by_indicator[present].sum(axis=0)
        return self.calibration(shared[groups] + own)


@dataclass(frozen=True, slots=True, eq=False)
class UptakeModel:
    """Chance by policy that a firm would apply and obtain; policies nobody applies for are not in it."""

    book: PolicyBook
    indicators: Indicators
    applying: Stage
    obtaining: Stage

    def uptake(self, past: FirmPast, traits: Mapping[str, str | None]) -> dict[str, float]:
        """One firm's chance by policy, from its past and traits, both masked to rank."""
        signals = signals_of(past, self.book)
        groups, present = self.book.groups(), self.indicators.encode_one(traits)
        chance = self.applying.of_one(signals, groups, present) * self.obtaining.of_one(
            signals, groups, present
        )
        return {policy.item: float(p) for policy, p in zip(self.book.policies, chance, strict=True)}

    def probabilities(self, cases: Cases) -> Floats:
        """Chance of applying and obtaining (cases,); groups index the book's categories."""
        return self.applying.probabilities(cases) * self.obtaining.probabilities(cases)

    def export(self) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
        """The specification and the arrays to store."""
        specification = {
            "policies": msgspec.to_builtins(self.book.policies),
            "categories": list(self.book.categories),
            "signals": list(SIGNALS),
            "indicators": list(self.indicators.names),
            "calibration": [self.applying.calibration.method, self.obtaining.calibration.method],
        }
        arrays: dict[str, npt.NDArray[Any]] = {}
        for name, stage in (("applying", self.applying), ("obtaining", self.obtaining)):
            knots = {"knots": stage.calibration.logits, "levels": stage.calibration.probabilities}
            arrays |= {f"{name}/{key}": array for key, array in {**stage.logit.arrays(), **knots}.items()}
        return specification, arrays

    @classmethod
    def restore(cls, specification: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> UptakeModel:
        """The model that was exported. Raises KeyError or ValueError where a part is amiss."""
        if specification["signals"] != list(SIGNALS):
            raise ValueError("it was learned from other signals than this program computes: train it again")
        categories = tuple(specification["categories"])
        policies = msgspec.convert(specification["policies"], tuple[PolicyTraits, ...])
        stages = []
        for name, method in zip(("applying", "obtaining"), specification["calibration"], strict=True):
            own = {key.split("/", 1)[1]: a for key, a in arrays.items() if key.startswith(f"{name}/")}
            calibration = Calibration(own["knots"], own["levels"], method)
            stages.append(Stage(CrossedLogit.of(categories, own), calibration))
        indicators = Indicators(tuple(specification["indicators"]))
        return cls(PolicyBook(policies, categories), indicators, *stages)
