"""Writing a catalogue folder from sheets, so that an import is reviewed and loaded like hand-written YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import yaml


class _Dumper(yaml.SafeDumper):
    """Block style without aliases: the files are read by people."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write a value out each time it occurs."""
        return True


def write_sheet(sheet: msgspec.Struct, path: Path) -> None:
    """Write one sheet as YAML, leaving out what equals its default."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.dump(plain(sheet), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
    path.write_text(text, encoding="utf8")


def plain(value: object) -> Any:
    """A sheet as it is written: mappings, lists and scalars, less what equals its default."""
    if isinstance(value, msgspec.Struct):
        return {
            info.name: plain(getattr(value, info.name))
            for info in msgspec.structs.fields(value)
            if info.required or getattr(value, info.name) != _default(info)
        }
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return msgspec.to_builtins(value)


def _default(info: msgspec.structs.FieldInfo) -> object:
    if info.default_factory is not msgspec.NODEFAULT:
        return info.default_factory()
    return info.default
