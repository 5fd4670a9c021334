"""Where settings are read from, besides arguments and plain environment variables: files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource, TomlConfigSettingsSource

TABLES: Final = frozenset({"serving", "delivery"})
"""Tables of settings.toml that belong to one part; each part reads its own and passes over the others."""


class TomlSource(TomlConfigSettingsSource):
    """settings.toml: what stands before its tables, and the tables of the part that asks."""

    def __call__(self) -> dict[str, Any]:
        """The values the part may read."""
        given = super().__call__()
        own: frozenset[str] = getattr(self.settings_cls, "toml_tables", frozenset())
        plain = {name: value for name, value in given.items() if name not in TABLES}
        return plain | {key: value for table in own for key, value in given.get(table, {}).items()}


class NamedFileSource(PydanticBaseSettingsSource):
    """`QIANMIAN_<NAME>_FILE`: the value of a setting is the text of that file, as secret stores mount it."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The text of the file named for the field, or None; a file that cannot be read is an OSError."""
        variable = f"{self.config.get('env_prefix', '')}{field_name}_file".upper()
        own_setting = f"{field_name}_file" in self.settings_cls.model_fields
        path = None if own_setting else os.environ.get(variable)
        return (None if path is None else Path(path).read_text("utf-8").strip()), field_name, False

    def __call__(self) -> dict[str, Any]:
        """The values of all fields that a file was named for."""
        fields = self.settings_cls.model_fields.items()
        given = {name: self.get_field_value(field, name)[0] for name, field in fields}
        return {name: value for name, value in given.items() if value is not None}
