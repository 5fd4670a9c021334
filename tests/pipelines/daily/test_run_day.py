"""The work of a day: each step once, gone on with where it broke off; a fault holds up only what needs it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.daily.journal import AnotherUnderWay, Journal
from pipelines.daily.run import Outcome, Progress, Step, StepFailed, has_failed, run_day

ON = dt.date(2026, 11, 21)
NOON = dt.datetime(2026, 11, 21, 4, tzinfo=dt.UTC)
NEEDS = {
    "features": (),
    "score": ("features",),
    "difference": ("score",),
    "invite": ("features",),
    "campaigns": (),
}


class Killed(BaseException):
    """The process ends on the spot."""


class Town:
    """Steps that note when they are done, and fail when told to."""

    def __init__(self, home: Path) -> None:
        self.home, self.done, self.faults = home, list[str](), dict[str, BaseException]()

    def run(self, on: dt.date = ON, version: str = "v1", *, again: bool = False) -> tuple[Outcome, ...]:
        steps = [Step(name, name, self._work(name), needs) for name, needs in NEEDS.items()]
        self.done.clear()
        return run_day(Journal(self.home, on, version), steps, lambda: NOON, _showing, again=again)

    def _work(self, name: str) -> Callable[[Progress], str]:
        def work(progress: Progress) -> str:
            if name in self.faults:
                raise self.faults[name]
            self.done.append(name)
            return f"{name} of all"

        return work


@contextmanager
def _showing(step: Step) -> Iterator[Progress]:
    yield lambda what, share: None


def states(outcomes: tuple[Outcome, ...]) -> dict[str, str]:
    return {one.step.name: one.state for one in outcomes}


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path / "daily")


def test_a_second_run_of_the_day_does_nothing(town: Town) -> None:
    first = town.run()
    assert town.done == list(NEEDS)
    assert not has_failed(first)
    second = town.run()
    assert town.done == []
    assert set(states(second).values()) == {"before"}
    assert [one.says for one in second] == [one.says for one in first]
    town.run(ON + dt.timedelta(days=1))
    assert town.done == list(NEEDS), "another day has work of its own"


def test_another_catalogue_is_another_day_s_work(town: Town) -> None:
    town.run()
    town.run(version="v2")
    assert town.done == list(NEEDS)


def test_again_does_all_of_it(town: Town) -> None:
    town.run()
    assert set(states(town.run(again=True)).values()) == {"done"}


@pytest.mark.parametrize("killed_in", list(NEEDS))
def test_again_broken_off_is_gone_on_with(town: Town, killed_in: str) -> None:
    town.run()
    town.faults[killed_in] = Killed()
    with pytest.raises(Killed):
        town.run(again=True)
    done = list(town.done)
    left = [name for name in NEEDS if Journal(town.home, ON, "v1").is_again(name)]
    assert left == [name for name in NEEDS if name not in done]
    town.faults.clear()
    town.run()
    assert done + town.done == list(NEEDS), "each once more"
    assert not any(Journal(town.home, ON, "v1").is_again(name) for name in NEEDS)


def test_what_fails_holds_up_only_what_needs_it(town: Town) -> None:
    town.faults["score"] = StepFailed("partition 3 cannot be read; score the day again")
    found = town.run()
    assert states(found) == {
        "features": "done",
        "score": "failed",
        "difference": "held up",
        "invite": "done",
        "campaigns": "done",
    }
    assert found[1].says.startswith("partition 3")
    assert has_failed(found)
    town.faults.clear()
    assert not has_failed(town.run())
    assert town.done == ["score", "difference"]


def test_the_words_of_an_unforeseen_error_are_not_repeated(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    town.faults["invite"] = KeyError("110101199003070017")
    [said] = [one.says for one in town.run() if one.state == "failed"]
    assert said.startswith("KeyError in ")
    assert "1101" not in said + caplog.text
    assert "invite failed: KeyError in " in caplog.text


@given(killed_in=st.sampled_from(list(NEEDS)), failing=st.sets(st.sampled_from(list(NEEDS)), max_size=2))
def test_killed_anywhere_nothing_is_done_twice_or_left_out(
    tmp_path_factory: pytest.TempPathFactory, killed_in: str, failing: set[str]
) -> None:
    town = Town(tmp_path_factory.mktemp("day"))
    town.faults = {**dict.fromkeys(failing, StepFailed("away")), killed_in: Killed()}
    done: list[str] = []
    with suppress(Killed):
        town.run()
    done += town.done
    town.faults = dict.fromkeys(failing - {killed_in}, StepFailed("away"))
    town.run()
    done += town.done
    town.faults = {}
    assert not has_failed(town.run())
    done += town.done
    assert sorted(done) == sorted(NEEDS), "each once"
    assert all(done.index(need) < done.index(name) for name, needs in NEEDS.items() for need in needs)


def test_two_at_once_are_one(town: Town) -> None:
    with Journal(town.home, ON, "v1").alone(), pytest.raises(AnotherUnderWay):
        town.run()
    assert town.done == []


def test_a_slip_that_was_cut_off_is_none(town: Town) -> None:
    town.run()
    slip = town.home / ON.isoformat() / "invite.json"
    slip.write_bytes(slip.read_bytes()[:9])
    assert states(town.run())["invite"] == "done"
    assert town.done == ["invite"]


def test_a_step_comes_after_what_it_needs(tmp_path: Path) -> None:
    step = Step("difference", "", lambda progress: "", ("score",))
    with pytest.raises(ValueError, match="score"):
        run_day(Journal(tmp_path, ON, "v1"), [step], lambda: NOON, _showing)
