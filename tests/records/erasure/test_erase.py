"""An erasure leaves nothing: every byte of every store is searched for ids, names and planted values."""

from __future__ import annotations

import csv
import datetime as dt
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import Engine, insert, select

from features.forgetting import held
from features.registry import StoreLocation
from privacy.pseudonym import Pseudonyms
from records.audit import AuditEntry, audit_chain
from records.choices import choose_recommendation, delete_tag
from records.consents import grant, withdraw
from records.database import open_records, reading, writing
from records.erasure import Erasing, erase, replay
from records.erasure.carry_out import receipt_of
from records.erasure.log import erasure_tokens
from records.holdings import held_counts, personal_tables
from records.identities import record_identity
from records.keys import open_secrets
from records.tables import (
    audit,
    audit_key,
    consultation,
    inbox,
    interaction,
    outbox,
    quarantine,
    rating,
    relation,
    scope_item,
)
from records.tables import subject as subjects
from serving.settings import ServingSettings
from tests.serving.town import build_town

AT = dt.datetime(2026, 11, 21, 2, 0, tzinfo=dt.UTC)
ERASED = "c-li"
IDS = ("c-li", "c-li-child-1", "c-li-child-2", "c-li-car")
PLANTED = ("PLANTED-LABEL", "PLANTED-QUERY", "PLANTED-PAYLOAD", "PLANTED-TOPIC", "110101199405060000", "小满")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> ServingSettings:
    return build_town(tmp_path_factory.mktemp("erasure"))


@pytest.fixture
def erasing(built: ServingSettings, tmp_path: Path) -> Iterator[Erasing]:
    """A town of the test's own, with the subject's data planted in every store."""
    shutil.copytree(built.home, tmp_path, dirs_exist_ok=True)
    made = opened(ServingSettings(home=tmp_path, today=built.today))
    plant(made)
    yield made
    made.engine.dispose()


def opened(settings: ServingSettings) -> Erasing:
    secrets = open_secrets(settings)
    location = StoreLocation(settings.registry_path, settings.offline_path, settings.online_path)
    return Erasing(settings, open_records(settings), secrets, audit_chain(secrets), location, lambda: AT)


def plant(made: Erasing) -> None:
    with writing(made.engine) as connection:
        _plant_rows(made, connection)
    _plant_files(made.settings.home)


def _plant_rows(made: Erasing, connection: object) -> None:
    run = connection.execute  # type: ignore[attr-defined]
    record_identity(connection, made.secrets, ERASED, "resident_id", PLANTED[4], AT)  # type: ignore[arg-type]
    run(scope_item.update().where(scope_item.c.id == "c-li-car").values(label=PLANTED[0]))
    done = {"client_id": "act-1", "subject": ERASED, "kind": "search", "query": PLANTED[1], "at": AT}
    run(insert(interaction).values(**done))
    asked = {"id": "ask-1", "subject": ERASED, "topic": PLANTED[3], "channel": "hotline", "at": AT}
    run(insert(consultation).values(**asked))
    score = {"subject": ERASED, "item": "cs-hf-rent", "score": 5, "source": "hall", "at": AT}
    run(insert(rating).values(**score))
    run(insert(relation).values(subject=ERASED, other="c-wang", kind="guardian", scope="*"))
    message = {
        "key": f"{ERASED}-told", "subject": ERASED, "kind": "reminder", "missing": [], "reason_code": "r",
        "reason_zh": PLANTED[2], "reason_en": "r", "catalogue_version": "v", "created_at": AT,
    }  # fmt: skip
    run(insert(inbox).values(**message))
    push = {
        "key": f"{ERASED}-push", "subject": ERASED, "channel": "email", "topic": "health", "state": "pending",
        "payload": {"text": PLANTED[2]}, "attempts": 0, "created_at": AT, "next_attempt_at": AT,
        "relied_on": [],
    }  # fmt: skip
    run(insert(outbox).values(**push))
    withdraw(connection, ERASED, "rank", ["interactions"], AT)  # type: ignore[arg-type]
    grant(connection, ERASED, "rank", ["interactions"], "1.1", AT)  # type: ignore[arg-type]
    choose_recommendation(connection, ERASED, False, AT)  # type: ignore[arg-type]
    delete_tag(connection, ERASED, "trait:sex", AT)  # type: ignore[arg-type]
    made.audit.append(connection, AuditEntry(AT, "agent", "login-7", "read", ERASED, "assess"))  # type: ignore[arg-type]


def _plant_files(home: Path) -> None:
    attributes = home / "offline/attributes/citizen.self/public-security"
    attributes.mkdir(parents=True, exist_ok=True)  # where the town's registers spoke, too
    said = {"scope_item": [ERASED, "c-wang"], "observed_at": [AT, AT], "sex": ["PLANTED-LABEL", "male"]}
    pl.DataFrame(said).write_parquet(attributes / "1.parquet")
    views = home / "offline/views/citizen_traits"
    views.mkdir(parents=True)
    pl.DataFrame({"scope_item": [ERASED, "c-zhao"], "sex": ["f", "m"]}).write_parquet(views / "1.parquet")
    city = home / "city/default"
    (city / "truth").mkdir(parents=True)
    pl.DataFrame({"id": list(IDS), "owner": [ERASED] * 4, "label": [PLANTED[0]] * 4}).write_parquet(
        city / "scope_items.parquet"
    )
    pl.DataFrame({"subject": [ERASED, "c-wang"], "taste": [0.5, 0.2]}).write_parquet(
        city / "truth/taste.parquet"
    )
    listed = {"showcase": [{"id": ERASED, "kind": "citizen"}, {"id": "c-wang", "kind": "citizen"}]}
    (city / "manifest.json").write_text(json.dumps(listed), "utf-8")
    rejected = home / "quarantine/b-1"
    rejected.mkdir(parents=True)
    with (rejected / "cases.csv").open("w", encoding="utf-8-sig", newline="") as file:
        rows = [["id", "scope_item"], ["x", "c-li-car"], [f"torn {ERASED},{PLANTED[0]}", ""], ["y", "c-limb"]]
        csv.writer(file).writerows(rows)


def leftovers(home: Path, secrets_of: Erasing) -> dict[str, list[str]]:
    """By file, what of the subject can still be read in its bytes, compressed ones unpacked."""
    names = Pseudonyms({"1": b"k" * 32}, "1", "training")
    key = secrets_of.secrets["pseudonym"]
    made = {str(v): k for v, k in key.versions.items()}
    pseudonyms = [Pseudonyms(made, str(key.current), "training").of(ERASED), names.of(ERASED)]
    wanted = [*(f'"{id_}"' for id_ in IDS), *IDS, *PLANTED, *pseudonyms]
    found: dict[str, list[str]] = {}
    files = (path for path in home.rglob("*") if path.is_file())
    # The catalogue is published and knows nobody; "traffic-licence" contains a short id of this town.
    for file in sorted(path for path in files if path.relative_to(home).parts[0] != "catalogue"):
        raw = file.read_bytes()
        if file.suffix == ".parquet":
            raw += pl.read_parquet(file).write_json().encode()
        hits = [word for word in wanted if word.encode() in raw.replace(b"c-limb", b"")]
        if hits:
            found[str(file.relative_to(home))] = hits
    return found


def _rows_of_theirs(folder: Path) -> int:
    frames = [pl.read_parquet(path) for path in folder.rglob("*.parquet")]
    return sum(frame.filter(pl.col("scope_item").is_in(IDS)).height for frame in frames)


def test_nothing_is_left_in_any_byte_of_any_store(erasing: Erasing) -> None:
    home = erasing.settings.home
    assert len(leftovers(home, erasing)) >= 7, "the search must be able to find what is there"
    offline = _rows_of_theirs(home / "offline")
    receipt = erase(erasing, ERASED, role="citizen", actor=ERASED)
    assert leftovers(home, erasing) == {}
    assert {one.store for one in receipt.removed} == {"records", "online store", "files", "audit"}
    counted = {(one.store, one.what): one.count for one in receipt.removed}
    assert counted["records", "outbox cancelled"] == 1
    assert counted["records", "interaction"] == 1
    assert counted["records", "scope_item"] == 4
    assert counted["online store", "packed profiles"] > 0
    assert counted["files", "offline"] == offline > 2
    assert counted["files", "city"] == 6
    assert counted["files", "quarantine"] == 2
    assert counted["audit", "key of the tokens"] == 1


def test_others_keep_all_that_is_theirs(erasing: Erasing) -> None:
    home = erasing.settings.home
    with reading(erasing.engine) as connection:
        before = {s: held_counts(connection, s) for s in ("c-zhao", "e-bakery", "e-soft")}
    online = {id_ for id_ in held(erasing.location) if id_ not in IDS}
    erase(erasing, ERASED, role="citizen", actor=ERASED)
    with reading(erasing.engine) as connection:
        assert {s: held_counts(connection, s) for s in before} == before
    assert set(held(erasing.location)) == online
    left = pl.read_parquet(home / "offline/attributes/citizen.self/public-security/1.parquet")
    assert left["scope_item"].to_list() == ["c-wang"]
    assert json.loads((home / "city/default/manifest.json").read_text("utf-8"))["showcase"] == [
        {"id": "c-wang", "kind": "citizen"}
    ]
    text = (home / "quarantine/b-1/cases.csv").read_text("utf-8-sig")
    assert text.splitlines() == ["id,scope_item", "y,c-limb"]


def test_the_chain_holds_and_its_rows_are_nobody_s(erasing: Erasing) -> None:
    receipt = erase(erasing, ERASED, role="citizen", actor=ERASED)
    with reading(erasing.engine) as connection:
        assert erasing.audit.accesses(connection, ERASED, 10) == ()
        assert (
            connection.execute(select(audit_key.c.subject).where(audit_key.c.subject == ERASED)).all() == []
        )
        rows = connection.execute(select(audit.c.action, audit.c.subject_token, audit.c.detail)).all()
        assert receipt_of(connection, receipt.token) == receipt
    erased = [row for row in rows if row.action == "erased"]
    assert len(erased) == 1
    assert erased[0].detail["erasure"] == receipt.token
    assert erased[0].subject_token


def test_a_restore_from_backup_is_erased_again(erasing: Erasing, tmp_path: Path) -> None:
    home = erasing.settings.home
    backup = tmp_path.parent / f"{tmp_path.name}-backup"
    erasing.engine.dispose()
    with sqlite3.connect(home / "records.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(home, backup)
    erase(erasing, ERASED, role="citizen", actor=ERASED)
    erasing.engine.dispose()
    log = erasing.settings.erasure_log_path.read_bytes()
    for old in backup.iterdir():
        target = home / old.name
        shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
        shutil.copytree(old, target) if old.is_dir() else shutil.copy2(old, target)
    for stray in (*home.glob("*.db-wal"), *home.glob("*.db-shm")):
        stray.unlink()
    restored = opened(ServingSettings(home=home, today=erasing.settings.today))
    assert leftovers(home, restored)
    assert erasing.settings.erasure_log_path.read_bytes() == log, "the log is kept beside the backup"
    receipts = replay(restored, role="operator", actor="replay")
    assert len(receipts) == 1
    assert leftovers(home, restored) == {}
    assert replay(restored, role="operator", actor="replay") == ()
    restored.engine.dispose()


def test_files_alone_brought_back_are_cleared_too(erasing: Erasing) -> None:
    home = erasing.settings.home
    shutil.copytree(home / "offline", home / "kept")
    shutil.move(str(home / "kept"), str(home.parent / f"{home.name}-kept"))
    erase(erasing, ERASED, role="citizen", actor=ERASED)
    shutil.rmtree(home / "offline")
    shutil.copytree(home.parent / f"{home.name}-kept", home / "offline")
    assert leftovers(home, erasing)
    assert replay(erasing, role="operator", actor="replay") == ()
    assert leftovers(home, erasing) == {}


def test_the_log_holds_tokens_alone(erasing: Erasing) -> None:
    erase(erasing, ERASED, role="citizen", actor=ERASED)
    lines = list(erasing.log.lines())
    assert [line.done for line in lines] == [False, True]
    assert set(lines[0].tokens) == {erasure_tokens(erasing.secrets).of(id_) for id_ in IDS}


def test_a_torn_line_of_the_log_hides_no_other(erasing: Erasing) -> None:
    erase(erasing, ERASED, role="citizen", actor=ERASED)
    whole = erasing.log.tokens()
    with erasing.settings.erasure_log_path.open("ab") as file:
        file.write(b'{"at":"2026-')
    assert erasing.log.tokens() == whole


def test_erasing_again_harms_nobody(erasing: Erasing) -> None:
    first = erase(erasing, ERASED, role="citizen", actor=ERASED)
    again = erase(erasing, ERASED, role="citizen", actor=ERASED)
    assert first.token == again.token
    assert all(one.count == 0 for one in again.removed)


def test_every_table_that_names_a_subject_is_reached() -> None:
    """A column that is called like one that names a subject refers to one, or the erasure would miss it."""
    from records.tables import METADATA

    named = {
        table.name
        for table in METADATA.sorted_tables
        if any(column.name in ("subject", "owner", "other", "scope_item") for column in table.columns)
    }
    reached = {table.name for table in personal_tables()}
    assert named - reached == {"audit_key"}, "give these a foreign key to subject.id, or erase them apart"


def test_a_stranger_s_erasure_takes_nothing(erasing: Erasing, engine_counts: dict[str, int]) -> None:
    erase(erasing, "c-nobody", role="operator", actor="op")
    assert counts(erasing.engine) == engine_counts


@pytest.fixture
def engine_counts(erasing: Erasing) -> dict[str, int]:
    return counts(erasing.engine)


def counts(engine: Engine) -> dict[str, int]:
    with reading(engine) as connection:
        return {
            one: len(connection.execute(select(table)).all())
            for one, table in (
                ("subject", subjects),
                ("quarantine", quarantine),
                ("interaction", interaction),
            )
        }
