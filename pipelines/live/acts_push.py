"""What subjects did, into the online store as it comes in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from catalog.vocabulary import SubjectKind
from features.acts import MOST, OnlineActs, in_order
from features.schema import Interaction
from pipelines.live.step import Push
from records.arrivals import Arrival
from records.database import reading
from records.interactions import counts_of, interactions_with_ids, recent_interactions
from records.subjects import kinds_of


@dataclass(frozen=True, slots=True)
class ActsPush:
    """Adds what came to what the store holds of its subject; what does not add up is read anew, whole.

    The packet follows from the set of interactions on record, so late, doubled and shuffled ones leave the
    same packet, and one that holds fewer never takes the place of one that holds more.
    """

    engine: Engine
    online: Callable[[], OnlineActs]

    def push(self, came: Mapping[str, Sequence[Arrival]]) -> Mapping[str, str]:
        """By subject whose packet could not be made: why."""
        new = {
            subject: {id_ for one in mine if one.came.kind == "interaction" for id_ in one.came.about}
            for subject, mine in came.items()
        }
        told = {subject: ids for subject, ids in new.items() if ids}
        if not told:
            return {}
        with reading(self.engine) as connection:
            kinds = kinds_of(connection, told)
            counts = counts_of(connection, told)
            fresh = interactions_with_ids(connection, set().union(*told.values()))
            for kind in SubjectKind:
                mine = [subject for subject in told if kinds.get(subject) is kind]
                held = self.online().read(kind, mine)
                acts = {
                    subject: self._whole(connection, subject, counts.get(subject, 0), held, fresh)
                    for subject in mine
                    if counts.get(subject, 0) <= MOST
                }
                self.online().write(kind, acts)
        return {}

    def _whole(
        self,
        connection: Connection,
        subject: str,
        count: int,
        held: Mapping[str, tuple[Interaction, ...]],
        fresh: Mapping[str, Sequence[Interaction]],
    ) -> tuple[Interaction, ...]:
        known = {one.client_id: one for one in (*held.get(subject, ()), *fresh.get(subject, ()))}
        if len(known) == count:
            return in_order(known.values())
        return recent_interactions(connection, subject, MOST)


@dataclass(frozen=True, slots=True)
class Pushes:
    """Several pushes, one after another; where one of them fails for a subject, the first reason counts."""

    engine: Engine
    each: Sequence[Push]
    forget: Callable[[Sequence[str]], object]
    """Takes scope items out of the online store."""

    def push(self, came: Mapping[str, Sequence[Arrival]]) -> Mapping[str, str]:
        """By subject whose features could not be made: why. Who was erased meanwhile is not brought back."""
        failed: dict[str, str] = {}
        for one in self.each:
            failed = {**one.push(came), **failed}
        if came:
            with reading(self.engine) as connection:
                erased = came.keys() - kinds_of(connection, came.keys()).keys()
            if erased:
                self.forget([*erased, *_things_of(came, erased)])
        return failed


def _things_of(came: Mapping[str, Sequence[Arrival]], subjects: Iterable[str]) -> Iterator[str]:
    """The scope items that registers spoke of."""
    for subject in subjects:
        for one in came[subject]:
            if one.came.kind == "register":
                yield from one.came.about
