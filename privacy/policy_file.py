"""Reading an operator's policy file: every fault in it at once, each with its line."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, get_args, get_origin

import msgspec

from catalog.catalogue import Catalogue
from catalog.document import Node, plain, read
from catalog.faults import Fault
from catalog.shape import Page, fit
from privacy.purposes import Policy

EXAMPLE: Final = "compare it with privacy/policy.yaml"


class PolicyError(ValueError):
    """A policy file that cannot be followed; says where and what to do."""

    def __init__(self, path: Path, faults: list[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        listing = "\n".join(f"{path}:{fault.line}: {fault.what}: {fault.remedy}" for fault in self.faults)
        super().__init__(f"{path}: {len(self.faults)} fault(s); {EXAMPLE}\n{listing}")


def load_policy(path: Path, catalogue: Catalogue | None = None) -> Policy:
    """An operator's policy, checked against the catalogue where one is given. Raises PolicyError."""
    faults: list[Fault] = []
    page = Page(path.name, faults)
    try:
        node = read(path, path.name, faults)
    except OSError as fault:
        raise PolicyError(
            path, [Fault(path.name, 1, f"cannot be read: {fault.strerror}", "give the path of a policy file")]
        ) from fault
    policy = None
    if node is not None:
        policy = fit(Policy, Node(_sound(Policy, node, page), node.line), page)
        faults += _repeated(node, path.name)
        faults += [] if catalogue is None else _strangers(node, catalogue, path.name)
    if faults or policy is None:
        raise PolicyError(path, faults)
    return policy


_in_force: list[Policy] = []
"""The operator's policy, where this process was given one."""


def default_policy() -> Policy:
    """The policy in force: the operator's, or else the one that ships."""
    return _in_force[-1] if _in_force else shipped_policy()


def put_in_force(path: Path | None, catalogue: Catalogue | None = None) -> None:
    """Follow an operator's policy in this process; None is the one that ships. Raises PolicyError."""
    policy = None if path is None else load_policy(path, catalogue)
    _in_force[:] = [] if policy is None else [policy]


@lru_cache(maxsize=1)
def shipped_policy() -> Policy:
    """The policy that ships with the product."""
    with resources.as_file(resources.files("privacy") / "policy.yaml") as path:
        return load_policy(path)


def _sound(sheet: type[msgspec.Struct], node: Node, page: Page) -> dict[str, Node]:
    """The mapping less the entries of plain lists and tables that do not fit, each of them a fault."""
    kept = dict(node.entries)
    for info in msgspec.structs.fields(sheet):
        entry = node.entries.get(info.name)
        if entry is None:
            continue
        kept[info.name] = Node(_entries(info.type, entry, info.name, page), entry.line)
    return kept


def _entries(kind: Any, node: Node, name: str, page: Page) -> Any:
    inner = _struct_in(kind)
    if isinstance(node.value, dict) and get_origin(kind) is dict and inner is not None:
        keys: Any = list.__class_getitem__(get_args(kind)[0])
        named = {k: entry for k, entry in node.entries.items() if _fits(keys, [k], entry, name, page)}
        return {key: _sound_item(inner, entry, page) for key, entry in named.items()}
    if isinstance(node.value, list) and inner is not None:
        return [
            Node(_sound(inner, entry, page) if entry.entries else entry.value, entry.line)
            for entry in node.items
        ]
    if isinstance(node.value, dict) and get_origin(kind) is dict:
        return {
            key: entry
            for key, entry in node.entries.items()
            if _fits(kind, {key: plain(entry)}, entry, name, page)
        }
    if isinstance(node.value, list) and get_origin(kind) is tuple:
        return [entry for entry in node.items if _fits(kind, [plain(entry)], entry, name, page)]
    return node.value


def _sound_item(sheet: type[msgspec.Struct], node: Node, page: Page) -> Node:
    return Node(_sound(sheet, node, page), node.line) if node.entries else node


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:
    """The struct a list or table holds."""
    for part in get_args(kind):
        if isinstance(part, type) and issubclass(part, msgspec.Struct):
            return part
    return None


def _fits(kind: Any, value: object, entry: Node, name: str, page: Page) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as fault:
        page.fault(entry.line, f"`{name}`: {fault}", EXAMPLE)
        return False
    return True


def _repeated(node: Node, name: str) -> Iterator[Fault]:
    """More than one answer to one question."""
    several = {"attributes": ("purpose", "sensitivity", "origin")}
    several |= dict.fromkeys(("interactions", "consultations", "ratings"), ("purpose",))  # type: ignore[arg-type]
    for table, keys in several.items():
        seen: dict[tuple[object, ...], int] = {}
        for entry in node.entries.get(table, Node([], 0)).items:
            asked = tuple(plain(entry.entries[key]) for key in keys if key in entry.entries)
            if asked in seen:
                told = ", ".join(map(str, asked))
                yield Fault(
                    name, entry.line, f"more than one rule for {told}", f"keep this or line {seen[asked]}"
                )
            seen.setdefault(asked, entry.line)


def _strangers(node: Node, catalogue: Catalogue, name: str) -> Iterator[Fault]:
    """Secrets that name what the catalogue does not have."""
    for mandate, entry in node.entries.get("secrets", Node({}, 0)).entries.items():
        known = {"attributes": catalogue.attributes.keys(), "groups": catalogue.consent_groups.keys()}
        for key, have in known.items():
            for named in entry.entries.get(key, Node([], 0)).items:
                if named.value not in have:
                    what = f"secrets.{mandate}.{key}: the catalogue has no `{named.value}`"
                    yield Fault(name, named.line, what, "correct the name or leave it out")
