"""The whole worker on a real town: a case, a register's word, and what they change of what is told."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from catalog.artefact import load
from catalog.vocabulary import Scope, SubjectKind
from features.acts import OnlineActs
from features.registry import StoreLocation, open_store
from features.retrieval import OnlineProfiles
from features.schema import Interaction
from features.statements import AttributeHistory
from pipelines.live.opening import AnotherAtWork, open_worker
from pipelines.live.rounds import Tally
from pipelines.live.steps import Reassess
from pipelines.live.worker import Worker
from records.arrivals import Came, note_arrivals
from records.cases import CaseReport, append_reports
from records.database import engine_for, reading, writing
from records.interactions import append_interactions, recent_interactions
from records.settings import Settings
from records.tables import case, inbox
from tests.serving.town import TODAY, build_town

ITEM = "cs-id-card-renewal"
CHILD = "c-li-child-1"
BIRTH = "cs-birth-registration"


def wall() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A town that nobody works in yet; copied, not changed."""
    made = build_town(tmp_path_factory.mktemp("town"))
    return Settings(home=made.home, today=TODAY)


def copied(town: Settings, home: Path) -> Settings:
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(town.home, home)
    return Settings(home=home, today=TODAY)


@pytest.fixture
def own(town: Settings, tmp_path: Path) -> Settings:
    return copied(town, tmp_path / "home")


@pytest.fixture
def worker(own: Settings) -> Iterator[Worker]:
    with open_worker(own, wall) as worker:
        yield worker


def report(client_id: str, status: Any, hour: int) -> CaseReport:
    at = dt.datetime(2026, 11, 20, hour, tzinfo=dt.UTC)
    return CaseReport(client_id, "k-birth", CHILD, BIRTH, "once:2026-11-03", status, at, "hall")


def hand_in(engine: Engine, *told: CaseReport) -> None:
    with writing(engine) as connection:
        if append_reports(connection, [("c-li", one) for one in told]):
            note_arrivals(connection, [Came("c-li", "case", ("k-birth",), frozenset({BIRTH}))])


def do(engine: Engine, one: Interaction) -> None:
    with writing(engine) as connection:
        if append_interactions(connection, "c-li", [one]):
            note_arrivals(connection, [Came("c-li", "interaction", (one.client_id,))])


def told(engine: Engine, subject: str = "c-li") -> dict[tuple[str, str], bool]:
    """By scope item and item, whether what was told of it is open."""
    i = inbox.c
    with reading(engine) as connection:
        rows = connection.execute(select(i.scope_item, i.item, i.closed_at).where(i.subject == subject))
        return {(scope_item, item): closed is None for scope_item, item, closed in rows}


def test_what_is_due_is_told_and_taken_back_when_its_case_succeeds(worker: Worker) -> None:
    hand_in(worker.engine, report("r1", "open", 1))
    assert worker.once() == Tally(done=1)
    before = told(worker.engine)
    assert before, "somebody to whom nothing is due shows nothing"
    with writing(worker.engine) as connection:
        note_arrivals(connection, [Came("c-li", "consent")])
    worker.once()
    assert told(worker.engine) == before, "nothing is told twice"
    hand_in(worker.engine, report("r2", "succeeded", 9))
    worker.once()
    assert not told(worker.engine).get((CHILD, BIRTH), False)


def judged(worker: Worker) -> int:
    """How many pairs of scope item and item the worker has judged."""
    [step] = [one for one in worker.rounds.steps if isinstance(one, Reassess)]
    return step.judged


def test_what_comes_next_is_judged_only_where_it_is_read(worker: Worker) -> None:
    hand_in(worker.engine, report("r1", "open", 1))
    worker.once()
    everything = judged(worker)
    assert everything > 100
    with writing(worker.engine) as connection:
        note_arrivals(connection, [Came("c-li", "relation", ("c-li",))])
    worker.once()
    assert judged(worker) == everything, "nothing that a standing reads has changed"
    hand_in(worker.engine, report("r2", "succeeded", 9))
    worker.once()
    assert 0 < judged(worker) - everything < everything / 4
    assert not told(worker.engine).get((CHILD, BIRTH), False)


def say(own: Settings, hour: int, name: str, **values: Any) -> None:
    """The traffic register says something of c-li."""
    at = dt.datetime(2026, 11, 21, hour, tzinfo=dt.UTC)
    folder = own.attributes_path / "citizen.self" / "traffic"
    folder.mkdir(parents=True, exist_ok=True)
    frame = pl.DataFrame({"scope_item": ["c-li"], "observed_at": [at], **{k: [v] for k, v in values.items()}})
    frame.with_columns(pl.col("observed_at").cast(pl.Datetime("us", "UTC"))).write_parquet(
        folder / f"{name}.parquet"
    )


def store_of(own: Settings) -> Any:
    return open_store(StoreLocation(own.registry_path, own.offline_path, own.online_path))


def known(own: Settings) -> Any:
    """What the online store holds of c-li."""
    catalogue = load(own.catalogue_path)
    store = store_of(own)
    life = AttributeHistory(own.attributes_path, catalogue).shelf_life
    online = OnlineProfiles(store, catalogue, life, lambda: dt.datetime(2026, 11, 22, tzinfo=dt.UTC))
    return online.packets(SubjectKind.CITIZEN, Scope.SELF, ["c-li"])["c-li"]


def test_what_a_register_says_is_known_at_once_and_never_undone_by_what_is_older(
    own: Settings, worker: Worker
) -> None:
    expiry = "driver_licence_expiry_date"
    lasting = {"has_driver_licence": True, "driver_licence_class": "C1", expiry: dt.date(2036, 1, 30)}
    say(own, 2, "new", **lasting)
    with writing(worker.engine) as connection:
        note_arrivals(connection, [Came("c-li", "register", ("c-li",))])
    assert worker.once() == Tally(done=1)
    renewed = known(own)
    say(own, 1, "old", **{**lasting, expiry: dt.date(2026, 12, 1)})
    with writing(worker.engine) as connection:
        note_arrivals(connection, [Came("c-li", "register", ("c-li",))] * 2)
    worker.once()
    assert known(own) == renewed
    push: Any = worker.rounds.push
    profile = push.each[0].online().read(SubjectKind.CITIZEN, {Scope.SELF: ["c-li"]})
    assert profile["c-li"][0][expiry] == dt.date(2036, 1, 30)


def test_beside_embedded_records_there_is_one_worker(own: Settings, worker: Worker) -> None:
    with pytest.raises(AnotherAtWork), open_worker(own, wall):
        pass


CASES = (report("r1", "open", 1), report("r2", "succeeded", 9), report("r3", "failed", 5))
SPEAK = (
    (1, "a", dt.date(2026, 12, 1)),
    (2, "b", dt.date(2031, 1, 30)),
    (3, "c", dt.date(2036, 1, 30)),
)
ACTS = tuple(
    Interaction(f"i{hour}", "view", dt.datetime(2026, 11, 20, hour, tzinfo=dt.UTC), BIRTH)
    for hour in (3, 1, 2)
)


def outcome(own: Settings) -> Any:
    engine = engine_for(own.records_url)
    try:
        with reading(engine) as connection:
            cases = [tuple(row) for row in connection.execute(select(case).order_by(case.c.id))]
            there = recent_interactions(connection, "c-li", 99)
        still_told = {key for key, is_open in told(engine).items() if is_open}
        acts = OnlineActs(store_of(own)).read(SubjectKind.CITIZEN, ["c-li"])
        assert acts == {"c-li": there}, "the packet is all that is on record"
        return cases, known(own), still_told, there
    finally:
        engine.dispose()


def act(own: Settings, stream: list[Any], rest: list[int]) -> Any:
    """Let things come in this order, and the worker rest only after some of them."""
    with open_worker(own, wall) as worker:
        for place, one in enumerate(stream):
            if isinstance(one, CaseReport):
                hand_in(worker.engine, one)
            elif isinstance(one, Interaction):
                do(worker.engine, one)
            else:
                hour, name, expiry = one
                licence = {"has_driver_licence": True, "driver_licence_class": "C1"}
                say(own, hour, name, **licence, driver_licence_expiry_date=expiry)
                with writing(worker.engine) as connection:
                    note_arrivals(connection, [Came("c-li", "register", ("c-li",))])
            if place in rest:
                worker.once()
        worker.once()
    return outcome(own)


@pytest.mark.slow
@settings(max_examples=4, deadline=None)
@given(data=st.data())
def test_shuffled_doubled_and_late_streams_end_in_the_same_records_features_and_messages(
    town: Settings, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    home = tmp_path_factory.mktemp("streams")
    every: list[Any] = [*CASES, *SPEAK, *ACTS]
    in_order = act(copied(town, home / "one"), every, list(range(len(every))))
    twice = [*every, *data.draw(st.lists(st.sampled_from(every), max_size=3))]
    mixed = data.draw(st.permutations(twice))
    rest = data.draw(st.lists(st.integers(0, len(mixed) - 1), max_size=3))
    assert act(copied(town, home / "other"), list(mixed), rest) == in_order
