"""What the USAGov benefit finder means by each condition, read from its content apart from our importer.

A condition accepts some of the answers to one question. Probes are answers with the verdict the source
intends: every answer it offers, days on and around each bound, and no answer at all.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from models.recommendation import Verdict

Answer = bool | str | dt.date | None


@dataclass(frozen=True, slots=True)
class Probe:
    """An answer (texts as shown; None for no answer) and what the condition is to say to it."""

    answer: Answer
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Intended:
    """One condition of one benefit: the criterion's key, and its probes."""

    benefit: str
    key: str
    probes: tuple[Probe, ...]


def intentions(source: Path, on: dt.date) -> list[Intended]:
    """Every condition of every benefit, in the source's order, with its probes on a day."""
    texts = dict(_texts(source / "locales" / "en"))
    with (source / "content" / "criteria.csv").open(encoding="utf8", newline="") as file:
        questions = {row["criteriaKey"]: row for row in csv.DictReader(file)}
    found = []
    for path in sorted((source / "content" / "benefits").glob("*.md")):
        front = yaml.safe_load(path.read_text(encoding="utf8").split("---", 2)[1])
        for row in front["eligibility"]:
            key, accepted = row["criteriaKey"], _shown(row["acceptableValues"], texts)
            offered = _shown((questions[key]["values"] or "").split(";"), texts)
            probes = tuple(_probes(questions[key]["type"], accepted, offered, on))
            found.append(Intended(path.stem, key, (*probes, Probe(None, Verdict.UNKNOWN))))
    return found


def _texts(folder: Path) -> Iterator[tuple[str, object]]:
    for path in sorted(folder.rglob("*.json")):
        yield from _leaves("", json.loads(path.read_text(encoding="utf8")))


def _leaves(key: str, node: Any) -> Iterator[tuple[str, object]]:
    if isinstance(node, dict):
        for name, inner in node.items():
            yield from _leaves(f"{key}.{name}" if key else name, inner)
    else:
        yield key, node


def _shown(values: list[Any], texts: dict[str, object]) -> list[Any]:
    """Values with their texts in place of keys; one key may stand for several texts."""
    shown: list[Any] = []
    for value in values:
        text = texts.get(value, value) if isinstance(value, str) else value
        shown += text if isinstance(text, list) else [text]
    return [value for value in shown if value != ""]


def _probes(kind: str, accepted: list[Any], offered: list[Any], on: dt.date) -> Iterator[Probe]:
    if kind == "date":
        days = sorted({day for bound in accepted for day in _around(bound, on)})
        yield from (_probe(day, all(_within(day, bound, on) for bound in accepted)) for day in days)
    elif kind == "boolean":
        yield from (_probe(answer, answer in accepted) for answer in (True, False))
    else:
        answers = dict.fromkeys([*offered, *accepted])
        yield from (_probe(answer, answer in accepted) for answer in answers)


def _probe(answer: Answer, holds: bool) -> Probe:
    return Probe(answer, Verdict.TRUE if holds else Verdict.FALSE)


def _bound(text: str, on: dt.date) -> tuple[str, dt.date, bool]:
    """The sign, the day it turns on, and whether that counts years since the day."""
    if years := re.fullmatch(r"([<>])(\d+)years", text):
        return years[1], on.replace(year=on.year - int(years[2])), True
    if dated := re.fullmatch(r"([<>])(\d\d)-(\d\d)-(\d{4})", text):
        sign, month, day, year = dated.groups()
        return sign, dt.date(int(year), int(month), int(day)), False
    raise ValueError(f"{text!r} is no bound: expected such as '>62years' or '<01-02-1954'")


def _around(text: str, on: dt.date) -> list[dt.date]:
    turn = _bound(text, on)[1]
    return [turn + dt.timedelta(days=days) for days in (-400, -1, 0, 1, 400) if turn.toordinal() + days > 0]


def _within(day: dt.date, text: str, on: dt.date) -> bool:
    """`>62years` is shown as "at least 62", so the birthday itself counts; a bare day does not."""
    sign, turn, is_age = _bound(text, on)
    if is_age:
        return day <= turn if sign == ">" else day > turn
    return day > turn if sign == ">" else day < turn
