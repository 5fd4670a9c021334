"""What a subject did is taken from where it is at hand only while that is all there is on record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
from sqlalchemy import Engine, insert

from catalog.vocabulary import SubjectKind
from features.schema import Interaction
from records.database import writing
from records.interactions import append_interactions
from records.profiles import ProfileReader
from records.tables import scope_item, subject

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
OLD, NEW = (Interaction(f"i{n}", "view", NOON + dt.timedelta(n), "cs-passport") for n in (1, 2))


class Silent:
    """No register says anything."""

    def read(self, *_: object) -> dict[str, tuple[dict[str, str], dict[str, dt.datetime]]]:
        return {}


@pytest.mark.parametrize(
    ("at_hand", "taken"),
    [((NEW, OLD), True), ((NEW,), False), ((), False), (None, False), ((NEW, OLD, NEW), False)],
)
def test_what_is_at_hand_counts_only_when_it_is_whole(
    engine: Engine, at_hand: Sequence[Interaction] | None, taken: bool
) -> None:
    with writing(engine) as connection:
        connection.execute(insert(subject).values(id="s1", kind="citizen"))
        connection.execute(insert(scope_item).values(id="s1", scope="self", owner="s1"))
        append_interactions(connection, "s1", [OLD, NEW])

    def acts(kind: SubjectKind, subject: str) -> Sequence[Interaction] | None:
        assert (kind, subject) == (SubjectKind.CITIZEN, "s1")
        return at_hand

    found = ProfileReader(engine, Silent(), acts=acts).read("s1").interactions
    assert found == (NEW, OLD)
    assert (found[0] is NEW) == taken
