"""Reading a catalogue's folder: one file a thing, or one file an authority, into checked sheets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from catalog.document import Node, read
from catalog.faults import Fault
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
S_co = TypeVar("S_co", bound=msgspec.Struct, covariant=True)


@dataclass(frozen=True, slots=True)
class Entry(Generic[S_co]):
    """One thing as authored: its sheet, and where it stands for whoever finds a fault in it."""

    id: str
    sheet: S_co
    node: Node
    page: Page

    def fault(self, what: str, remedy: str, *path: str | int) -> None:
        """Note a fault on the line of what lies at `path` in this entry."""
        self.page.fault(self.node.line_of(*path), f"{self.id}: {what}", remedy)


@dataclass(frozen=True, slots=True)
class Sheets:
    """Everything authored in one folder."""

    themes: list[Entry[ThemesSheet]]
    consent_groups: list[Entry[ConsentGroupsSheet]]
    authorities: list[Entry[AuthoritySheet]]
    parameters: list[Entry[ParameterSheet]]
    evidence_types: list[Entry[EvidenceTypesSheet]]
    public_services: list[Entry[PublicServiceSheet]]
    support_policies: list[Entry[SupportPolicySheet]]
    events: list[Entry[EventSheet]]
    files: dict[str, frozenset[str]]
    """The ids that have a file, by folder: a file that cannot be read is at fault, not who refers to it."""


_FOLDERS = ("attributes", "parameters", "evidence_types", "public_services", "support_policies", "events")
_FILES = ("themes.yaml", "consent_groups.yaml")


def read_sheets(folder: Path, faults: list[Fault]) -> Sheets:
    """All sheets of a catalogue's folder; whatever cannot be read is among the faults."""
    _refuse_strangers(folder, faults)
    return Sheets(
        themes=_files(folder, "themes.yaml", ThemesSheet, faults),
        consent_groups=_files(folder, "consent_groups.yaml", ConsentGroupsSheet, faults),
        authorities=_files(folder, "attributes/*.yaml", AuthoritySheet, faults),
        parameters=_named_files(folder, "parameters/*.yaml", ParameterSheet, "name", faults),
        evidence_types=_files(folder, "evidence_types/*.yaml", EvidenceTypesSheet, faults),
        public_services=_named_files(folder, "public_services/*.yaml", PublicServiceSheet, "id", faults),
        support_policies=_named_files(folder, "support_policies/*.yaml", SupportPolicySheet, "id", faults),
        events=_named_files(folder, "events/*.yaml", EventSheet, "id", faults),
        files={each: frozenset(path.stem for path in (folder / each).glob("*.yaml")) for each in _FOLDERS},
    )


def _refuse_strangers(folder: Path, faults: list[Fault]) -> None:
    """A file that nobody would read is a mistake, not something to pass over in silence."""
    for name in _FILES:
        if not (folder / name).is_file():
            faults.append(Fault(name, 1, f"`{name}` is missing", "add it to the catalogue's folder"))
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        known = place.parent.as_posix() in _FOLDERS and path.suffix == ".yaml"
        if path.is_file() and not known and place.as_posix() not in _FILES:
            remedy = f"move it into one of {', '.join(_FOLDERS)} as a .yaml file, or remove it"
            faults.append(Fault(place.as_posix(), 1, "no part of a catalogue", remedy))


def _files(folder: Path, pattern: str, sheet: type[S], faults: list[Fault]) -> list[Entry[S]]:
    entries = []
    for path in sorted(folder.glob(pattern)):
        page = Page(path.relative_to(folder).as_posix(), faults)
        node = read(path, page.name, faults)
        fitted = None if node is None else fit(sheet, node, page)
        if node is not None and fitted is not None:
            entries.append(Entry(path.stem, fitted, node, page))
    return entries


def _named_files(folder: Path, pattern: str, sheet: type[S], key: str, faults: list[Fault]) -> list[Entry[S]]:
    entries = _files(folder, pattern, sheet, faults)
    for entry in entries:
        given = getattr(entry.sheet, key)
        if given != entry.id:
            entry.page.fault(
                entry.node.line_of(key),
                f"the {key} `{given}` differs from the file's name",
                f"rename the file to {given}.yaml or correct the {key}",
            )
    return entries
