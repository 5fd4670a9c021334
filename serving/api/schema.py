"""What every schema of the API shares: frozen, nothing unknown let in, examples kept as data."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from catalog.vocabulary import Names

EXAMPLES: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    (Path(__file__).parent / "examples.yaml").read_text("utf-8")
)


def _with_examples(schema: dict[str, Any], model: type[BaseModel]) -> None:
    if model.__name__ in EXAMPLES:
        schema["examples"] = EXAMPLES[model.__name__]


class AnswerSchema(BaseModel):
    """Part of an answer."""

    model_config = ConfigDict(
        from_attributes=True, frozen=True, extra="forbid", json_schema_extra=_with_examples
    )


class RequestSchema(BaseModel):
    """Part of a request: strict, so that nothing is converted in silence."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", json_schema_extra=_with_examples)


class NamesSchema(AnswerSchema):
    """A name in both languages."""

    zh: str
    en: str

    @classmethod
    def of(cls, names: Names) -> NamesSchema:
        """The schema of catalogue names."""
        return cls(zh=names.zh, en=names.en)


class NamedSchema(AnswerSchema):
    """A thing of the catalogue by id and name."""

    id: str
    names: NamesSchema


class FaultSchema(AnswerSchema):
    """One thing wrong with a request: where (a JSON pointer) and what. The value is never echoed."""

    pointer: str
    message: str


class ProblemSchema(AnswerSchema):
    """RFC 9457: what went wrong."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FaultSchema] = []


class AsOfSchema(AnswerSchema):
    """Which day and which catalogue an answer speaks of."""

    on: dt.date
    catalogue_version: str
