"""The dependency audit: nothing is taken for safe that was not looked up."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from commands import dependency_audit
from commands.console import Refusal
from commands.dependency_audit import main, pinned, read_advisories, report_of, touches, unaudited

ON = dt.date(2026, 11, 22)
LOCK = """\
One.Two==1.5 \\
    --hash=sha256:00
three==2.0 ; sys_platform == 'win32' \\
    --hash=sha256:00
"""
ADVISORY = """\
id: PYSEC-1
modified: "2026-11-20T00:00:00Z"
affected:
- package: {name: one-two, ecosystem: PyPI}
  ranges:
  - type: ECOSYSTEM
    events: [{introduced: "0"}, {fixed: "%s"}]
"""


def report(*found: dict[str, Any]) -> bytes:
    return json.dumps({"dependencies": found}).encode()


def test_every_line_of_the_lock_counts_whatever_machine_it_is_for() -> None:
    assert pinned(LOCK) == {"one-two": "1.5", "three": "2.0"}
    whole = pinned((Path(__file__).resolve().parents[2] / "requirements.lock").read_text("utf-8"))
    assert {"pywin32", "cryptography", "lightfm-next"} <= set(whole)


def test_what_pip_audit_skipped_or_left_out_is_not_audited() -> None:
    skipped = report({"name": "one-two", "skip_reason": "not found on PyPI"})
    assert unaudited(pinned(LOCK), report_of(skipped)) == ["one-two", "three"]
    looked_up = report(
        {"name": "One_Two", "version": "1.5", "vulns": []}, {"name": "three", "version": "2.0", "vulns": []}
    )
    assert unaudited(pinned(LOCK), report_of(looked_up)) == []


@pytest.fixture
def database(tmp_path: Path) -> Path:
    for n in range(600):
        (tmp_path / f"other-{n}").mkdir()
    (tmp_path / "one-two").mkdir()
    return tmp_path


def test_a_copy_of_the_database_tells_what_is_vulnerable(database: Path) -> None:
    advisory = database / "one-two" / "PYSEC-1.yaml"
    advisory.write_text(ADVISORY % "1.6", "utf-8")
    assert read_advisories(pinned(LOCK), database, ON).audited == {"one-two": ("PYSEC-1",), "three": ()}
    advisory.write_text(ADVISORY % "1.5", "utf-8")
    assert read_advisories(pinned(LOCK), database, ON).audited == {"one-two": (), "three": ()}


def test_a_copy_that_is_old_or_not_whole_is_refused(database: Path, tmp_path_factory: Any) -> None:
    (database / "one-two" / "PYSEC-1.yaml").write_text(ADVISORY % "1.6", "utf-8")
    with pytest.raises(Refusal):
        read_advisories(pinned(LOCK), database, ON + dt.timedelta(days=60))
    with pytest.raises(Refusal):
        read_advisories(pinned(LOCK), tmp_path_factory.mktemp("empty"), ON)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([{"introduced": "1.0"}, {"fixed": "1.5"}], False),
        ([{"introduced": "1.0"}, {"fixed": "1.5.1"}], True),
        ([{"introduced": "1.6"}], False),
        ([{"introduced": "0"}, {"last_affected": "1.4"}], False),
        ([{"introduced": "0"}, {"last_affected": "1.5"}], True),
        ([{"introduced": "0"}, {"fixed": "1.1"}, {"introduced": "1.5"}, {"fixed": "1.7"}], True),
        ([{"introduced": "0"}, {"fixed": "1.10"}], True),
    ],
)
def test_ranges_are_read_as_versions_not_as_text(events: list[dict[str, str]], expected: bool) -> None:
    advisory = {"affected": [{"package": {"name": "a"}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}]}
    assert touches(advisory, "a", "1.5") is expected
    assert not touches({**advisory, "withdrawn": "2026-01-01T00:00:00Z"}, "a", "1.5")


@pytest.mark.parametrize(
    ("said", "passes"),
    [
        ([{"name": "one-two", "vulns": []}, {"name": "three", "vulns": []}], True),
        ([{"name": "one-two", "vulns": []}], False),
        ([{"name": "one-two", "vulns": [{"id": "PYSEC-1"}]}, {"name": "three", "vulns": []}], False),
    ],
)
def test_the_audit_fails_on_what_is_vulnerable_or_silent(
    said: list[dict[str, Any]], passes: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lock").write_text(LOCK, "utf-8")
    monkeypatch.setattr(dependency_audit, "ask_pip_audit", lambda _pins: report_of(report(*said)))
    if passes:
        main(tmp_path / "lock")
    else:
        with pytest.raises(Refusal):
            main(tmp_path / "lock")
