"""Cases end in the same state in whatever order, and however often, their reports come."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert, select

from features.schema import CaseStatus
from records.cases import CaseReport, CaseTaken, ReportTaken, append_reports, follows
from records.database import reading, writing
from records.interactions import ScopeItemNotTheirs
from records.tables import case, case_report, scope_item, subject

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def report(client_id: str, status: CaseStatus, hours: int = 0, **more: Any) -> CaseReport:
    told = CaseReport(client_id, "k1", "s1", "cs-passport", "once", status, NOON + hours * HOUR)
    return dataclasses.replace(told, **more)


@pytest.fixture(autouse=True)
def _people(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(subject), [{"id": name, "kind": "citizen"} for name in ("s1", "s2")])
        selves = [{"id": name, "scope": "self", "owner": name} for name in ("s1", "s2")]
        connection.execute(insert(scope_item), selves)


def send(engine: Engine, *told: CaseReport) -> set[str]:
    with writing(engine) as connection:
        return append_reports(connection, [(one.scope_item, one) for one in told])


def held(engine: Engine, id_: str = "k1") -> tuple[object, ...]:
    c = case.c
    with reading(engine) as connection:
        row = connection.execute(
            select(c.status, c.channel, c.opened_at, c.closed_at).where(c.id == id_)
        ).one()
        return tuple(row)


def emptied(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(delete(case_report))
        connection.execute(delete(case))


def test_a_case_moves_from_open_to_its_end(engine: Engine) -> None:
    assert send(engine, report("r1", "open", channel="hall")) == {"r1"}
    assert held(engine) == ("open", "hall", NOON, None)
    assert send(engine, report("r2", "succeeded", 5)) == {"r2"}
    assert held(engine) == ("succeeded", "hall", NOON, NOON + 5 * HOUR)


def test_what_comes_late_does_not_undo_what_is_later(engine: Engine) -> None:
    send(engine, report("r2", "succeeded", 5))
    assert held(engine) == ("succeeded", None, NOON + 5 * HOUR, NOON + 5 * HOUR)
    send(engine, report("r1", "open"))
    assert held(engine) == ("succeeded", None, NOON, NOON + 5 * HOUR)


def test_of_one_instant_what_takes_back_holds(engine: Engine) -> None:
    send(engine, report("r1", "withdrawn"), report("r2", "open"), report("r3", "succeeded"))
    assert held(engine)[0] == "withdrawn"


def test_a_case_that_is_taken_up_again_is_open(engine: Engine) -> None:
    send(engine, report("r1", "failed", 1), report("r2", "open", 2), report("r0", "open"))
    assert held(engine) == ("open", None, NOON, None)


def test_the_same_report_again_changes_nothing(engine: Engine) -> None:
    assert send(engine, report("r1", "open"), report("r1", "open")) == {"r1"}
    assert send(engine, report("r1", "open")) == set()


def test_other_bodies_under_known_ids_are_refused_and_all_named(engine: Engine) -> None:
    send(engine, report("r1", "open"), report("r2", "open", 1))
    with pytest.raises(ReportTaken) as refused:
        send(engine, report("r1", "failed"), report("r2", "open", 2), report("r9", "succeeded", 9))
    assert refused.value.client_ids == ("r1", "r2")
    assert held(engine) == ("open", None, NOON, None)


def test_a_case_is_one_matter(engine: Engine) -> None:
    send(engine, report("r1", "open"))
    changes: tuple[dict[str, Any], ...] = ({"item": "cs-other"}, {"cycle": "2026"}, {"scope_item": "s2"})
    for change in changes:
        with pytest.raises(CaseTaken) as refused:
            send(engine, report("r2", "failed", **change))
        assert refused.value.client_ids == ("k1",)


def test_nobody_reports_on_what_is_somebody_else_s(engine: Engine) -> None:
    with pytest.raises(ScopeItemNotTheirs), writing(engine) as connection:
        append_reports(connection, [("s2", report("r1", "open"))])


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_case_that_a_file_brought_is_heard_too(engine: Engine, order: Sequence[int]) -> None:
    with writing(engine) as connection:
        row = {"id": "k1", "scope_item": "s1", "item": "cs-passport", "cycle": "once", "status": "failed"}
        times = {"opened_at": NOON, "closed_at": NOON + 4 * HOUR, "channel": "hall"}
        connection.execute(insert(case).values(**row, **times))
    told = [report("r1", "succeeded", 3), report("r2", "open", 1)]
    for place in order:
        send(engine, told[place])
    assert held(engine) == ("failed", "hall", NOON, NOON + 4 * HOUR)
    send(engine, report("r3", "succeeded", 6))
    assert held(engine) == ("succeeded", "hall", NOON, NOON + 6 * HOUR)


STATUSES: st.SearchStrategy[CaseStatus] = st.sampled_from(("open", "succeeded", "failed", "withdrawn"))
STREAMS = st.lists(
    st.tuples(STATUSES, st.integers(0, 4), st.sampled_from((None, "web", "hall"))), min_size=1, max_size=6
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stream=STREAMS, data=st.data())
def test_shuffled_doubled_and_cut_up_reports_end_in_the_same_state(
    engine: Engine, stream: list[tuple[CaseStatus, int, str | None]], data: st.DataObject
) -> None:
    told = [report(f"r{n}", status, at, channel=by) for n, (status, at, by) in enumerate(stream)]
    emptied(engine)
    for one in sorted(told, key=lambda one: one.at):
        send(engine, one)
    in_order = held(engine)
    assert in_order == follows(told)
    emptied(engine)
    mixed = data.draw(st.permutations([*told, *data.draw(st.lists(st.sampled_from(told), max_size=4))]))
    while mixed:
        cut = data.draw(st.integers(1, len(mixed)))
        send(engine, *mixed[:cut])
        mixed = mixed[cut:]
    assert held(engine) == in_order
