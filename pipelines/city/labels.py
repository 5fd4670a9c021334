"""What subjects call their scope items: made-up names, told apart from anything real."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from pipelines.city.randomness import Ints
from pipelines.city.scope_state import Column

if TYPE_CHECKING:
    from pipelines.city.block import Block

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def name_items(block: Block, scope: str, owner: Ints, columns: Mapping[str, Column]) -> list[str | None]:
    """A label an item from the world's list; `#` becomes a digit, `@` a letter, `{n}` its number.

    One owner's items of a scope are named apart as far as the list reaches.
    """
    patterns = block.setting.world.labels.get(scope)
    if scope == "self" or not patterns:
        return [None] * len(owner)
    rng = block.rng("labels", scope, block.states[scope].rows)
    held = np.bincount(block.states[scope].owner, minlength=block.subjects.rows + len(owner))
    start = int(rng.integers(len(patterns))) + np.asarray(owner) * 7
    seen: dict[int, int] = {}
    names: list[str | None] = []
    for item, row in zip(start, owner, strict=True):
        turn = seen[row] = seen.get(int(row), int(held[row])) + 1
        pattern = patterns[(int(item) + turn) % len(patterns)]
        names.append(_filled(pattern, turn, rng) if any(mark in pattern for mark in "#@{") else pattern)
    return names


def _filled(pattern: str, number: int, rng: np.random.Generator) -> str:
    marks = [
        str(rng.integers(10)) if mark == "#" else LETTERS[rng.integers(len(LETTERS))] if mark == "@" else mark
        for mark in pattern
    ]
    return "".join(marks).replace("{n}", str(number))
