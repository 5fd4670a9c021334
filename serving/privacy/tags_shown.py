"""The tags of one subject as they see them: what each says, and whether they deleted it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from catalog.catalogue import Catalogue
from catalog.vocabulary import Names, SubjectKind
from features.schema import MaskedProfile
from features.transforms import traits_of_profile
from privacy.consent import granted_targets
from privacy.mask import mask
from privacy.tags import (
    DID,
    EVENT,
    PAPERS,
    PAST,
    SEARCHED,
    TRAIT,
    UnknownTag,
    closed_traits,
    tag_names,
    theme_tag,
    without_tags,
)
from serving.desk import RANK, Desk

LEAST_CHANCE: Final = 0.05
"""A guess less likely than this shapes nothing anybody would notice, and is not listed."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag: `category` is the trait's word, as models read it; None for what is counted or guessed."""

    id: str
    names: Names
    category: str | None
    count: int | None
    deleted: bool
    silent: bool
    """Whether it has fallen silent because another tag that reads the same was deleted."""


def tags_of(desk: Desk, kind: SubjectKind, subject: str) -> tuple[Tag, ...]:
    """Every tag that may shape the subject's page, deleted ones among them. Raises UnknownSubject."""
    profile, consents, choices, _ = desk.read(kind, subject)
    at, deleted = desk.clock.at(), choices.deleted_tags
    if not granted_targets(consents, RANK, at):
        return tuple(_deleted(deleted, desk.catalogue, kind))
    whole = mask(profile, RANK, consents, desk.catalogue, at)
    silent = closed_traits(deleted, desk.catalogue, kind)
    found = {tag.id: tag for tag in _told(whole, desk, deleted, silent)}
    found |= {tag.id: tag for tag in _guessed(without_tags(whole, deleted, desk.catalogue), desk)}
    found |= {tag.id: tag for tag in _deleted(deleted - found.keys(), desk.catalogue, kind)}
    return tuple(found.values())


def _told(
    profile: MaskedProfile, desk: Desk, deleted: frozenset[str], silent: frozenset[str]
) -> Iterator[Tag]:
    """What is known, whether or not its tag was deleted: only the subject sees this."""
    for name, category in traits_of_profile(profile, desk.catalogue, desk.clock.on()).items():
        if category is not None:
            tag = f"{TRAIT}:{name}"
            gone = tag in deleted
            yield Tag(tag, _names(tag, desk, profile), category, None, gone, not gone and tag in silent)
    for tag, count in _counts(profile, desk.catalogue).items():
        yield Tag(tag, _names(tag, desk, profile), None, count, tag in deleted, False)


def _counts(profile: MaskedProfile, catalogue: Catalogue) -> dict[str, int]:
    dealt = [
        *(
            SEARCHED if done.item is None else theme_tag(DID, done.item, catalogue)
            for done in profile.interactions
        ),
        *(theme_tag(PAST, case.item, catalogue) for item in profile.scope_items for case in item.cases),
        *(PAPERS for item in profile.scope_items for _ in item.evidence),
    ]
    counts: dict[str, int] = {}
    for tag in dealt:
        if tag is not None:
            counts[tag] = counts.get(tag, 0) + 1
    return counts


def _guessed(profile: MaskedProfile, desk: Desk) -> Iterator[Tag]:
    if desk.learned is None:
        return
    guesses = desk.learned.guesses(profile, desk.clock.on())
    for event, chance in sorted(guesses.items(), key=lambda one: (-one[1], one[0])):
        if chance >= LEAST_CHANCE:
            tag = f"{EVENT}:{event}"
            yield Tag(tag, _names(tag, desk, profile), None, None, False, False)


def _deleted(tags: frozenset[str], catalogue: Catalogue, kind: SubjectKind) -> Iterator[Tag]:
    """Deleted tags of which nothing is told at present; those the dictionary has dropped are left out."""
    for tag in sorted(tags):
        try:
            yield Tag(tag, tag_names(tag, catalogue, kind), None, None, True, False)
        except UnknownTag:
            continue


def _names(tag: str, desk: Desk, profile: MaskedProfile) -> Names:
    return tag_names(tag, desk.catalogue, profile.kind)
