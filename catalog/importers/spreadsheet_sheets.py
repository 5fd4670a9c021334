"""The rows of a spreadsheet as the sheets the loader assembles a catalogue from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from catalog.document import Node
from catalog.importers.slugs import Slugs
from catalog.importers.spreadsheet_places import Place, Places
from catalog.importers.spreadsheet_rows import Fault, RowKey, Things, node_of
from catalog.reading import Entry, Sheets
from catalog.shape import Page, fit
from catalog.sheets import (
    AuthoritySheet,
    ConsentGroupsSheet,
    EventSheet,
    EvidenceTypesSheet,
    ParameterSheet,
    PublicServiceSheet,
    SupportPolicySheet,
    ThemesSheet,
)

S = TypeVar("S", bound=msgspec.Struct)


@dataclass(slots=True)
class Gathering:
    """Sheets being gathered from the rows that are not left out."""

    things: Things
    left_out: frozenset[RowKey]
    places: Places
    page: Page

    def sheets(self, known: frozenset[RowKey] = frozenset()) -> Sheets:
        """The sheets; rows of `known` count as there for whoever refers to them, though they are left out."""
        named = self.things.named
        return Sheets(
            themes=self._list("themes", ThemesSheet),
            consent_groups=self._list("consent_groups", ConsentGroupsSheet),
            authorities=self._authorities(),
            parameters=self._named("parameters", ParameterSheet),
            evidence_types=self._evidence_types(),
            public_services=self._named("services", PublicServiceSheet),
            support_policies=self._named("policies", SupportPolicySheet),
            events=self._named("events", EventSheet),
            files={
                folder: frozenset(
                    name for name, key in named[sheet].items() if key not in self.left_out or key in known
                )
                for folder, sheet in (("public_services", "services"), ("support_policies", "policies"))
            },
        )

    def faults(self) -> list[Fault]:
        """What has been found wrong with the sheets, each in its cell."""
        return [(self.places.of(fault.line), fault.what, fault.remedy) for fault in self.page.faults]

    def _rows(self, sheet: str) -> list[tuple[str, RowKey]]:
        return [(name, key) for name, key in self.things.named[sheet].items() if key not in self.left_out]

    def _nodes(self, sheet: str) -> dict[str, Node]:
        return {
            name: node_of(self.things, key, self.left_out, self.places) for name, key in self._rows(sheet)
        }

    def _list(self, sheet: str, kind: type[S]) -> list[Entry[S]]:
        nodes = list(self._nodes(sheet).values())
        tree = {sheet: self.places.node(nodes, Place(sheet, 0))}
        return self._entries([(sheet, tree)], kind)

    def _named(self, sheet: str, kind: type[S]) -> list[Entry[S]]:
        return [
            Entry(name, fitted, node, self.page)
            for name, node in self._nodes(sheet).items()
            if (fitted := fit(kind, node, self.page)) is not None
        ]

    def _authorities(self) -> list[Entry[AuthoritySheet]]:
        """One entry an authority; its registers are what its attributes say."""
        groups: dict[str, dict[str, Node]] = {}
        for name, key in self._rows("attributes"):
            authority = str(self.things.values[key]["authority"])
            groups.setdefault(authority, {})[name] = node_of(self.things, key, self.left_out, self.places)
        trees = []
        slugs = Slugs()
        for authority, nodes in sorted(groups.items()):
            tree = self._authority(authority, nodes)
            register = min(str(node.value) for node in tree["registers"].entries.values())
            trees.append((slugs.of(f"{authority}/{register}"), tree))
        return self._entries(trees, AuthoritySheet)

    def _authority(self, authority: str, attributes: dict[str, Node]) -> dict[str, Node]:
        registers: dict[str, Node] = {}
        for name in attributes:
            key = self.things.named["attributes"][name]
            cells, place = self.things.values[key], Place(*key, "register")
            subject, register = str(cells["subject"]), str(cells["register"])
            first = registers.setdefault(subject, self.places.node(register, place))
            if first.value != register:
                row = self.places.of(first.line).row
                what = f"`{register}`, while row {row} has `{first.value}` for the same office and subject"
                node = self.places.node(register, place)
                self.page.fault(node.line, what, "let an office's attributes of a subject share one register")
        top = Place("attributes", 0)
        return {
            "authority": self.places.node(authority, top),
            "registers": self.places.node(dict(registers), top),
            "attributes": self.places.node(dict(attributes), top),
        }

    def _evidence_types(self) -> list[Entry[EvidenceTypesSheet]]:
        nodes = self._nodes("evidence_types")
        tree = {"evidence_types": self.places.node(dict(nodes), Place("evidence_types", 0))}
        return self._entries([("listed", tree)] if nodes else [], EvidenceTypesSheet)

    def _entries(self, trees: Iterable[tuple[str, dict[str, Node]]], kind: type[S]) -> list[Entry[S]]:
        found = []
        for name, tree in trees:
            node = self.places.node(dict(tree), Place(name, 0))
            fitted = fit(kind, node, self.page)
            if fitted is not None:
                found.append(Entry(name, fitted, node, self.page))
        return found
