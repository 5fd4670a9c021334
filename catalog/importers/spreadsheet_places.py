"""Which cell of a spreadsheet a fault found by the loader's checks stands in."""

from __future__ import annotations

from dataclasses import dataclass, field

from catalog.document import Node


@dataclass(frozen=True, slots=True)
class Place:
    """A cell, or a whole row where the column is empty."""

    sheet: str
    row: int
    column: str = ""

    @property
    def key(self) -> tuple[str, int]:
        """The row it is in."""
        return self.sheet, self.row


@dataclass(slots=True)
class Places:
    """Numbers for places: what checks take for the line of a file leads back to a cell."""

    known: list[Place] = field(default_factory=list)

    def node(self, value: dict[str, Node] | list[Node] | str | float | bool, place: Place) -> Node:
        """A node of the tree that checks read, standing in that place."""
        self.known.append(place)
        return Node(value, len(self.known))

    def of(self, line: int) -> Place:
        """The place of a node's line."""
        return self.known[line - 1]
