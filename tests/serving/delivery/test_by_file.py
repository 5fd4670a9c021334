"""Letters put down for printing: whole batches or none, each key once, and nobody else may read them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from serving.delivery.by_file import LETTERS, MANIFEST, ByFile, manifests
from serving.delivery.wording import word
from tests.serving.delivery.parcels import ADDRESS, UNSUBSCRIBE, parcel

NOW = dt.datetime(2026, 11, 20, 4, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=36_500)
MANY = [parcel(key=f"{n:032x}", channel="letter") for n in range(3)]


def way(folder: Path, at: dt.datetime = NOW) -> ByFile:
    return ByFile(folder, lambda one: word(one, ADDRESS, UNSUBSCRIBE), lambda: at)


def verdicts(outcomes: Any) -> list[str]:
    return [one.verdict for one in outcomes]


def test_a_batch_lies_there_whole_with_its_manifest(tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    outcomes = way(folder).send(MANY, LATER)
    assert verdicts(outcomes) == ["delivered"] * 3
    [(name, manifest)] = manifests(folder)
    assert {one.receipt for one in outcomes} == {name}
    lines = (folder / name / LETTERS).read_bytes()
    assert manifest.sha256 == hashlib.sha256(lines).hexdigest()
    letters = [json.loads(line) for line in lines.splitlines()]
    assert tuple(letter["key"] for letter in letters) == manifest.keys
    assert manifest.count == 3
    assert letters[0]["to"] == "北京市东城区示例街 1 号"
    assert "换领驾驶证" in letters[0]["text"]
    for path in (folder / name, folder / name / LETTERS, folder / name / MANIFEST):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    assert [path.name for path in folder.iterdir()] == [name]


def test_what_a_killed_process_put_down_is_not_put_down_again(tmp_path: Path) -> None:
    way(tmp_path).send(MANY[:2], LATER)
    later = NOW + dt.timedelta(minutes=5)
    outcomes = way(tmp_path, later).send([replace(one, taken_over=True) for one in MANY], LATER)
    assert sorted(verdicts(outcomes)) == ["delivered"] * 3
    assert sorted(key for _, manifest in manifests(tmp_path) for key in manifest.keys) == [
        one.key for one in MANY
    ]


@pytest.mark.parametrize("made", [(), (LETTERS,), (LETTERS, MANIFEST)])
def test_a_batch_broken_off_is_no_batch_and_is_cleared_away(tmp_path: Path, made: tuple[str, ...]) -> None:
    part = tmp_path / ".part-20261120T040000000000-abcdef"
    part.mkdir()
    for name in made:
        (part / name).write_bytes(b'{"keys": []}')
    assert list(manifests(tmp_path)) == []
    late = dt.datetime.now(dt.UTC) + dt.timedelta(hours=2)
    way(tmp_path, late).send(MANY[:1], LATER)
    assert not part.exists()


def test_a_folder_that_cannot_be_written_closes_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    outcomes = way(tmp_path / "file" / "letters").send(MANY, LATER)
    assert verdicts(outcomes) == ["channel"] * 3


def test_expired_and_unsayable_letters_are_left_out(tmp_path: Path) -> None:
    late = replace(MANY[0], expires_at=NOW)
    poison = parcel({"due_on": "soon"}, key="b" * 32, channel="letter")
    outcomes = {one.key: one.verdict for one in way(tmp_path).send([late, poison, MANY[1]], LATER)}
    assert outcomes == {late.key: "unsent", poison.key: "permanent", MANY[1].key: "delivered"}
