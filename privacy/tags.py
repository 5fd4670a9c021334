"""Tags: what shapes the order of a subject's page, one by one, and the profile without those deleted.

A tag is a trait (`trait:age_band`), what was done in a theme (`did:health`), the cases of a theme
(`past:health`), the words searched for, the papers held, or an event that was guessed (`event:...`).
Deleting a trait closes what it is read from, and with it every other trait read from the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from typing import Final

import msgspec

from catalog.catalogue import Catalogue, Item
from catalog.derivation import parse_derivation, reads
from catalog.predicate import presence
from catalog.public_service import PublicService
from catalog.vocabulary import Names, SubjectKind
from features.named import traits_of
from features.schema import Interaction, MaskedProfile, ScopeItem, Value

TRAIT, DID, PAST, EVENT = "trait", "did", "past", "event"
SEARCHED: Final = "searched"
PAPERS: Final = "papers"


class BannedWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that no tag may be called by."""

    zh: tuple[str, ...]
    en: tuple[str, ...]


class TagDictionary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every tag is called. There are no others."""

    banned: BannedWords
    did: Names
    past: Names
    searched: Names
    papers: Names
    event: Names
    traits: dict[SubjectKind, dict[str, Names]]


class UnknownTag(LookupError):
    """No tag of the dictionary."""

    def __init__(self, tag: str) -> None:
        super().__init__(f"the dictionary has no tag {tag!r}")
        self.tag = tag


@lru_cache(maxsize=1)
def dictionary() -> TagDictionary:
    """The dictionary in force."""
    return msgspec.yaml.decode((resources.files("privacy") / "tags.yaml").read_bytes(), type=TagDictionary)


def tag_names(tag: str, catalogue: Catalogue, kind: SubjectKind) -> Names:
    """What a tag is called. Raises UnknownTag for one such subjects cannot have."""
    words, (sort, _, name) = dictionary(), tag.partition(":")
    themes = {id_: theme for id_, theme in catalogue.themes.items() if theme.subject is kind}
    if tag in (SEARCHED, PAPERS):
        return words.searched if tag == SEARCHED else words.papers
    if sort == TRAIT and name in traits_of(catalogue, kind) and name in words.traits[kind]:
        return words.traits[kind][name]
    if sort in (DID, PAST) and name in themes:
        return _filled(words.did if sort == DID else words.past, theme=themes[name].names)
    if sort == EVENT and name in catalogue.events and catalogue.events[name].subject is kind:
        return _filled(words.event, event=catalogue.events[name].names)
    raise UnknownTag(tag)


def without_tags(profile: MaskedProfile, deleted: Iterable[str], catalogue: Catalogue) -> MaskedProfile:
    """The profile as if what the deleted tags tell had never been known."""
    gone = frozenset(deleted)
    if not gone:
        return profile
    closed = closed_attributes(gone, catalogue, profile.kind)
    return replace(
        profile,
        scope_items=tuple(_without(item, closed, gone, catalogue) for item in profile.scope_items),
        interactions=tuple(done for done in profile.interactions if _tag_of(done, catalogue) not in gone),
        unwanted_events=frozenset(t.partition(":")[2] for t in gone if t.startswith(f"{EVENT}:")),
    )


def closed_attributes(deleted: frozenset[str], catalogue: Catalogue, kind: SubjectKind) -> frozenset[str]:
    """The attributes that the deleted traits are read from, to their very sources."""
    traits = traits_of(catalogue, kind)
    named = (tag.partition(":")[2] for tag in deleted if tag.startswith(f"{TRAIT}:"))
    read = [traits[name].attribute for name in named if name in traits]
    return frozenset(source for name in read for source in _all_sources(name, catalogue))


def closed_traits(deleted: frozenset[str], catalogue: Catalogue, kind: SubjectKind) -> frozenset[str]:
    """The tags of traits that fall silent with the deleted ones, those included."""
    closed = closed_attributes(deleted, catalogue, kind)
    return frozenset(
        f"{TRAIT}:{name}"
        for name, trait in traits_of(catalogue, kind).items()
        if not closed.isdisjoint(_all_sources(trait.attribute, catalogue))
    )


def theme_tag(sort: str, item: str, catalogue: Catalogue) -> str | None:
    """The tag under which dealings with an item count; None for an item the catalogue does not know."""
    found: Item | None = catalogue.items.get(item)
    if found is None:
        return None
    return f"{sort}:{found.theme if isinstance(found, PublicService) else found.category}"


def _tag_of(done: Interaction, catalogue: Catalogue) -> str | None:
    return SEARCHED if done.item is None else theme_tag(DID, done.item, catalogue)


def _without(
    item: ScopeItem, closed: frozenset[str], gone: frozenset[str], catalogue: Catalogue
) -> ScopeItem:
    hidden = closed | {presence(name) for name in closed}
    told = {name: value for name, value in item.attributes.items() if name not in hidden}
    return replace(
        item,
        attributes=told,
        as_of=item.as_of if len(told) == len(item.attributes) else _heard(item, told, catalogue),
        evidence=() if PAPERS in gone else item.evidence,
        cases=tuple(case for case in item.cases if theme_tag(PAST, case.item, catalogue) not in gone),
    )


def _heard(item: ScopeItem, told: Mapping[str, Value], catalogue: Catalogue) -> dict[str, dt.datetime]:
    """When each register spoke that told something of what is left."""
    left = {name for name in catalogue.attributes if name in told or presence(name) in told}
    heard = {catalogue.attributes[name].register for name in left}
    return {register: time for register, time in item.as_of.items() if register in heard}


def _all_sources(name: str, catalogue: Catalogue) -> frozenset[str]:
    """An attribute and all that it is derived from."""
    found, waiting = set[str](), [name]
    while waiting:
        attribute = catalogue.attributes.get(waiting.pop())
        if attribute is None or attribute.name in found:
            continue
        found.add(attribute.name)
        if attribute.derived is not None:
            waiting += reads(parse_derivation(attribute.derived))
    return frozenset(found)


def _filled(pattern: Names, **names: Names) -> Names:
    return Names(
        zh=pattern.zh.format(**{key: name.zh for key, name in names.items()}),
        en=pattern.en.format(**{key: name.en for key, name in names.items()}),
    )
