"""Read a world file; every fault in it is named at once, with its place and what to do."""

from __future__ import annotations

import hashlib
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from pipelines.city.world import World


class WorldError(ValueError):
    """A world that cannot be lived in; `faults` names everything that is wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        listing = "\n".join(f"- {fault}" for fault in faults)
        super().__init__(f"{len(faults)} fault(s) in the world:\n{listing}")


def load_world(path: Path) -> World:
    """The world of a file; `extends: other.yaml` takes over what the file does not say itself.

    Raises WorldError with all faults of the file.
    """
    tree = _resolved(path, ())
    faults: list[str] = []
    tree = _spelt_out(tree)
    fields = typing.get_type_hints(World)
    known = {name: _converted(tree[name], fields[name], name, faults) for name in fields if name in tree}
    faults += [f"{name}: no such knob; known are {', '.join(fields)}" for name in tree if name not in fields]
    digest = hashlib.blake2b(msgspec.json.encode(tree, order="sorted"), digest_size=16).hexdigest()
    try:
        world = World(**{**known, "hash": digest})
    except TypeError as error:
        faults.append(f"{path.name}: {error}; give the missing knob, or extend a world that has it")
    if faults:
        raise WorldError(faults)
    return world


def _resolved(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    if path in seen:
        raise WorldError([f"{path.name}: extends itself; remove one `extends`"])
    if not path.is_file():
        raise WorldError([f"{path}: no such file; name a world file"])
    try:
        tree = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise WorldError([f"{path.name}: not valid YAML ({error}); correct it"]) from error
    if not isinstance(tree, dict):
        raise WorldError([f"{path.name}: not a mapping of knobs; see default.yaml"])
    base = tree.pop("extends", None)
    if base is None:
        return tree
    return _merged(_resolved(path.parent / str(base), (*seen, path)), tree)


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(base)
    for name, value in over.items():
        old = both.get(name)
        if isinstance(old, dict) and isinstance(value, dict) and not _is_draw(old):
            both[name] = _merged(old, value)
        else:
            both[name] = value
    return both


def _is_draw(tree: Mapping[str, Any]) -> bool:
    return bool({"share", "choice", "value", "expr", "days", "lognormal", "cases"} & tree.keys())


def _spelt_out(tree: Any, depth: int = 0, *, numbers_are_shares: bool = False) -> Any:
    """Write short draws in full; `depth` says how many mappings further down the draws lie."""
    if depth == 1 and isinstance(tree, dict):
        return {name: _draw(draw, shares=numbers_are_shares) for name, draw in tree.items()}
    if isinstance(tree, list):
        return [_spelt_out(item, depth, numbers_are_shares=numbers_are_shares) for item in tree]
    if not isinstance(tree, dict):
        return tree
    if depth > 1:
        return {
            name: _spelt_out(entry, depth - 1, numbers_are_shares=numbers_are_shares)
            for name, entry in tree.items()
        }
    return {
        name: _spelt_out(entry, _DRAWS_BELOW.get(str(name), 0), numbers_are_shares=name == "attributes")
        for name, entry in tree.items()
    }


_DRAWS_BELOW = {
    "attributes": 2,
    "set": 1,
    "set_owner": 1,
    "set_spouse": 1,
    "effects": 1,
    "spawn": 2,
    "scopes": 2,
}


def _draw(draw: Any, *, shares: bool) -> Any:
    """`false` or a word means that value; a number means a share in `attributes`, else that value."""
    if isinstance(draw, bool | str):
        return {"value": draw}
    if isinstance(draw, int | float):
        return {"share": float(draw)} if shares else {"value": float(draw)}
    return draw


def _converted(value: Any, kind: Any, place: str, faults: list[str]) -> Any:
    """The typed value; mappings are converted entry by entry, so that each fault is found."""
    if typing.get_origin(kind) is dict and isinstance(value, dict):
        inner = typing.get_args(kind)[1]
        return {
            str(name): _converted(entry, inner, f"{place}.{name}", faults) for name, entry in value.items()
        }
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        faults.append(f"{place}: {error}; correct the value")
        return None
