"""The words a subject is told before consenting, versioned; a yes counts for the words it was given to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from typing import Final

import msgspec
import polars as pl
from cryptography.hazmat.primitives import hashes

from features.schema import PurposeName
from privacy.consent import Consent
from privacy.purposes import CONSULTATIONS, INTERACTIONS, RATINGS

UNGROUPED: Final = frozenset({INTERACTIONS, CONSULTATIONS, RATINGS})
"""Targets that are themes of their own."""
_SAID: Final = ["purpose", "target", "text_version"]


class ConsentTextError(ValueError):
    """Words that changed without a new version; says which, and what to do."""


class PurposeWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a purpose is called, how it uses the information, and what a yes and a no mean."""

    title: str
    use: str
    granted: str
    refused: str


class ThemeWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the information is needed, and what its use may do to the subject (PIPL 30)."""

    necessity: str
    impact: str


class PurposeText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version of a purpose's words; `counts` are older versions whose yes still counts."""

    version: str
    hash: str
    zh: PurposeWords
    en: PurposeWords
    counts: tuple[str, ...] = ()


class ThemeText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version of a theme's words."""

    version: str
    hash: str
    zh: ThemeWords
    en: ThemeWords


class ConsentTexts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All words in force."""

    purposes: dict[PurposeName, PurposeText]
    themes: dict[str, ThemeText]
    plain: ThemeText
    """For themes without words of their own, none of which is sensitive."""

    def theme(self, theme: str) -> ThemeText:
        """The words of a theme."""
        return self.themes.get(theme, self.plain)

    def version(self, purpose: PurposeName, theme: str) -> str:
        """The version of the words shown for a purpose and theme, as a consent keeps it."""
        return f"{self.purposes[purpose].version}.{self.theme(theme).version}"

    def hash(self, purpose: PurposeName, theme: str) -> str:
        """The hash of the words shown for a purpose and theme."""
        return _digest(f"{self.purposes[purpose].hash} {self.theme(theme).hash}".encode())

    def counts(self, purpose: PurposeName, target: str, text_version: str) -> bool:
        """Whether a yes given to that version is a yes to the words in force."""
        text = self.purposes[purpose]
        return text_version in text.counts or text_version == self.version(purpose, theme_of(target))

    def in_force(self, consents: Iterable[Consent]) -> tuple[Consent, ...]:
        """The consents as the mask is to read them: no yes to older words, every withdrawal."""
        return tuple(kept for one in consents if (kept := self._in_force(one)) is not None)

    def _in_force(self, one: Consent) -> Consent | None:
        if self.counts(one.purpose, one.target, one.text_version):
            return one
        # A yes that no longer counts leaves nothing behind but its withdrawal.
        return None if one.withdrawn_at is None else replace(one, granted_at=one.withdrawn_at)

    def in_force_table(self, consents: pl.DataFrame) -> pl.DataFrame:
        """The same of many subjects' consents, as columns."""
        seen = consents.select(_SAID).unique()
        counts = [self.counts(*row) for row in seen.iter_rows()]
        told = seen.with_columns(pl.Series("__counts", counts, pl.Boolean))
        judged = consents.join(told, on=_SAID, how="left", maintain_order="left")
        kept = judged.filter(pl.col("__counts") | pl.col("withdrawn_at").is_not_null())
        given = pl.when(pl.col("__counts")).then(pl.col("granted_at")).otherwise(pl.col("withdrawn_at"))
        return kept.with_columns(granted_at=given).drop("__counts")


def theme_of(target: str) -> str:
    """The theme a consent target belongs to: its group, or the target itself."""
    return target if target in UNGROUPED else target.partition(":")[2]


def load_texts(text: bytes) -> ConsentTexts:
    """The texts of a YAML file. ConsentTextError where words do not have the hash they are pinned by."""
    try:
        texts = msgspec.yaml.decode(text, type=ConsentTexts)
    except msgspec.MsgspecError as fault:
        raise ConsentTextError(f"{fault}; compare with privacy/consent_texts.yaml") from fault
    pinned: dict[str, PurposeText | ThemeText] = {"plain": texts.plain}
    pinned |= {f"purposes.{name}": words for name, words in texts.purposes.items()}
    pinned |= {f"themes.{name}": words for name, words in texts.themes.items()}
    hashed = {name: words_hash(words) for name, words in pinned.items()}
    changed = [f"{name}: {found}" for name, found in hashed.items() if pinned[name].hash != found]
    if changed:
        raise ConsentTextError(
            "words changed: give each a new version, and its own hash, so that everybody is asked again\n"
            + "\n".join(changed)
        )
    return texts


def words_hash(text: PurposeText | ThemeText) -> str:
    """SM3 over the version and the words in both languages."""
    return _digest(msgspec.json.encode((text.version, text.zh, text.en)))


@lru_cache(maxsize=1)
def default_texts() -> ConsentTexts:
    """The words in force until an operator gives others."""
    return load_texts((resources.files("privacy") / "consent_texts.yaml").read_bytes())


def _digest(text: bytes) -> str:
    digest = hashes.Hash(hashes.SM3())
    digest.update(text)
    return digest.finalize().hex()
