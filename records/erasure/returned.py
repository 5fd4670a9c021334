"""Whoever was erased and comes back with a delivery or a backup: found by the log's tokens, erased again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, select

from features.registry import StoreLocation
from privacy.pseudonym import Pseudonyms
from records.audit import audit_chain
from records.database import reading
from records.erasure.carry_out import Erasing
from records.erasure.log import ErasureLog, erasure_tokens
from records.keys import Secrets
from records.settings import Settings, moment_of_writing
from records.tables import erasure

NAMING: Final = ("subject", "owner", "other", "scope_item")
"""Columns that name subjects and their scope items, wherever they are."""


@dataclass(frozen=True, slots=True)
class Erased:
    """Who was erased, by tokens alone: it can tell of an id whether it is one of them."""

    tokens: frozenset[str]
    makers: tuple[Pseudonyms, ...]
    """One for each version of the key that a token was made with."""

    def among(self, ids: Iterable[str]) -> set[str]:
        """Those of the ids that were erased."""
        return {id_ for id_ in ids if any(maker.of(id_) in self.tokens for maker in self.makers)}


def erased_by(log: ErasureLog, secrets: Secrets) -> Erased | None:
    """Who the log says was erased; None where it names nobody."""
    tokens = log.tokens()
    if not tokens:
        return None
    names = erasure_tokens(secrets)
    used = sorted({token.partition(".")[0] for token in tokens} & names.keys.keys())
    return Erased(tokens, tuple(Pseudonyms(names.keys, version, names.domain) for version in used))


def erasing_for(settings: Settings, engine: Engine, secrets: Secrets) -> Erasing:
    """An erasure over everything these settings name."""
    location = StoreLocation(
        registry=settings.registry_path,
        offline=settings.offline_path,
        online=settings.online_path,
        online_store=settings.online_store,
        redis_url=settings.redis_url,
    )
    chain = audit_chain(secrets)
    return Erasing(settings, engine, secrets, chain, location, lambda: moment_of_writing(settings))


def is_restored(erasing: Erasing) -> bool:
    """Whether the records know nothing of an erasure that the log says is done: they are a backup's."""
    done = {line.tokens[0] for line in erasing.log.lines() if line.done and line.tokens}
    if not done:
        return False
    with reading(erasing.engine) as connection:
        kept = select(erasure.c.token).where(erasure.c.completed_at.is_not(None))
        return not done <= set(connection.execute(kept).scalars())
