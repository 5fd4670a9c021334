"""How likely each pair is to be used in the months ahead: knowing everything, and knowing what shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.city.demand import Matrix
from pipelines.city.world_knobs import Journey


@dataclass(frozen=True, slots=True)
class Outlook:
    """One scope's months ahead: rows x items each."""

    rate: Sequence[Matrix]
    """Expected intents a month."""
    start: Sequence[Matrix]
    """Chance that a pending intent leads to a case within the month; 0 where not allowed."""
    pending: Matrix
    """Chance that it is pending already."""


def chance_of_use(outlook: Outlook, drop: float) -> Matrix:
    """The probability of at least one case in the months ahead.

    Each month an idle pair turns pending with 1 - exp(-rate); a pending one leads to a case with
    `start`, or else is dropped with `drop`: the same steps as `pipelines.city.journeys`.
    """
    pending = outlook.pending.copy()
    used = np.zeros_like(pending)
    for rate, start in zip(outlook.rate, outlook.start, strict=True):
        idle = np.clip(1.0 - pending - used, 0.0, 1.0)
        pending = pending + idle * -np.expm1(-rate)
        now = pending * start
        used = used + now
        pending = (pending - now) * np.float32(1.0 - drop)
    return used


def believed_pending(
    views: Sequence[Matrix], uses: Sequence[Matrix], rate: Matrix, noise: Matrix, start: Matrix,
    online: Matrix, knobs: Journey,
) -> Matrix:  # fmt: skip
    """The chance that a pair is pending after some months in which it was, or was not, seen to be looked at.

    A forward filter of two hidden states: pending online shows itself by a view with `view` a month,
    else views are `noise`; pending in person never shows before its case.
    """
    arrives = -np.expm1(-rate)
    shown = np.zeros_like(rate)
    unseen = np.zeros_like(rate)
    for view, use in zip(views, uses, strict=True):
        shown += (1.0 - shown) * arrives * online
        looked, chance = view > 0, np.float32(knobs.view)
        likely = np.where(looked, chance, 1.0 - chance) * shown
        shown = likely / (likely + np.where(looked, noise, 1.0 - noise) * (1.0 - shown) + 1e-9)
        unseen += (1.0 - unseen - shown).clip(0.0) * arrives * (1.0 - online)
        shown, unseen = (_kept(belief, use, start, knobs.drop) for belief in (shown, unseen))
    return np.asarray(np.clip(shown + unseen, 0.0, 1.0), dtype=np.float32)


def _kept(belief: Matrix, use: Matrix, start: Matrix, drop: float) -> Matrix:
    """A belief at the month's end, given that no case was begun; none is left where one was."""
    stays = (1.0 - start) * np.float32(1.0 - drop)
    left = belief * stays / (1.0 - belief * start + 1e-9)
    return np.where(use > 0, np.float32(0.0), left)
