"""Everything held of one subject: with its source, why it may be used, when it last was, and who looked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue
from catalog.predicate import presence
from catalog.vocabulary import Scope, SubjectKind
from features.guarded import GuardedProfiles
from features.packing import unpack
from features.retrieval import OnlineProfiles
from features.schema import Profile, PurposeName, Value
from privacy.consent import Consent
from privacy.mask import mask
from privacy.purposes import PURPOSES
from records.audit import Access
from records.contacts import contacts_of
from records.database import reading
from records.holdings import held_rows
from records.identities import documents_of
from records.requests import disputed
from serving.errors import NotReady
from serving.parts import Parts

SEALED: Final = (bytes, bytearray, memoryview)
SECRET: Final = frozenset({"form_token", "verifier", "nonce"})
"""Columns that would let whoever reads a copy act as the subject."""

Openings = Mapping[PurposeName, frozenset[tuple[str, str]]]
"""By purpose, the scope items and attributes that its mask lets through."""


@dataclass(frozen=True, slots=True)
class HeldValue:
    """One attribute of one scope item, as its register last stated it."""

    scope_item: str
    attribute: Attribute
    value: Value
    observed_at: dt.datetime
    fresh: bool
    """Whether it is still used; what is too old counts as unknown."""
    purposes: tuple[PurposeName, ...]
    """What it may serve now, by duty or by the subject's consent."""
    disputed: bool


@dataclass(frozen=True, slots=True)
class Held:
    """All of it."""

    subject: str
    kind: SubjectKind
    at: dt.datetime
    documents: Mapping[str, str]
    values: tuple[HeldValue, ...]
    tables: Mapping[str, list[dict[str, Any]]]
    """By table, its rows; what is sealed is left out and named in `left_out`."""
    left_out: tuple[str, ...]
    accesses: tuple[Access, ...]

    def last_used(self, purpose: PurposeName) -> dt.datetime | None:
        """When something was last read for the purpose."""
        return max((one.at for one in self.accesses if one.purpose == purpose), default=None)


def held_of(parts: Parts, kind: SubjectKind, subject: str) -> Held:
    """Everything held of the subject. Raises UnknownSubject."""
    profile, consents, *_ = parts.desk.read(kind, subject)
    with reading(parts.engine) as connection:
        rows = {table.name: found for table, found in held_rows(connection, subject)}
        documents = documents_of(connection, parts.secrets, subject)
        contacts = contacts_of(connection, parts.secrets, subject, parts.desk.clock.at())
        accesses = parts.audit.accesses(connection, subject)
        argued = disputed(connection, subject)
    left_out = sorted(
        f"{table}.{name}"
        for table, found in rows.items()
        for row in found[:1]
        for name in row
        if _hidden(name, row)
    )
    plain = {
        table: [{name: value for name, value in row.items() if not _hidden(name, row)} for row in found]
        for table, found in rows.items()
    }
    return Held(
        subject=subject,
        kind=kind,
        at=parts.desk.clock.at(),
        documents={**documents, **{f"contact_{one.channel}": one.address for one in contacts}},
        values=tuple(_values(parts, profile, _open_to(parts, profile, consents), argued)),
        tables=plain,
        left_out=tuple(left_out),
        accesses=accesses,
    )


def _hidden(name: str, row: Mapping[str, Any]) -> bool:
    return name in SECRET or isinstance(row[name], SEALED)


def packets_of(
    parts: Parts, kind: SubjectKind, scope: Scope, scope_items: Sequence[str]
) -> Mapping[str, Mapping[str, bytes]]:
    """By scope item and register, what the online store holds. Raises NotReady where it cannot tell."""
    online = parts.desk.profiles.online
    if isinstance(online, GuardedProfiles):
        return online.ask(lambda profiles: profiles.packets(kind, scope, scope_items))
    if isinstance(online, OnlineProfiles):
        return online.packets(kind, scope, scope_items)
    raise NotReady(f"{type(online).__name__} cannot tell what it holds, stale values among it")


def _values(
    parts: Parts, profile: Profile, open_to: Openings, argued: frozenset[tuple[str, str]]
) -> Iterator[HeldValue]:
    """What the online store holds, stale packets too."""
    catalogue = parts.catalogue
    told = {item.id: item.attributes for item in profile.scope_items}
    by_scope: dict[Scope, list[str]] = {}
    for item in profile.scope_items:
        by_scope.setdefault(item.scope, []).append(item.id)
    for scope, ids in by_scope.items():
        for id_, packets in packets_of(parts, profile.kind, scope, ids).items():
            for packet in packets.values():
                statement = unpack(packet)
                for name, value in sorted(statement.attributes.items()):
                    attribute = _attribute(name, catalogue)
                    if attribute is None:
                        continue
                    yield HeldValue(
                        scope_item=id_,
                        attribute=attribute,
                        value=value,
                        observed_at=statement.observed_at,
                        fresh=name in told[id_],
                        purposes=tuple(p for p in PURPOSES if (id_, name) in open_to[p]),
                        disputed=(id_, attribute.name) in argued,
                    )


def _open_to(parts: Parts, profile: Profile, consents: tuple[Consent, ...]) -> Openings:
    at = parts.desk.clock.at()
    masked = {p: mask(profile, p, consents, parts.catalogue, at) for p in PURPOSES}
    return {
        purpose: frozenset((item.id, name) for item in one.scope_items for name in item.attributes)
        for purpose, one in masked.items()
    }


def _attribute(name: str, catalogue: Catalogue) -> Attribute | None:
    """The attribute of a stated name; a bare `has_x` is left to x."""
    found = catalogue.attributes.get(name)
    if found is None and name.startswith("has_"):
        found = catalogue.attributes.get(name.removeprefix("has_"))
        return found if found is not None and presence(found.name) == name else None
    return found
