"""Several who tell and decide at the same time leave what one after another would."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import Engine, insert

from records.choices import EVERY_THEME, choose_reminders
from records.database import reading, writing
from records.inbox import told
from records.tables import subject
from records.telling import tell
from tests.records.telling.messages import NOON, message, pushes, reachable


@pytest.mark.slow
def test_two_who_tell_the_same_at_once_tell_it_once(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(subject).values(id="c1", kind="citizen"))
        reachable(connection, "c1", "email")

    def all_of_it(_: int) -> None:
        with writing(engine) as connection:
            tell(connection, [message(f"k{n}") for n in range(700)], NOON)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(all_of_it, range(3)))
    with reading(engine) as connection:
        assert len(pushes(connection)) == len(told(connection, "c1")) == 700


def test_a_choice_made_while_somebody_tells_leaves_nothing_behind(engine: Engine) -> None:
    people = [f"c{n}" for n in range(40)]
    with writing(engine) as connection:
        connection.execute(insert(subject), [{"id": one, "kind": "citizen"} for one in people])
        for one in people:
            reachable(connection, one, "email")

    def say() -> None:
        for one in people:
            with writing(engine) as connection:
                tell(connection, [message(f"{one}-{n}", one) for n in range(5)], NOON)

    def decide_against() -> None:
        for one in people:
            with writing(engine) as connection:
                choose_reminders(connection, one, EVERY_THEME, "email", False, NOON)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(say), pool.submit(decide_against)]:
            done.result()
    with reading(engine) as connection:
        assert not pushes(connection, state="pending")
        assert all(len(told(connection, one)) == 5 for one in people)


@pytest.mark.slow
def test_a_subject_s_ids_rise_in_the_order_of_commits(engine: Engine) -> None:
    """So that a stream that was told of one id has been told of all before it."""
    with writing(engine) as connection:
        connection.execute(insert(subject).values(id="c1", kind="citizen"))
    seen: list[int] = []
    late: list[int] = []
    stop = Event()

    def look_on() -> None:
        while not stop.is_set():
            with reading(engine) as connection:
                now = [one.id for one in told(connection, "c1")]
            late.extend(id_ for id_ in set(now) - set(seen) if seen and id_ < max(seen))
            seen.extend(sorted(set(now) - set(seen)))

    def say(who: int) -> None:
        for n in range(60):
            with writing(engine) as connection:
                tell(connection, [message(f"{who}-{n}")], NOON)

    with ThreadPoolExecutor(4) as pool:
        looking = pool.submit(look_on)
        list(pool.map(say, range(3)))
        stop.set()
        looking.result()
    assert not late
