"""The contexts of the pages that show everything held, and of closing an account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from catalog.catalogue import Catalogue
from privacy.purposes import PURPOSES
from records.audit import Access
from records.erasure import Receipt
from records.settings import SHANGHAI
from serving.pages.facts import value_text
from serving.pages.frame import Frame
from serving.privacy.held import Held, HeldValue
from serving.wording import Words

ACCESSES_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class ValueLine:
    """One value as it is shown: where it comes from, what it may serve, when it was last used."""

    attribute: str
    name: str
    told: str
    source: str
    purposes: str
    """What it may be used for, and on which legal basis."""
    last_used: str
    disputed: bool
    stale: bool


@dataclass(frozen=True, slots=True)
class ScopePanel:
    """The values told of the subject, or of one thing of theirs."""

    id: str
    title: str
    values: tuple[ValueLine, ...]


@dataclass(frozen=True, slots=True)
class TableLine:
    """One table of the records: what it is, how many rows, and the rows themselves."""

    name: str
    title: str
    count: str
    rows: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One access: when, by whom, to do what."""

    when: str
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class HeldContext:
    """What held.html is rendered from."""

    t: Words
    frame: Frame
    privacy_url: str
    said: str | None
    documents: tuple[tuple[str, str], ...]
    scopes: tuple[ScopePanel, ...]
    tables: tuple[TableLine, ...]
    accesses: tuple[AccessLine, ...]


@dataclass(frozen=True, slots=True)
class ClosingContext:
    """What closing.html is rendered from: before the erasure `token` is None."""

    t: Words
    frame: Frame
    privacy_url: str | None
    rows: tuple[tuple[str, str], ...]
    confirmation: str
    token: str | None


def held_context(
    held: Held, catalogue: Catalogue, words: Words, page_frame: Frame, privacy_url: str, said: str | None
) -> HeldContext:
    """Everything held, in the reader's words."""
    writer = _Writer(held, catalogue, words)
    return HeldContext(
        t=words,
        frame=page_frame,
        privacy_url=privacy_url,
        said=said,
        documents=tuple((writer.titled("document", s), _veiled(n)) for s, n in held.documents.items()),
        scopes=writer.scopes(),
        tables=tuple(writer.table(name, rows) for name, rows in held.tables.items() if rows),
        accesses=tuple(writer.access(one) for one in held.accesses[:ACCESSES_SHOWN]),
    )


def closing_context(
    rows: Mapping[str, int],
    receipt: Receipt | None,
    words: Words,
    page_frame: Frame,
    privacy_url: str | None,
    subject: str,
) -> ClosingContext:
    """What would go, or what went."""
    gone = {} if receipt is None else {(one.store, one.what): one.count for one in receipt.removed}
    lines = [(_title(words, "table", name), str(count)) for name, count in rows.items()]
    lines += [(_store(store, what, words), str(count)) for (store, what), count in gone.items() if count]
    return ClosingContext(
        t=words,
        frame=page_frame,
        privacy_url=privacy_url,
        rows=tuple(lines),
        confirmation=subject if receipt is None else "",
        token=None if receipt is None else receipt.token,
    )


@dataclass(frozen=True, slots=True)
class _Writer:
    held: Held
    catalogue: Catalogue
    words: Words

    def scopes(self) -> tuple[ScopePanel, ...]:
        labels = {row["id"]: row["label"] for row in self.held.tables["scope_item"]}
        grouped: dict[str, list[HeldValue]] = {}
        for value in self.held.values:
            grouped.setdefault(value.scope_item, []).append(value)
        itself = self.words(f"held.itself_{self.held.kind.value}")
        return tuple(
            ScopePanel(
                id_,
                itself if id_ == self.held.subject else labels.get(id_) or id_,
                tuple(self.value(value) for value in values),
            )
            for id_, values in grouped.items()
        )

    def value(self, one: HeldValue) -> ValueLine:
        words, attribute = self.words, one.attribute
        last = max((used for p in one.purposes if (used := self.held.last_used(p))), default=None)
        name, said = words.name(attribute.names), value_text(one.value, attribute, words)
        office = words.authority(attribute.authority)
        return ValueLine(
            attribute=attribute.name,
            name=name,
            told=words("fact.told", name=name, value=said or words("item.value_unknown")),
            source=words("held.source", authority=office, date=self.moment(one.observed_at)),
            purposes=self.purposes(one),
            last_used=words("held.never_used") if last is None else self.moment(last),
            disputed=one.disputed,
            stale=not one.fresh,
        )

    def purposes(self, one: HeldValue) -> str:
        words = self.words
        if not one.purposes:
            return words("held.no_purpose")
        named = tuple(words(f"held.purpose.{purpose}") for purpose in PURPOSES if purpose in one.purposes)
        basis = words("held.basis_duty" if one.purposes == ("assess",) else "held.basis_consent")
        return words("held.uses", purposes=words.listed(named), basis=basis)

    def table(self, name: str, rows: list[dict[str, Any]]) -> TableLine:
        shown = tuple(
            tuple((column, self.cell(value)) for column, value in row.items() if value is not None)
            for row in rows
        )
        return TableLine(name, _title(self.words, "table", name), self.words("held.rows", n=len(rows)), shown)

    def access(self, one: Access) -> AccessLine:
        words = self.words
        who = words("held.yourself") if one.own else _title(words, "role", one.role)
        what = _title(words, "action", one.action)
        if one.purpose is not None:
            what = words("held.for_purpose", what=what, purpose=words(f"held.purpose.{one.purpose}"))
        return AccessLine(self.moment(one.at), who, what)

    def titled(self, group: str, name: str) -> str:
        return _title(self.words, group, name)

    def moment(self, at: dt.datetime) -> str:
        local = at.astimezone(SHANGHAI)
        return f"{local:%Y-%m-%d %H:%M}"

    def cell(self, value: Any) -> str:
        return self.moment(value) if isinstance(value, dt.datetime) else str(value)


def _title(words: Words, group: str, name: str) -> str:
    """The words for one of our own names; the name itself where there are none."""
    key = f"held.{group}.{name}"
    return words(key) if words.has(key) else name


def _store(store: str, what: str, words: Words) -> str:
    return words("closing.line", store=_title(words, "store", store), what=_title(words, "table", what))


def _veiled(number: str) -> str:
    """The last four characters: enough to know which one, too few to use over a shoulder."""
    return "*" * max(len(number) - 4, 0) + number[-4:]
