"""Interactions are kept once, whoever sends them however often."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import Engine, func, insert, select

from features.schema import Interaction
from records.database import reading, writing
from records.interactions import (
    ClientIdTaken,
    ScopeItemNotTheirs,
    append_interactions,
    recent_interactions,
)
from records.tables import interaction, scope_item, subject

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
SEEN = Interaction("i1", "impression", NOON, "birth-registration", "s1", "web", None, "slate-1", 3, 0.25)
SOUGHT = Interaction("i2", "search", NOON + dt.timedelta(hours=1), query="生育津贴")


@pytest.fixture(autouse=True)
def _people(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(subject), [{"id": name, "kind": "citizen"} for name in ("s1", "s2")])
        selves = [{"id": name, "scope": "self", "owner": name} for name in ("s1", "s2")]
        connection.execute(insert(scope_item), selves)


def kept(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(interaction)).scalar_one()


def test_what_was_sent_comes_back_newest_first(engine: Engine) -> None:
    with writing(engine) as connection:
        assert append_interactions(connection, "s1", [SEEN, SOUGHT]) == 2
    with reading(engine) as connection:
        assert recent_interactions(connection, "s1", 10) == (SOUGHT, SEEN)
        assert recent_interactions(connection, "s1", 0) == ()
        assert recent_interactions(connection, "s2", 10) == ()


def test_what_was_shown_does_not_crowd_out_what_was_done(engine: Engine) -> None:
    shown = [
        dataclasses.replace(SEEN, client_id=f"shown-{n}", at=NOON + dt.timedelta(n)) for n in range(1, 9)
    ]
    with writing(engine) as connection:
        append_interactions(connection, "s1", [SEEN, SOUGHT, *shown])
    with reading(engine) as connection:
        latest = recent_interactions(connection, "s1", 3)
    assert [one.client_id for one in latest] == ["shown-8", "shown-7", "shown-6", "i2"]


def test_sending_again_changes_nothing(engine: Engine) -> None:
    for sent, new in (([SEEN, SOUGHT, SEEN], 2), ([SOUGHT, SEEN, SOUGHT], 0), ([SEEN], 0)):
        with writing(engine) as connection:
            assert append_interactions(connection, "s1", sent) == new
    assert kept(engine) == 2


@pytest.mark.parametrize(
    ("sender", "body"),
    [("s1", dataclasses.replace(SEEN, scope_item=None, kind="click")), ("s2", SOUGHT)],
)
def test_an_id_with_another_body_is_refused_and_nothing_kept(
    engine: Engine, sender: str, body: Interaction
) -> None:
    with writing(engine) as connection:
        append_interactions(connection, "s1", [SEEN, SOUGHT])
    fresh = Interaction("i9", "view", NOON)
    with pytest.raises(ClientIdTaken) as refusal, writing(engine) as connection:
        append_interactions(connection, sender, [fresh, body])
    assert refusal.value.client_ids == (body.client_id,)
    assert kept(engine) == 2


def test_two_bodies_under_one_id_in_one_batch_are_refused(engine: Engine) -> None:
    other = dataclasses.replace(SEEN, position=4)
    with pytest.raises(ClientIdTaken), writing(engine) as connection:
        append_interactions(connection, "s1", [SEEN, other])
    assert kept(engine) == 0


def test_another_subjects_scope_item_is_refused(engine: Engine) -> None:
    with pytest.raises(ScopeItemNotTheirs), writing(engine) as connection:
        append_interactions(connection, "s2", [SEEN])
    assert kept(engine) == 0
