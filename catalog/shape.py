"""Turning the tree of a YAML file into a sheet, with every misfit named instead of only the first."""

from __future__ import annotations

import types
from dataclasses import dataclass, field
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec

from catalog.document import Node, plain
from catalog.faults import Fault

S = TypeVar("S", bound=msgspec.Struct)


@dataclass(slots=True)
class Page:
    """A file being read, and the faults found in the catalogue so far."""

    name: str
    faults: list[Fault] = field(default_factory=list)

    def fault(self, line: int, what: str, remedy: str) -> None:
        """Note one fault of this file."""
        self.faults.append(Fault(self.name, line, what, remedy))


def fit(sheet: type[S], node: Node, page: Page) -> S | None:
    """The sheet written at `node`, or None with all the reasons among the page's faults."""
    if not isinstance(node.value, dict):
        page.fault(node.line, f"{_named(sheet)} is not a mapping", "write it as `key: value` lines")
        return None
    fields = {info.name: info for info in msgspec.structs.fields(sheet)}
    whole = True
    for key in node.value.keys() - fields.keys():
        page.fault(node.value[key].line, f"unknown key `{key}`", f"use one of {', '.join(fields)}")
        whole = False
    values: dict[str, Any] = {}
    for name, info in fields.items():
        if name not in node.value:
            if info.required:
                page.fault(node.line, f"`{name}` is missing", f"add `{name}`")
                whole = False
            continue
        fitted = _value(info.type, node.value[name], name, page)
        whole = whole and fitted is not _MISFIT
        values[name] = fitted
    return sheet(**values) if whole else None


_MISFIT = object()


def _value(kind: Any, node: Node, name: str, page: Page) -> Any:
    if node.value is None and _optional(kind):
        return None
    if (inner := _struct(kind)) is not None:
        return _or_misfit(fit(inner, node, page))
    if get_origin(kind) is tuple and _holds_structs(kind) and isinstance(node.value, list):
        fitted = [_value(get_args(kind)[0], item, name, page) for item in node.value]
        return _MISFIT if _MISFIT in fitted else tuple(fitted)
    if get_origin(kind) is dict and _holds_structs(kind) and isinstance(node.value, dict):
        entries = {key: _value(get_args(kind)[1], item, key, page) for key, item in node.value.items()}
        # One bad entry is named and left out, lest it take the whole file's others with it.
        fitting = {key: value for key, value in entries.items() if value is not _MISFIT}
        return _keyed(kind, fitting, node, name, page)
    return _converted(kind, node, name, page)


def _converted(kind: Any, node: Node, name: str, page: Page) -> Any:
    try:
        return msgspec.convert(plain(node), kind)
    except msgspec.ValidationError as error:
        page.fault(node.line, f"`{name}`: {error}", f"write {_wanted(kind)}")
        return _MISFIT


def _keyed(kind: Any, entries: dict[str, Any], node: Node, name: str, page: Page) -> Any:
    try:
        keys = msgspec.convert(list(entries), list[get_args(kind)[0]])  # type: ignore[misc]
    except msgspec.ValidationError as error:
        page.fault(node.line, f"`{name}`: {error}", f"key it by {_wanted(get_args(kind)[0])}")
        return _MISFIT
    return dict(zip(keys, entries.values(), strict=True))


def _or_misfit(value: object | None) -> object:
    return _MISFIT if value is None else value


def _optional(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType) and type(None) in get_args(kind)


def _struct(kind: Any) -> type[msgspec.Struct] | None:
    """The struct a type is, or may be beside None."""
    for candidate in get_args(kind) if _optional(kind) else (kind,):
        if isinstance(candidate, type) and issubclass(candidate, msgspec.Struct):
            return candidate
    return None


def _holds_structs(kind: Any) -> bool:
    return any(_struct(part) is not None or _holds_structs(part) for part in get_args(kind))


def _named(sheet: type) -> str:
    return sheet.__name__.removesuffix("Sheet")


def _wanted(kind: Any) -> str:
    allowed = [*getattr(kind, "__members__", {}).values()] or [
        choice for choice in get_args(kind) if isinstance(choice, str)
    ]
    return f"one of {', '.join(allowed)}" if allowed else f"a {getattr(kind, '__name__', str(kind))}"
