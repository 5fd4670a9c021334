"""Which events had shown in the registers by a day, and so could be known to a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from catalog.vocabulary import Origin
from pipelines.city.block import Block, Setting
from pipelines.city.draw_spec import Draw
from pipelines.city.life import Brought
from pipelines.city.randomness import Bools, Ints
from pipelines.city.registers import lateness, unknown_to
from pipelines.city.world import Event


def told(block: Block, brought: Brought, by_day: int) -> Bools:
    """By row of a stage: whether some register had stated something it changed, by a day."""
    event = block.setting.world.events[brought.name]
    known = np.zeros(len(brought.rows), dtype=np.bool_)
    if brought.stage.spawn:
        known |= brought.days + 15 <= by_day
    for scope, draws, rows in _changes(block, event, brought):
        key = f"{block.kind}.{scope}"
        for name in draws:
            attribute = block.setting.stored.get(key, {}).get(name)
            if attribute is not None:
                in_time = brought.days + lateness(block, attribute.register, rows) <= by_day
                known |= in_time & ~unknown_to(block, key, attribute, rows)
    return known


def _changes(block: Block, event: Event, brought: Brought) -> Iterator[tuple[str, Mapping[str, Draw], Ints]]:
    yield event.scope, brought.stage.set, brought.rows
    yield "self", brought.stage.set_owner, block.states[event.scope].owner[brought.rows]


def tells(setting: Setting, name: str) -> bool:
    """Whether some authority's register shows an event; others only subjects themselves could state."""
    event = setting.world.events[name]
    held = {
        attribute.name
        for table in setting.stored.values()
        for attribute in table.values()
        if attribute.origin is Origin.AUTHORITY
    }
    changed = {attribute for stage in event.stages for attribute in (*stage.set, *stage.set_owner)}
    return bool(changed & held) or any(stage.spawn for stage in event.stages)
