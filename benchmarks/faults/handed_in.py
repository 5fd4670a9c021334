# ruff: noqa: S101 - what must hold under a fault is asserted, as in a test
"""Faults 11 to 14: what is handed in twice, out of order, malformed, or poisonous."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import random
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, func, select

from benchmarks.faults.files import partly_wrong, replayed
from benchmarks.faults.processes import until
from benchmarks.faults.register import fault
from benchmarks.faults.stage import Stage, wall
from benchmarks.faults.town import name_of
from pipelines.live.failing import MOST_ATTEMPTS
from pipelines.live.rounds import Rounds
from privacy.consent import Consent, granted
from records.arrivals import Arrival, Came, note_arrivals
from records.database import engine_for, migrate, reading, writing
from records.dead_letters import bury, dead_letters, replay
from records.tables import arrival, case, interaction, subject

SAID: Final = "110105199001011234"  # pragma: allowlist secret
"""What is sent and must never be repeated: nobody's number."""


def clicked(client_id: str, who: str, **more: Any) -> dict[str, Any]:
    """One interaction as a channel hands it in."""
    at = wall() - dt.timedelta(minutes=1)
    return {"client_id": client_id, "subject": who, "kind": "click", "at": at.isoformat(), **more}


def count_of(stage: Stage, client_ids: Sequence[str]) -> int:
    """How many of these are on record."""
    with reading(stage.engine) as connection:
        found = select(func.count()).where(interaction.c.client_id.in_(client_ids))
        return int(connection.execute(found).scalar_one())


def worked_off(stage: Stage, within: float = 120) -> None:
    """Wait until no arrival is left."""

    def none_left() -> bool:
        with reading(stage.engine) as connection:
            return connection.execute(select(func.count()).select_from(arrival)).scalar_one() == 0

    until(none_left, "the end of the arrivals", within)


@fault(
    11, "Duplicate events", "one interaction five hundred times and more, a whole file again, another body"
)
def duplicates(stage: Stage, quick: bool) -> None:
    """One change of state; the same id with another body is refused."""
    who = name_of(8)
    one = clicked("twice", who, channel="online")
    batch = {"interactions": [one] * 500}
    for _ in range(1 if quick else 2):
        first = stage.program.ask("POST", "/v1/interactions", json=batch)
        assert first.status_code in (200, 201), first.text
    again = stage.program.ask("POST", "/v1/interactions", json=one)
    assert (again.status_code, again.json()["recorded"]) == (200, 0), again.text
    other = stage.program.ask("POST", "/v1/interactions", json={**one, "kind": "view"})
    assert other.status_code == 409, other.text
    assert count_of(stage, ["twice"]) == 1
    replayed(stage)
    worked_off(stage)


@fault(12, "Out-of-order events", "the reports of a case in every order; consents taken back before given")
def out_of_order(stage: Stage, quick: bool) -> None:
    """Whatever the order of arrival, the latest by its own time holds; of one instant, the taking back."""
    who, began = name_of(9), wall() - dt.timedelta(days=2)
    item = next(
        id_ for id_, one in sorted(stage.catalogue.public_services.items()) if one.scope.value == "self"
    )
    steps = ("open", "failed", "open", "succeeded")
    orders = list(itertools.permutations(range(len(steps))))
    chosen = random.Random(1).sample(orders, 6) if quick else orders  # noqa: S311 - a sample, no secret
    for number, order in enumerate(chosen):
        for step in order:
            report = {
                "client_id": f"report-{number}-{step}",
                "id": f"case-{number}",
                "subject": who,
                "item": item,
                "cycle": f"n{number}",
                "status": steps[step],
                "at": (began + dt.timedelta(hours=step)).isoformat(),
            }
            answer = stage.program.ask("POST", "/v1/cases", json=report)
            assert answer.status_code == 201, answer.text
    for number, tied in enumerate((("succeeded", "withdrawn"), ("withdrawn", "succeeded"))):
        for status in tied:
            both = {"client_id": f"tie-{number}-{status}", "id": f"tied-{number}", "cycle": f"t{number}"}
            report = {**both, "subject": who, "item": item, "status": status, "at": began.isoformat()}
            answer = stage.program.ask("POST", "/v1/cases", json=report)
            assert answer.status_code == 201, answer.text
    with reading(stage.engine) as connection:
        mine = select(case.c.status).where(case.c.id.in_([f"case-{n}" for n in range(len(chosen))]))
        assert set(connection.execute(mine).scalars()) == {"succeeded"}
        ties = select(case.c.status).where(case.c.id.in_(["tied-0", "tied-1"]))
        assert set(connection.execute(ties).scalars()) == {"withdrawn"}
    _taken_back_wins(began)
    worked_off(stage)


def _taken_back_wins(at: dt.datetime) -> None:
    """Yes, no and yes again in every order: what was said last holds, and a no of the same instant wins."""
    later, target = at + dt.timedelta(hours=1), "interactions"
    before, tied = (
        Consent("c", "rank", target, at, later, "1"),
        Consent("c", "rank", target, later, None, "1"),
    )
    again = Consent("c", "rank", target, later + dt.timedelta(seconds=1), None, "1")
    now = later + dt.timedelta(hours=1)
    for said in itertools.permutations((before, tied)):
        assert not granted(said, "rank", target, now), "a yes of the same instant won over the no"
    for said in itertools.permutations((before, tied, again)):
        assert granted(said, "rank", target, now), "the last word does not hold"


@fault(13, "Malformed events", "missing and wrong fields, broken UTF-8, GBK, deep and huge JSON, year 0001")
def malformed(stage: Stage, quick: bool) -> None:
    """A clear 4xx each, no 5xx, nothing of what was sent repeated, and the server goes on."""
    who = name_of(10)
    good = clicked("good", who)
    wrong: list[bytes] = [
        json.dumps({**good, "kind": "conjure"}).encode(),
        json.dumps({key: value for key, value in good.items() if key != "subject"}).encode(),
        json.dumps({**good, "at": "0001-01-01T00:00:00+00:00"}).encode(),
        json.dumps({**good, "at": 5}).encode(),
        json.dumps({**good, "position": "first"}).encode(),
        json.dumps({**good, "client_id": SAID}).encode(),
        json.dumps({**good, "unheard_of": SAID}).encode(),
        json.dumps({**good, "query": "办证\u0000"}).encode(),
        json.dumps({"interactions": []}).encode(),
        json.dumps({"interactions": [good] * 501}).encode(),
        json.dumps({**good, "channel": "窗口"}, ensure_ascii=False).encode("gbk"),
        b'{"client_id": "\xff\xfe"}',
        b"[" * 100_000,
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b"not json",
        b"",
    ]
    for body in wrong:
        answer = stage.program.ask(
            "POST", "/v1/interactions", content=body, headers={"Content-Type": "application/json"}
        )
        assert 400 <= answer.status_code < 500, f"{answer.status_code} for {body[:60]!r}"
        assert SAID not in answer.text, "an answer repeats what was sent"
    huge = stage.program.ask("POST", "/v1/interactions", content=b" " * (2 << 20))
    assert huge.status_code == 413, huge.status_code
    assert SAID not in stage.server.log(), "the log repeats what was sent"
    assert stage.program.ask("POST", "/v1/interactions", json=good).status_code == 201
    partly_wrong(stage)


class _Poison:
    """A step that one subject's arrivals always break."""

    def __init__(self) -> None:
        self.broken, self.acted = True, list[str]()

    def concerns(self, came: Came) -> bool:
        """Everything."""
        return True

    def act(self, connection: Connection, who: str, came: Sequence[Came], at: dt.datetime) -> None:
        """Break over the poison."""
        if self.broken and who == "poisoned":
            raise ZeroDivisionError(SAID)
        self.acted.append(who)


class _NoPush:
    def push(self, came: Mapping[str, Sequence[Arrival]]) -> Mapping[str, str]:
        """Nothing was said by registers."""
        return {}


@fault(
    14, "Poison message", "one subject's arrival breaks the step every time (injected clock for the waits)"
)
def poison(stage: Stage, quick: bool) -> None:
    """Tried with growing waits, then a dead letter, told; others do not wait; replayed once."""
    url = f"sqlite:///{stage.folder / 'poison.db'}"
    migrate(url)
    engine, step, now = engine_for(url), _Poison(), [wall()]
    names = ["poisoned", *(f"s-{n}" for n in range(20))]
    with writing(engine) as connection:
        for name in names:
            connection.execute(subject.insert().values(id=name, kind="citizen"))
        note_arrivals(connection, [Came(name, "interaction") for name in names], now[0])
    rounds = Rounds(engine, _NoPush(), [step], lambda: now[0], random.Random(1))  # noqa: S311 - spreads retries
    rounds.work(names)
    assert sorted(step.acted) == sorted(names[1:]), "others waited for the poison"
    for _ in range(MOST_ATTEMPTS):
        now[0] += dt.timedelta(hours=1)
        rounds.work(["poisoned"])
    with reading(engine) as connection:
        [letter] = dead_letters(connection)
    assert letter.attempts == MOST_ATTEMPTS and "ZeroDivisionError" in letter.reason
    assert SAID not in letter.reason, "the reason quotes what was in it"
    step.broken = False
    with writing(engine) as connection:
        assert len(replay(connection, None, now[0])) == 1
        assert replay(connection, None, now[0]) == ()
    rounds.work(["poisoned"])
    assert step.acted.count("poisoned") == 1
    engine.dispose()
    _told(stage)


def _told(stage: Stage) -> None:
    """A dead letter is told by the running server until it is sent again, and then acted on by the worker."""
    buried = Arrival(2**40, Came(name_of(14), "interaction"), wall(), MOST_ATTEMPTS - 1)
    with writing(stage.engine) as connection:
        bury(connection, [buried], "ZeroDivisionError in faults", wall())
    until(lambda: "letters_dead" in stage.program.troubles(), "the alarm of a dead letter", 30)
    with writing(stage.engine) as connection:
        assert len(replay(connection, None, wall())) == 1
    until(lambda: "letters_dead" not in stage.program.troubles(), "the end of the alarm", 30)
    worked_off(stage)
