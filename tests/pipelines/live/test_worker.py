"""The worker acts on what came: once, in order, whoever is killed or away; what cannot be is set aside."""

from __future__ import annotations

import datetime as dt
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic, sleep

import pytest
import redis
from sqlalchemy import Connection, Engine, insert, select

from pipelines.live.rounds import Rounds, Tally
from pipelines.live.worker import Worker
from records.arrival_stream import STREAM, ArrivalStream, StreamBell
from records.arrivals import Arrival, Came, note_arrivals, waiting
from records.database import reading, writing
from records.dead_letters import dead_letters, replay
from records.durable import writing_durably
from records.tables import consultation

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
PROMPT = 0.0


@dataclass
class Clock:
    """A wall clock that tests turn."""

    now: dt.datetime = NOON

    def __call__(self) -> dt.datetime:
        return self.now

    def pass_(self, minutes: float) -> None:
        self.now += dt.timedelta(minutes=minutes)


@dataclass
class Nothing:
    """No features to push."""

    failing: Mapping[str, str] = field(default_factory=dict)

    def push(self, came: Mapping[str, Sequence[Arrival]]) -> Mapping[str, str]:
        return {subject: why for subject, why in self.failing.items() if subject in came}


@dataclass
class Noting:
    """A step that writes one row a call, so that what was undone shows."""

    seen: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    poison: set[str] = field(default_factory=set)
    away: set[str] = field(default_factory=set)
    before: Callable[[str], None] = lambda _subject: None

    def concerns(self, came: Came) -> bool:
        return came.kind != "interaction"

    def act(self, connection: Connection, subject: str, came: Sequence[Came], at: dt.datetime) -> None:
        number = len(rows(connection))
        row = {"id": f"{subject}-{number}", "subject": subject, "topic": "t", "channel": "c", "at": at}
        connection.execute(insert(consultation).values(**row))
        self.before(subject)
        if subject in self.poison:
            raise KeyError("110101199003070017")
        if subject in self.away:
            raise ConnectionError("away")
        self.seen.append((subject, tuple(about for one in came for about in one.about)))


def rows(connection: Connection) -> list[str]:
    return list(connection.execute(select(consultation.c.subject)).scalars())


@dataclass
class Bench:
    engine: Engine
    step: Noting = field(default_factory=Noting)
    push: Nothing = field(default_factory=Nothing)
    clock: Clock = field(default_factory=Clock)

    def worker(self, stream: ArrivalStream | None = None) -> Worker:
        rounds = Rounds(self.engine, self.push, (self.step,), self.clock, random.Random(1))  # noqa: S311 - spreads retries
        return Worker(self.engine, rounds, stream, self.clock)

    def came(self, *given: Came) -> tuple[int, ...]:
        with writing_durably(self.engine) as connection:
            return note_arrivals(connection, given, self.clock())

    def left(self) -> int:
        with reading(self.engine) as connection:
            return waiting(connection)[0]


@pytest.fixture
def bench(engine: Engine) -> Bench:
    return Bench(engine)


def test_what_came_is_acted_on_once_and_together(bench: Bench) -> None:
    bench.came(Came("s1", "case", ("k1",)), Came("s2", "case", ("k2",)), Came("s1", "evidence", ("e1",)))
    assert bench.worker().once() == Tally(done=3)
    assert bench.step.seen == [("s1", ("k1", "e1")), ("s2", ("k2",))]
    assert bench.worker().once() == Tally()
    assert bench.left() == 0


def test_what_asks_for_no_step_is_done_without_one(bench: Bench) -> None:
    bench.came(Came("s1", "interaction", ("i1",)))
    assert bench.worker().once() == Tally(done=1)
    assert bench.step.seen == []


def test_a_poison_arrival_is_tried_again_and_given_up_and_others_do_not_wait(bench: Bench) -> None:
    bench.step.poison = {"s1"}
    ids = bench.came(Came("s1", "case", ("k1",)), Came("s2", "case", ("k2",)))
    assert bench.worker().once() == Tally(done=1, put_off=1)
    tries = 1
    while bench.left():
        bench.came(Came("s3", "case", ("k3",)))
        assert bench.worker().once().done == 1
        bench.clock.pass_(10)
        tries += sum(bench.worker().once()[1:])
    assert tries == 5
    with reading(bench.engine) as connection:
        (letter,) = dead_letters(connection)
        assert "s1" not in rows(connection)
    assert (letter.id, letter.attempts, letter.subject) == (ids[0], 5, "s1")
    assert letter.reason.startswith("KeyError")
    assert "110101199003070017" not in letter.reason


def test_a_dead_letter_is_acted_on_when_it_is_replayed(bench: Bench) -> None:
    bench.step.poison = {"s1"}
    bench.came(Came("s1", "case", ("k1",)))
    while bench.left():
        bench.worker().once()
        bench.clock.pass_(10)
    bench.step.poison = set()
    for back in (1, 0):
        with writing(bench.engine) as connection:
            assert len(replay(connection, None, bench.clock())) == back
    assert bench.worker().once() == Tally(done=1)
    assert bench.step.seen == [("s1", ("k1",))]


def test_features_that_cannot_be_made_are_a_failure_of_their_own(bench: Bench) -> None:
    bench.push.failing = {"s1": "PackingError in features.packing, line 1"}
    bench.came(Came("s1", "register", ("s1",)), Came("s2", "register", ("s2",)))
    assert bench.worker().once() == Tally(done=1, put_off=1)
    assert [subject for subject, _ in bench.step.seen] == ["s2"]


def test_a_store_that_is_away_costs_no_attempt_and_loses_nothing(bench: Bench) -> None:
    bench.step.away = {"s2"}
    bench.came(Came("s1", "case", ("k1",)), Came("s2", "case", ("k2",)))
    for _ in range(9):
        with pytest.raises(ConnectionError):
            bench.worker().once()
    bench.step.away = set()
    bench.worker().once()
    assert bench.left() == 0
    with reading(bench.engine) as connection:
        assert dead_letters(connection) == ()
        assert sorted(rows(connection)) == ["s1", "s2"]


def test_whoever_takes_long_is_held_a_few_at_a_time_and_all_are_acted_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.live.rounds.MOST_HELD", 1)
    bench.came(
        *(Came(name, "case", (name,)) for name in ("s1", "s2", "s3")), Came("s1", "interaction", ("i",))
    )
    assert bench.worker().rounds.work(("s1", "s2", "s3")) == Tally(done=4)
    assert [subject for subject, _ in bench.step.seen] == ["s1", "s2", "s3"]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)  # SQLite has one worker
def test_two_workers_share_the_work_and_nobody_is_worked_on_twice_at_once(bench: Bench) -> None:
    at_work: set[str] = set()
    clashes: list[str] = []

    def slowly(subject: str) -> None:
        if subject in at_work:
            clashes.append(subject)
        at_work.add(subject)
        sleep(0.01)
        at_work.discard(subject)

    bench.step.before = slowly
    bench.step.seen = []
    for n in range(40):
        bench.came(Came(("s1", "s2", "s3")[n % 3], "case", (f"k{n}",)))
    stop = threading.Event()
    workers = [threading.Thread(target=bench.worker().run, args=(stop,)) for _ in range(3)]
    for one in workers:
        one.start()
    settled(lambda: bench.left() == 0)
    stop.set()
    for one in workers:
        one.join()
    assert not clashes
    acted = [about for _, abouts in bench.step.seen for about in abouts]
    assert sorted(acted) == sorted(f"k{n}" for n in range(40))


def settled(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    until = monotonic() + seconds
    while not holds():
        assert monotonic() < until, "waited too long"
        sleep(0.02)


class Running:
    """A worker at work in a thread."""

    def __init__(self, bench: Bench, stream: ArrivalStream | None) -> None:
        self.stop = threading.Event()
        self.worker = bench.worker(stream)
        self.thread = threading.Thread(target=self.worker.run, args=(self.stop,))

    def __enter__(self) -> Running:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(10)
        assert not self.thread.is_alive()
        if self.worker.stream is not None:
            self.worker.stream.leave()


def real(bench: Bench) -> Bench:
    """The same with a clock that goes."""
    bench.clock = lambda: dt.datetime.now(dt.UTC)  # type: ignore[assignment]
    return bench


def test_what_the_stream_tells_of_is_acted_on_at_once(bench: Bench, redis_url: str) -> None:
    bell = StreamBell(redis_url)
    with Running(real(bench), ArrivalStream(redis_url, "w1")):
        bell.ring(bench.came(Came("s1", "case", ("k1",)), Came("s2", "case", ("k2",))))
        settled(lambda: bench.left() == 0, 1.5)  # sooner than the sweep would
        bell.ring([999_999])
        settled(lambda: redis.Redis.from_url(redis_url).xlen(STREAM) == 0)
    assert sorted(subject for subject, _ in bench.step.seen) == ["s1", "s2"]


@pytest.mark.slow
def test_what_never_reached_the_stream_is_found_in_the_table(bench: Bench, redis_url: str) -> None:
    with Running(real(bench), ArrivalStream(redis_url, "w1")):
        bench.came(Came("s1", "case", ("k1",)))
        settled(lambda: bench.left() == 0)


def test_a_stream_that_was_lost_is_begun_anew(bench: Bench, redis_url: str) -> None:
    bell = StreamBell(redis_url)
    with Running(real(bench), ArrivalStream(redis_url, "w1")):
        bell.ring(bench.came(Came("s1", "case", ("k1",))))
        settled(lambda: bench.left() == 0)
        redis.Redis.from_url(redis_url).flushall()
        bell.ring(bench.came(Came("s1", "case", ("k2",))))
        settled(lambda: bench.left() == 0, 1.5)


def test_without_the_stream_the_table_is_enough(bench: Bench) -> None:
    nowhere = "redis://127.0.0.1:1/0"
    bell = StreamBell(nowhere)
    with Running(real(bench), ArrivalStream(nowhere, "w1", 0.05)):
        bell.ring(bench.came(Came("s1", "case", ("k1",))))
        settled(lambda: bench.left() == 0)
    assert bench.step.seen == [("s1", ("k1",))]


def test_what_a_dead_worker_took_is_another_s_to_finish(bench: Bench, redis_url: str) -> None:
    dead = ArrivalStream(redis_url, "dead")
    bell = StreamBell(redis_url)
    assert dead.read(9, None) == ()
    bell.ring(bench.came(Came("s1", "case", ("k1",))))
    (taken,) = dead.read(9, None)
    heir = ArrivalStream(redis_url, "heir")
    assert heir.read(9, None) == ()
    assert heir.abandoned(9, idle_ms=0) == (taken,)
    heir.finish([taken])
    assert dead.abandoned(9, idle_ms=0) == ()
    assert bench.left() == 1  # the table still has it, until somebody has acted on it
