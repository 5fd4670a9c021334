"""What a success changes: attributes, new scope items, papers; in the month after the decision."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from catalog.catalogue import Item
from pipelines.city.block import Block
from pipelines.city.demand import yields
from pipelines.city.life import Month, change
from pipelines.city.papers import FOREVER, Papers
from pipelines.city.population import add_items
from pipelines.city.randomness import Ints
from pipelines.city.wants import Wants
from pipelines.city.world_knobs import ItemKnob


@dataclass(frozen=True, slots=True)
class Success:
    """Successes of one scope and item whose effects are still to come."""

    scope: str
    item: Item
    rows: Ints
    days: Ints


@dataclass(slots=True)
class Effects:
    """Decisions wait here until every fact of the month they fell in stands still."""

    block: Block
    wants: Wants
    papers: Papers
    waiting: dict[int, list[Success]] = field(default_factory=dict)
    """By the month number in which the effects show."""

    def await_month(self, scope: str, item: Item, rows: Ints, days: Ints) -> None:
        """Queue the effects of successes by the month after the decision."""
        months = self._month_numbers(days)
        for number in np.unique(months):
            mine = months == number
            success = Success(scope, item, rows[mine], days[mine])
            self.waiting.setdefault(int(number) + 1, []).append(success)

    def take_effect(self, month: Month) -> None:
        """Bring about what earlier months' successes change."""
        for number in sorted(number for number in self.waiting if number <= month.number):
            for success in self.waiting.pop(number):
                self._bring_about(success, month)

    def _bring_about(self, success: Success, month: Month) -> None:
        block, item, scope = self.block, success.item, success.scope
        knob = block.setting.world.demand.items.get(item.id) or ItemKnob()
        rng = block.rng("effect", item.id, month.number, int(success.days.min()))
        state = block.states[scope]
        own = {name: draw for name, draw in knob.effects.items() if name in state.types}
        owners = {name: draw for name, draw in knob.effects.items() if name not in state.types}
        owner = state.owner[success.rows]
        # The register writes it down this month; until then the old facts were true of the subject.
        told = np.maximum(success.days, month.first_day)
        change(block, scope, success.rows, own, success.days, rng, told)
        change(block, "self", owner, owners, success.days, rng, told)
        for other, fixed in knob.spawn.items():
            add_items(block, other, owner, {}, fixed, told, success.days)
        self.wants.grow(block)
        for paper in yields(item):
            if paper in self.papers.types:
                until = self._good_until(paper, success)
                self.papers.give(block, scope, paper, success.rows, success.days, until)

    def _good_until(self, paper: str, success: Success) -> Ints:
        """The last day a paper just issued is good, by the knob that says so for those held before."""
        knob = self.block.setting.world.papers.get(paper)
        until = np.full(len(success.rows), int(FOREVER), dtype=np.int64)
        if knob is None or knob.scope != success.scope:
            return until
        if knob.valid_to is not None:
            ends = self.block.states[success.scope].columns[knob.valid_to][success.rows].astype(np.int64)
            return np.where(ends < success.days, until, ends)
        return until if knob.years is None else success.days + round(knob.years * 365)

    def _month_numbers(self, days: Ints) -> Ints:
        months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        start = self.block.setting.log_from
        return np.asarray(months - ((start.year - 1970) * 12 + start.month - 1))
