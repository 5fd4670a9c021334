"""A thousand citizens as an office might type them: CSV for every table, from any catalogue."""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Iterable, Sequence
from pathlib import Path

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue
from catalog.predicate import presence
from catalog.vocabulary import Scope, SubjectKind, ValueType
from features.registers import registers_of, stored_attributes

Row = Sequence[object]
_BEIJING = dt.timezone(dt.timedelta(hours=8))
_NAMES = ("小满", "安安", "乐乐", "果果")
_SCOPES = (Scope.SELF, Scope.CHILD, Scope.VEHICLE)


def write_citizens(folder: Path, catalogue: Catalogue, on: dt.date, count: int = 1000, seed: int = 1) -> Path:
    """Write `count` citizens with children, cars, papers, cases, consents and behaviour; the folder.

    Nothing lies after the day `on`. The same arguments write the same bytes.
    """
    town = _Town(catalogue, on, random.Random(seed))  # noqa: S311
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "attributes").mkdir(exist_ok=True)
    people = [f"hand-{number:04d}" for number in range(count)]
    items = [item for person in people for item in town.items(person)]
    _write(folder / "subjects.csv", "subject kind", ((person, "citizen") for person in people))
    _write(folder / "scope_items.csv", "id scope owner label", items)
    _write(folder / "relations.csv", "subject other kind scope valid_from valid_to", town.relations(people))
    _write(folder / "evidence.csv", "id scope_item type valid_from valid_to source", town.papers(items))
    cases = town.cases(items)
    columns = "id scope_item item cycle status channel opened_at closed_at"
    _write(folder / "cases.csv", columns, (row[:8] for row in cases))
    columns = "subject purpose target granted_at withdrawn_at text_version"
    _write(folder / "consents.csv", columns, town.consents(people))
    columns = "client_id subject scope_item item kind channel query slate position propensity at"
    _write(folder / "interactions.csv", columns, town.interactions(people))
    columns = "id subject topic channel place outcome at"
    _write(folder / "consultations.csv", columns, town.consultations(people))
    _write(folder / "ratings.csv", "subject item case score source at", town.ratings(cases))
    for scope in _SCOPES:
        for register in registers_of(catalogue, SubjectKind.CITIZEN, scope):
            header, rows = town.statements(
                scope, register, [item for item in items if item[1] == scope.value]
            )
            path = folder / "attributes" / f"citizen.{scope.value}.{register}.csv"
            _write(path, " ".join(header), rows)
    return folder


class _Town:
    def __init__(self, catalogue: Catalogue, on: dt.date, rng: random.Random) -> None:
        self.catalogue, self.on, self.rng = catalogue, on, rng
        citizens = [i for _, i in sorted(catalogue.public_services.items()) if i.subject == "citizen"]
        self.by_scope = {scope: [item.id for item in citizens if item.scope == scope] for scope in Scope}
        self.evidence_types = sorted(catalogue.evidence_types)

    def day(self, earliest: int, latest: int = 0) -> dt.date:
        return self.on - dt.timedelta(days=self.rng.randint(latest, earliest))

    def moment(self, earliest: int) -> dt.datetime:
        at = dt.time(self.rng.randint(8, 20), self.rng.randint(0, 59), tzinfo=_BEIJING)
        return dt.datetime.combine(self.day(earliest, 1), at)

    def items(self, person: str) -> list[Row]:
        rows: list[Row] = [(person, "self", person, "")]
        for number in range(self.rng.choice((0, 0, 1, 2))):
            rows.append((f"{person}-child-{number}", "child", person, self.rng.choice(_NAMES)))
        if self.rng.random() < 0.4:
            rows.append((f"{person}-car", "vehicle", person, f"京A{self.rng.randint(10000, 99999)}"))
        return rows

    def relations(self, people: Sequence[str]) -> Iterable[Row]:
        for one, other in zip(people[::10], people[1::10], strict=False):
            yield one, other, "spouse", "", "", ""
            yield one, other, "proxy", "health", self.on - dt.timedelta(days=30), ""

    def papers(self, items: Sequence[Row]) -> Iterable[Row]:
        for item in items:
            for type_ in self.rng.sample(self.evidence_types, min(2, len(self.evidence_types))):
                since = self.day(3000)
                until = since + dt.timedelta(days=3650) if self.rng.random() < 0.7 else ""
                source = self.rng.choice(("authority", "upload"))
                yield f"{item[0]}-{type_}", item[0], type_, since, until, source

    def cases(self, items: Sequence[Row]) -> list[Row]:
        rows: list[Row] = []
        for item in items:
            fitting = self.by_scope[Scope(str(item[1]))]
            if fitting and self.rng.random() < 0.6:
                opened = self.moment(700)
                status = self.rng.choice(("succeeded", "failed", "open"))
                closed = "" if status == "open" else opened + dt.timedelta(hours=5)
                what = self.rng.choice(fitting)
                rows.append(
                    (f"{item[0]}-case", item[0], what, "once", status, "hall", opened, closed, item[2])
                )
        return rows

    def consents(self, people: Sequence[str]) -> Iterable[Row]:
        for person in people:
            for purpose in ("rank", "train", "remind"):
                if self.rng.random() < 0.7:
                    given = self.moment(300)
                    taken = given + dt.timedelta(minutes=1) if self.rng.random() < 0.1 else ""
                    yield person, purpose, "interactions", given, taken, "2026-1"

    def interactions(self, people: Sequence[str]) -> Iterable[Row]:
        mine = self.by_scope[Scope.SELF]
        for person in people:
            for number in range(self.rng.randint(0, 8)):
                kind = self.rng.choice(("search", "view", "impression", "click")) if mine else "search"
                seen = kind in ("impression", "click")
                yield (
                    f"{person}-act-{number}",
                    person,
                    person if kind == "view" else "",
                    "" if kind == "search" else self.rng.choice(mine),
                    kind,
                    "web",
                    "居住证" if kind == "search" else "",
                    f"{person}-slate" if seen else "",
                    number if seen else "",
                    0.25 if seen else "",
                    self.moment(200),
                )

    def consultations(self, people: Sequence[str]) -> Iterable[Row]:
        for number, person in enumerate(people[::7]):
            caller = "" if number % 3 == 0 else person
            yield f"call-{number}", caller, "户籍", "hotline", "朝阳区", "answered", self.moment(90)

    def ratings(self, cases: Sequence[Row]) -> Iterable[Row]:
        for id_, _, item, _, status, _, _, closed, owner in cases:
            if status == "succeeded" and self.rng.random() < 0.5:
                yield owner, item, id_, self.rng.randint(1, 5), "hall", closed

    def statements(
        self, scope: Scope, register: str, items: Sequence[Row]
    ) -> tuple[list[str], Iterable[Row]]:
        attributes = stored_attributes(self.catalogue, SubjectKind.CITIZEN, scope, register)
        header = ["scope_item", "observed_at"]
        for attribute in attributes:
            header += [attribute.name, *([presence(attribute.name)] if attribute.optional else [])]
        rows = [[item[0], self.moment(60), *self._cells(attributes)] for item in items]
        return header, rows

    def _cells(self, attributes: Sequence[Attribute]) -> list[object]:
        cells: list[object] = []
        for attribute in attributes:
            told = self.rng.random() < 0.8
            none = attribute.optional and self.rng.random() < 0.3
            cells.append(self._value(attribute) if told and not none else "")
            if attribute.optional:
                cells.append("false" if none else "true" if told else "")
        return cells

    def _value(self, attribute: Attribute) -> object:
        match attribute.type:
            case ValueType.BOOLEAN:
                return self.rng.choice(("true", "false", "是", "否", "1", "0"))
            case ValueType.ENUM:
                return self.rng.choice(attribute.allowed or ("其他",))
            case ValueType.NUMBER:
                return self.rng.choice((0, 1, 3, 12, 24, 5000, 12000.5))
            case ValueType.DATE:
                return self.day(
                    80 * 365 if "birth" in attribute.name and "child" not in attribute.name else 5000
                )


def _write(path: Path, header: str, rows: Iterable[Row]) -> None:
    """As a spreadsheet saves it: with a byte-order mark and Windows line ends."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header.split())
        writer.writerows(rows)
