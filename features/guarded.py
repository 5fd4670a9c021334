"""Profiles from the online store while it answers and is whole, else as they were last known, and told so."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, Protocol, TypeVar

from catalog.vocabulary import Scope, SubjectKind
from features.breaker import Breaker
from features.packing import Statement
from features.retrieval import OnlineProfiles, Told, Written

PATIENCE: Final = 0.05
"""Seconds for which a page waits for the online store."""

Trouble = Literal["online_store_away", "online_store_empty"]
_Answer = TypeVar("_Answer")


class StoreAway(RuntimeError):
    """The online store does not answer and nothing is known from before."""


class Whole(Protocol):
    """Whoever knows whether the store is the one that was filled; features.epoch has the one of Redis."""

    def stands(self) -> bool:
        """Whether what the store does not say was never said."""
        ...


class GuardedProfiles:
    """An online store behind a breaker, and the copy of it that pages fall back to.

    `told` hears after each attempt what is wrong with the store, None for nothing.
    """

    def __init__(
        self,
        online: OnlineProfiles,
        last_known: OnlineProfiles | None,
        breaker: Breaker,
        whole: Whole | None,
        told: Callable[[Trouble | None], None],
    ) -> None:
        self.online, self.last_known, self.breaker = online, last_known, breaker
        self._whole, self.told = whole, told

    def read(self, kind: SubjectKind, scope_items: Mapping[Scope, Sequence[str]]) -> dict[str, Told]:
        """As OnlineProfiles.read. Raises StoreAway where not even the last known can be read."""
        return self.ask(lambda profiles: profiles.read(kind, scope_items))

    def push(
        self, kind: SubjectKind, scope: Scope, scope_item: str, register: str, statement: Statement
    ) -> bool:
        """As OnlineProfiles.push, into the copy too. Raises what the store raises when it cannot write."""
        if self.last_known is not None:
            self.last_known.push(kind, scope, scope_item, register, statement)
        return self.online.push(kind, scope, scope_item, register, statement)

    def ask(self, question: Callable[[OnlineProfiles], _Answer]) -> _Answer:
        """The answer of the store, else that of the copy."""
        trouble: Trouble | None = "online_store_away"
        cause: Exception | None = None
        if self.breaker.admits():
            try:
                answer = question(self.online)
                trouble = None if self._whole is None or self._whole.stands() else "online_store_empty"
            except failures() as error:
                self.breaker.failed()
                cause = error
            except BaseException:
                # What the store holds is amiss, not the store: it did answer.
                self.breaker.succeeded()
                raise
            else:
                self.breaker.succeeded()
                if trouble is None:
                    self.told(None)
                    return answer
        self.told(trouble)
        return self._last_known(question, trouble, cause)

    def _last_known(
        self,
        question: Callable[[OnlineProfiles], _Answer],
        trouble: Trouble | None,
        cause: Exception | None,
    ) -> _Answer:
        if self.last_known is None:
            raise StoreAway(f"{trouble}, and no copy of the online store is kept") from cause
        try:
            return question(self.last_known)
        except failures() as error:
            raise StoreAway(f"{trouble}, and its copy does not answer either") from error


class Mirrored:
    """Writes what is materialised into the online store and into the copy that pages fall back to."""

    def __init__(self, online: OnlineProfiles, last_known: OnlineProfiles) -> None:
        self._online, self._last_known = online, last_known

    def write_newer(
        self, kind: SubjectKind, scope: Scope, packets: Mapping[str, Mapping[str, bytes]]
    ) -> Written:
        """As OnlineProfiles.write_newer, of the online store; the copy first, so that it is never behind."""
        self._last_known.write_newer(kind, scope, packets)
        return self._online.write_newer(kind, scope, packets)


def failures() -> tuple[type[Exception], ...]:
    """What a store raises when it is away, slow, busy, or may not write."""
    import redis

    return redis.RedisError, OSError, sqlite3.Error
