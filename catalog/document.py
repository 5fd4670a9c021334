"""YAML files as trees that remember the line of every value, so that a fault can be pointed at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from catalog.faults import Fault

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a file and the line it stands on."""

    value: dict[str, Node] | list[Node] | Scalar
    line: int

    @property
    def entries(self) -> dict[str, Node]:
        """The entries of a mapping; nothing for any other value."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list[Node]:
        """The items of a list; nothing for any other value."""
        return self.value if isinstance(self.value, list) else []

    def line_of(self, *path: str | int) -> int:
        """The line of what lies at `path`, or of the nearest thing above it that exists."""
        node = self
        for step in path:
            if isinstance(step, str) and step in node.entries:
                node = node.entries[step]
            elif isinstance(step, int) and step < len(node.items):
                node = node.items[step]
            else:
                break
        return node.line


def plain(node: Node) -> object:
    """The value without its lines."""
    if isinstance(node.value, dict):
        return {key: plain(entry) for key, entry in node.value.items()}
    if isinstance(node.value, list):
        return [plain(item) for item in node.value]
    return node.value


def read(path: Path, name: str, faults: list[Fault]) -> Node | None:
    """The tree of one file, or None with the reason among `faults`."""
    loader = yaml.CSafeLoader(path.read_bytes())
    try:
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        faults.append(Fault(name, line, f"not valid YAML: {error.problem}", "correct the YAML"))
        return None
    finally:
        loader.dispose()
    if root is None:
        faults.append(Fault(name, 1, "the file is empty", "write its content or remove the file"))
        return None
    return _convert(root, name, faults)


def _convert(node: yaml.Node, name: str, faults: list[Fault]) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        entries: dict[str, Node] = {}
        for key_node, value_node in node.value:
            key, place = str(key_node.value), key_node.start_mark.line + 1
            if key in entries:
                faults.append(Fault(name, place, f"`{key}` is given twice", "keep one of the two"))
            entries[key] = Node(_convert(value_node, name, faults).value, place)
        return Node(entries, line)
    if isinstance(node, yaml.SequenceNode):
        return Node([_convert(item, name, faults) for item in node.value], line)
    return Node(_scalar(node, name, faults), line)


def _scalar(node: yaml.Node, name: str, faults: list[Fault]) -> Scalar:
    text = str(node.value)
    match node.tag.rsplit(":", 1)[-1]:
        case "null":
            return None
        case "bool" if text in ("true", "false"):
            return text == "true"
        case "int" if text.lstrip("-").isdecimal():
            return int(text)
        case "float":
            return float(text)
        case "bool" | "int" | "timestamp" as kind:
            line = node.start_mark.line + 1
            faults.append(Fault(name, line, f"YAML reads `{text}` as a {kind}", f'quote it: "{text}"'))
    return text
