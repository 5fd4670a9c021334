"""The consent centre: themes, and in each what every purpose would use, in which words, and the answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from catalog.catalogue import Catalogue
from catalog.vocabulary import Names, Sensitivity, SubjectKind
from features.schema import PurposeName
from privacy.consent import Consent, granted_targets
from privacy.consent_texts import PurposeWords, ThemeWords, default_texts, theme_of
from privacy.gate import targets
from privacy.policy_file import default_policy
from privacy.purposes import CONSULTATIONS, INTERACTIONS, PURPOSES, RATINGS

_TOLD = {
    INTERACTIONS: Names(zh="浏览、搜索和申办行为", en="What you look at, search for and start"),
    CONSULTATIONS: Names(zh="咨询记录", en="What you ask the hotline and on the web"),
    RATINGS: Names(zh="服务评价", en="How you rate services"),
}


@dataclass(frozen=True, slots=True)
class Use:
    """What one purpose asks for under one theme."""

    purpose: PurposeName
    granted: bool
    partly: bool
    """Whether some of it was said yes to, and not all."""
    text_version: str
    text_hash: str
    words: dict[str, PurposeWords]
    """By language."""


@dataclass(frozen=True, slots=True)
class ConsentTheme:
    """A theme and all that is asked for under it."""

    id: str
    names: Names
    sensitive: bool
    words: dict[str, ThemeWords]
    """By language: why it is needed, and what it may do to the subject."""
    uses: tuple[Use, ...]


def targets_of(catalogue: Catalogue, kind: SubjectKind, purpose: PurposeName, theme: str) -> tuple[str, ...]:
    """The consent targets a purpose asks for under a theme; none where it asks for nothing."""
    if theme not in themes_of(catalogue, kind):
        return ()
    asked = targets(catalogue, default_policy(), kind, purpose)
    return tuple(target for target in asked if theme_of(target) == theme)


def themes_of(catalogue: Catalogue, kind: SubjectKind) -> dict[str, Names]:
    """The themes such subjects are asked by, with their names, in order."""
    policy = default_policy()
    asked = {theme_of(t) for purpose in PURPOSES for t in targets(catalogue, policy, kind, purpose)}
    of_kind = {id_: g.names for id_, g in catalogue.consent_groups.items() if g.subject is kind}
    named = {**policy.group_names, **of_kind, **_TOLD}
    return {theme: names for theme, names in named.items() if theme in asked}


def consent_themes(
    catalogue: Catalogue, kind: SubjectKind, consents: Iterable[Consent], at: dt.datetime
) -> tuple[ConsentTheme, ...]:
    """Every theme with what the subject said to each use of it."""
    said = tuple(consents)
    granted = {purpose: granted_targets(said, purpose, at) for purpose in PURPOSES}
    texts = default_texts()
    return tuple(
        ConsentTheme(
            id=theme,
            names=names,
            sensitive=_is_sensitive(theme, catalogue),
            words={"zh": texts.theme(theme).zh, "en": texts.theme(theme).en},
            uses=tuple(
                _use(purpose, theme, wanted, granted[purpose])
                for purpose in PURPOSES
                if (wanted := targets_of(catalogue, kind, purpose, theme))
            ),
        )
        for theme, names in themes_of(catalogue, kind).items()
    )


def _use(purpose: PurposeName, theme: str, wanted: tuple[str, ...], granted: frozenset[str]) -> Use:
    texts = default_texts()
    words = texts.purposes[purpose]
    held = granted & set(wanted)
    return Use(
        purpose=purpose,
        granted=len(held) == len(wanted),
        partly=0 < len(held) < len(wanted),
        text_version=texts.version(purpose, theme),
        text_hash=texts.hash(purpose, theme),
        words={"zh": words.zh, "en": words.en},
    )


def _is_sensitive(theme: str, catalogue: Catalogue) -> bool:
    """Whether any attribute of the theme is, or it is spoken of apart for what its matters tell."""
    in_theme = (a for a in catalogue.attributes.values() if a.consent_group == theme)
    told = any(a.sensitivity is not Sensitivity.ORDINARY for a in in_theme)
    return told or theme in default_texts().themes
