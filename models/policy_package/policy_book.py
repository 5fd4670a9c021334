"""What the uptake model knows of each policy that somebody has to apply for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from catalog.catalogue import Catalogue
from catalog.support_policy import SupportPolicy

Floats = npt.NDArray[np.float64]
BENEFITS: Final = ("tax", "grant", "award", "right", "fee", "loan")
LEVELS: Final = ("state", "city", "district", "subdistrict")
OFFER: Final = (
    "known_amount",
    "usual_uptake",
    *(f"benefit={benefit}" for benefit in BENEFITS),
    *(f"level={level}" for level in LEVELS),
)
"""A policy's own signals, in column order."""


class PolicyTraits(msgspec.Struct, frozen=True):
    """What the model knows of one policy it may meet."""

    item: str
    category: str
    benefit: str
    level: str
    known_amount: float
    """log(1 + yuan per unit); 0 where the text states none."""
    papers: tuple[str, ...]
    """Evidence types a firm must bring itself: no blank forms, nothing that government can fetch."""
    usual_uptake: float = 0.0
    """Log odds, from what was learned, that a firm that may does apply; shrunk to the mean of all."""


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """The policies that need an application, in item order, with the categories as model groups."""

    policies: tuple[PolicyTraits, ...]
    categories: tuple[str, ...]

    @property
    def places(self) -> dict[str, int]:
        """Each policy's row."""
        return {policy.item: at for at, policy in enumerate(self.policies)}

    def groups(self) -> npt.NDArray[np.int32]:
        """Each policy's category, as an index (policies,)."""
        return np.asarray([self.categories.index(p.category) for p in self.policies], dtype=np.int32)

    def offers(self) -> Floats:
        """Each policy's own signals (policies, OFFER)."""
        return np.asarray([_offer(policy) for policy in self.policies], dtype=np.float64).reshape(
            len(self.policies), len(OFFER)
        )

    def frame(self) -> pl.DataFrame:
        """item, category."""
        rows = [(policy.item, policy.category) for policy in self.policies]
        return pl.DataFrame(rows, schema={"item": pl.String, "category": pl.String}, orient="row")


def policy_book(catalogue: Catalogue) -> PolicyBook:
    """The confirmed policies that somebody has to apply for; the others come by themselves."""
    chosen = [
        _traits(policy, catalogue)
        for _, policy in sorted(catalogue.support_policies.items())
        if policy.status == "confirmed" and policy.apply_mode in ("apply", "file")
    ]
    return PolicyBook(tuple(chosen), tuple(sorted({policy.category for policy in chosen})))


def _traits(policy: SupportPolicy, catalogue: Catalogue) -> PolicyTraits:
    types = (catalogue.evidence_types[paper] for paper in policy.evidence)
    to_bring = tuple(sorted(t.id for t in types if t.kind != "form" and not t.fetchable))
    amount = 0.0 if policy.amount is None else float(np.log1p(policy.amount.yuan))
    return PolicyTraits(policy.id, policy.category, policy.benefit_type, str(policy.level), amount, to_bring)


def _offer(policy: PolicyTraits) -> Sequence[float]:
    kinds: Mapping[str, Sequence[str]] = {policy.benefit: BENEFITS, policy.level: LEVELS}
    one_hot = [float(name == told) for told, names in kinds.items() for name in names]
    return (policy.known_amount, policy.usual_uptake, *one_hot)
