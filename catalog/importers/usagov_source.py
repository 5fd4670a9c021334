"""Reading the content of the USAGov benefit finder: Markdown front matter, a table, and texts apart."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast, get_args

import msgspec
import yaml

from catalog.importers.usagov_conditions import CriterionType, SourceCriterion


class Benefit(msgspec.Struct, frozen=True, kw_only=True):
    """One benefit as the source states it, texts resolved."""

    id: str
    title: str
    summary: str
    agency: str
    link: str
    life_events: tuple[str, ...]
    conditions: tuple[tuple[str, tuple[object, ...]], ...]
    """Criterion key and acceptable values, in the source's order."""


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """The whole content of one language."""

    criteria: dict[str, SourceCriterion]
    benefits: tuple[Benefit, ...]
    life_events: dict[str, str]
    """Title by id."""


def read_content(source: Path, language: str = "en") -> Content:
    """All benefits, criteria and life events. Raises FileNotFoundError, or ValueError naming the file."""
    texts = dict(_texts(source / "locales" / language))
    content = source / "content"
    return Content(
        criteria=dict(_criteria(content / "criteria.csv", texts)),
        benefits=tuple(_benefit(path, texts) for path in sorted((content / "benefits").glob("*.md"))),
        life_events={
            path.stem: str(_resolved(_front_matter(path)["title"], texts))
            for path in sorted((content / "life-events").glob("*.md"))
        },
    )


def _texts(folder: Path) -> Iterator[tuple[str, object]]:
    """Every text by its dotted key. Some values are lists of texts."""
    for path in sorted(folder.rglob("*.json")):
        yield from _flattened("", json.loads(path.read_text(encoding="utf8")))


def _flattened(prefix: str, node: dict[str, Any]) -> Iterator[tuple[str, object]]:
    for key, value in node.items():
        if isinstance(value, dict):
            yield from _flattened(f"{prefix}{key}.", value)
        else:
            yield prefix + key, value


def _criteria(path: Path, texts: Mapping[str, object]) -> Iterator[tuple[str, SourceCriterion]]:
    with path.open(encoding="utf8", newline="") as file:
        for row in csv.DictReader(file):
            if row["type"] not in get_args(CriterionType):
                continue  # a heading that groups the criteria after it
            labelled = row["criteria.criteriaKey.label"]
            answers = tuple(
                str(texts.get(key, key)) for key in row["values"].split(";") if key and key != "TRUE"
            )
            yield (
                row["criteriaKey"],
                SourceCriterion(
                    key=row["criteriaKey"],
                    label=str(texts.get(labelled, row["criteriaKey"])),
                    type=cast(CriterionType, row["type"]),
                    answers=answers,
                ),
            )


def _benefit(path: Path, texts: Mapping[str, object]) -> Benefit:
    front = _front_matter(path)
    return Benefit(
        id=path.stem,
        title=str(_resolved(front["title"], texts)),
        summary=str(_resolved(front["summary"], texts)),
        agency=str(_resolved(front["source"]["name"], texts)),
        link=str(_resolved(front["source"]["link"], texts)),
        life_events=tuple(front["lifeEvents"]),
        conditions=tuple(
            (row["criteriaKey"], tuple(_answers(row.get("acceptableValues") or (), texts)))
            for row in front["eligibility"]
        ),
    )


def _answers(values: Sequence[object], texts: Mapping[str, object]) -> Iterator[object]:
    for value in values:
        resolved = _resolved(value, texts)
        if isinstance(resolved, list):
            yield from resolved
        else:
            yield resolved


def _resolved(value: object, texts: Mapping[str, object]) -> object:
    return texts.get(value, value) if isinstance(value, str) else value


def _front_matter(path: Path) -> dict[str, Any]:
    parts = path.read_text(encoding="utf8").split("---", 2)
    if len(parts) < 3:
        raise ValueError(f"{path.name} has no front matter between two `---` lines")
    return cast(dict[str, Any], yaml.safe_load(parts[1]))
