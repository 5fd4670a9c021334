"""A model's card: what it is for, what it was learned from, how well it did, and what it must not do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from catalog.vocabulary import Names

CARDS: Final = Path(__file__).with_name("cards.yaml")
SYNTHETIC: Final = Names(
    zh="> 合成数据:以下数字来自模拟城市,不代表真实效果。",
    en="> Synthetic data: these figures are of a simulated city, and attained nowhere.",
)


class Prose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the card of one model says in words."""

    purpose: Names
    learned_from: Names
    limits: Names


@cache
def prose() -> dict[str, Prose]:
    """By model, what its card says (cards.yaml)."""
    return msgspec.yaml.decode(CARDS.read_bytes(), type=dict[str, Prose])


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What the card says, in both languages where it is prose."""

    name: str
    prose: Prose
    trained_to: dt.date
    catalogue_version: str
    synthetic: bool
    """Whether the records come from a synthetic city: its figures are no attained ones."""
    parameters: Mapping[str, str]
    metrics: Mapping[str, float]
    left_out: Mapping[str, str]
    """What could not be learned, and why."""

    def markdown(self) -> str:
        """The card as Markdown, Chinese first."""
        stamp = []
        if self.synthetic:
            stamp = [
                "> 合成数据:以下数字来自模拟城市,不代表真实效果。",
                "> Synthetic data: these figures are of a simulated city.",
                "",
            ]
        lines = [
            f"# {self.name}",
            "",
            *stamp,
            "## 用途 / Purpose",
            *_both(self.prose.purpose),
            "## 训练数据 / Learned from",
            *_both(self.prose.learned_from),
            f"- 数据截至 / trained to: {self.trained_to}",
            f"- 目录版本 / catalogue: {self.catalogue_version}",
            "",
            "## 指标 / Metrics",
            "",
            "| metric | value |",
            "|---|---|",
            *(f"| {name} | {value:.4f} |" for name, value in sorted(self.metrics.items())),
            "",
            "## 参数 / Parameters",
            "",
            *(f"- {name}: {value}" for name, value in sorted(self.parameters.items())),
            "",
            "## 未学习 / Left out",
            "",
            *(f"- {name}: {why}" for name, why in sorted(self.left_out.items())),
            *(["- 无 / nothing"] if not self.left_out else []),
            "",
            "## 限制 / Limits",
            *_both(self.prose.limits),
        ]
        return "\n".join(lines)


def _both(names: Names) -> list[str]:
    return ["", names.zh, "", names.en, ""]
