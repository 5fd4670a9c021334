# ruff: noqa: S101 - what must hold under a fault is asserted, as in a test
"""Faults 17, 18 and 25 to 27: killed in mid-push, refused, withdrawn, forged, and of an older version."""

from __future__ import annotations

import base64
import datetime as dt
import json
import threading
import time
from typing import Any, Final

import httpx
import msgspec
from sqlalchemy import func, insert, select, text, update

from benchmarks.faults.gateway import gateway_refuses
from benchmarks.faults.killing import Killing, killing
from benchmarks.faults.online_store import state_of, until_sent
from benchmarks.faults.processes import until
from benchmarks.faults.pushes import applied, mailed_to, message, reachable, tell_one
from benchmarks.faults.register import fault
from benchmarks.faults.stage import Stage, wall
from benchmarks.faults.town import name_of
from catalog.artefact import framed, load
from features.packing import LAYOUT, PackingError, Statement, pack, unpack
from records.consents import withdraw
from records.database import reading, writing
from records.reliance import reliance
from records.tables import audit, audit_view, consent, inbox, outbox
from records.telling import tell
from serving.delivery.signature import keys_of, signed_headers

KILLS, QUICK_KILLS = 50, 3
THINGS, QUICK_THINGS = 100_000, 2_000
FOUND: Final[list[Killing]] = []
"""What came of being killed, for the report."""


@fault(17, "SIGKILL in mid-push", "server, worker and deliverer killed at random while all are at work")
def killed(stage: Stage, quick: bool) -> None:
    """Nothing acknowledged is lost, nothing is applied twice, nothing wrong goes out; all by itself again."""
    things, kills = (QUICK_THINGS, QUICK_KILLS) if quick else (THINGS, KILLS)
    found = killing(stage, things, kills)
    FOUND.append(found)
    assert found.kills >= kills, f"only {found.kills} kills"
    assert found.amid_work == found.kills, f"{found.kills - found.amid_work} kills came when all was done"
    faults = {
        "interactions lost": found.lost_interactions,
        "reminders lost": found.lost_reminders,
        "wrong reminders": found.wrong_reminders,
        "duplicates applied": found.duplicates_applied,
        "answers of 5xx but 503": found.server_errors,
    }
    assert not any(faults.values()), faults
    assert found.email_repeats <= found.deliverer_kills, "more repeats than kills"


@fault(
    18,
    "SMTP refused / SMS 429 / 5xx",
    "the mail server answers 451, then 550; the gateway of short messages 429, 400, then 503",
)
def refused(stage: Stage, quick: bool) -> None:
    """Temporary: later again. Permanent: no more, and the inbox has it. No other channel is used instead."""
    reachable(stage, ["p-451", "p-550"], mailbox="fail-")
    answer = stage.folder / "mail-answer"
    answer.write_text("451 4.3.0 later")
    before = applied(stage).total()
    tell_one(stage, "p-451", "email")

    def failed_once() -> bool:
        with reading(stage.engine) as connection:
            row = connection.execute(
                select(outbox.c.state, outbox.c.failures, outbox.c.next_attempt_at).where(
                    outbox.c.subject == "p-451"
                )
            ).one()
        return bool(row.state == "pending" and row.failures == 1 and row.next_attempt_at > wall())

    until(failed_once, "a temporary failure put off", 30)
    answer.write_text("550 5.1.1 no such mailbox")
    tell_one(stage, "p-550", "email")
    until(lambda: state_of(stage, "p-550") == "failed", "a permanent failure given up", 30)
    answer.unlink()
    with writing(stage.engine) as connection:  # the wait of a minute is over
        mine = outbox.c.subject == "p-451"
        connection.execute(update(outbox).where(mine).values(next_attempt_at=wall()))
    until_sent(stage, "p-451")
    with reading(stage.engine) as connection:
        kept = connection.execute(select(inbox.c.id).where(inbox.c.subject == "p-550")).scalars().all()
    assert len(kept) == 1, "what could not be sent is not in the inbox"
    assert mailed_to(stage, "fail-p-550@example.cn") == 0
    assert applied(stage).total() == before, "another channel was used instead"
    gateway_refuses(stage)


@fault(25, "Withdraw during push", "consents withdrawn while what rests on them is being sent")
def withdrawn(stage: Stage, quick: bool) -> None:
    """Nothing is handed over after the withdrawal was committed (but what was in the line that moment)."""
    number = 60 if quick else 1_000
    names = [f"w-{n:04d}" for n in range(number)]
    reachable(stage, names)
    grounds = reliance("remind", "attributes:ordinary")
    given = {"purpose": "remind", "target": "attributes:ordinary", "text_version": "1"}
    with writing(stage.engine) as connection:
        rows = [{"subject": name, **given, "granted_at": wall() - dt.timedelta(days=1)} for name in names]
        connection.execute(insert(consent), rows)
    committed: dict[str, float] = {}

    def withdraw_all() -> None:
        for name in names:
            with writing(stage.engine) as connection:
                withdraw(connection, name, "remind", ["attributes:ordinary"], wall())
            committed[name] = time.time()

    with writing(stage.engine) as connection:
        tell(connection, [message(name, "w", "sms", relied_on=(grounds,)) for name in names], wall())
    racing = threading.Thread(target=withdraw_all)
    racing.start()
    racing.join()
    settled = outbox.c.subject.in_(names), outbox.c.state.in_(("pending", "sending"))

    def none_waits() -> bool:
        with reading(stage.engine) as connection:
            return connection.execute(select(outbox.c.id).where(*settled).limit(1)).first() is None

    until(none_waits, "the end of what was withdrawn", 60)
    late = [name for name, at in _handed_at(stage, names).items() if at > committed[name] + 0.25]
    assert not late, f"{len(late)} of {number} were handed over after the withdrawal"
    again = message(names[0], "after", "sms", relied_on=(grounds,))
    with writing(stage.engine) as connection:
        assert tell(connection, [again], wall()).pushes == 0, "told although the consent is gone"


def _handed_at(stage: Stage, names: list[str]) -> dict[str, float]:
    """When what was told to each subject was applied."""
    import sqlite3
    from contextlib import closing

    with reading(stage.engine) as connection:
        mine = select(outbox.c.key, outbox.c.subject).where(outbox.c.subject.in_(names))
        keys = {row.key: row.subject for row in connection.execute(mine)}
    with closing(sqlite3.connect(stage.ledger)) as ledger:
        return {keys[key]: at for key, at in ledger.execute("SELECT key, at FROM applied") if key in keys}


@fault(26, "Replayed or forged webhook or token", "an old timestamp, a wrong signature, an altered token")
def forged(stage: Stage, quick: bool) -> None:
    """Refused outside five minutes, and nothing of it applied; what is replayed within them, only once."""
    address, before = stage.environment["QIANMIAN_SMS_GATEWAY"], applied(stage).total()
    keys = keys_of(stage.environment["QIANMIAN_SMS_SECRET"])
    other = keys_of(f"whsec_{base64.b64encode(bytes(range(32))).decode()}")
    one = {
        "key": "forged",
        "to": "+8613800000000",
        "template": "reminder",
        "title": {"zh": "一", "en": "a"},
        "text": {"zh": "一", "en": "a"},
        "link": "/",
        "delicate": False,
    }
    body = json.dumps({"version": "1", "channel": "sms", "messages": [one]}).encode()
    now = int(time.time())
    for headers in (
        signed_headers(keys, "old", now - 301, body),
        # Ahead by more than the five minutes however slowly this machine gets there.
        signed_headers(keys, "ahead", now + 400, body),
        signed_headers(other, "other", now, body),
        signed_headers(keys, "changed", now, body + b" "),
        {},
    ):
        assert httpx.post(address, content=body, headers=headers).status_code == 401, headers
    assert applied(stage).total() == before
    mine = signed_headers(keys, "mine", now, body)
    assert [httpx.post(address, content=body, headers=mine).status_code for _ in range(3)] == [200] * 3
    assert (applied(stage).total(), applied(stage)["forged"]) == (before + 1, 1), "a replay was applied"
    token = stage.program.token()
    path = f"/v1/citizens/{name_of(1)}/homepage"
    spoilt = (token[:-3] + "abc", token.rpartition(".")[0] + ".", "no-token")
    noted = _refusals(stage)
    for each in spoilt:
        headers = {"Authorization": f"Bearer {each}"}
        assert stage.program.client.get(path, headers=headers).status_code == 401
    until(lambda: _refusals(stage) >= noted + len(spoilt), "the refusals on record", 30)


def _refusals(stage: Stage) -> int:
    """How many refusals the audit holds, by themselves and sealed with others."""
    with reading(stage.engine) as connection:
        return sum(
            connection.execute(
                select(func.count()).select_from(table).where(table.c.action == "refused")
            ).scalar_one()
            for table in (audit, audit_view)
        )


@fault(27, "Mixed versions in a rolling deploy", "rows as the version before wrote them, and packets of both")
def mixed_versions(stage: Stage, quick: bool) -> None:
    """What n-1 wrote n delivers; what n-1 does not know is left alone, and an unknown layout is said so."""
    reachable(stage, ["p-old"])
    with writing(stage.engine) as connection:
        told = text(
            "INSERT INTO inbox (key, subject, kind, missing, reason_code, reason_zh, reason_en, "
            "catalogue_version, created_at) VALUES ('old-one', 'p-old', 'reminder', '[]', 'due', "
            "'证件快到期了', 'It expires', 'v0', now()) RETURNING id"
        )
        id_ = connection.execute(told).scalar_one()
        payload: dict[str, Any] = {
            "template": "reminder",
            "names_zh": "换领证件",
            "names_en": "Renew",
            "reason_zh": "证件快到期了",
            "reason_en": "It expires",
            "due_on": None,
            "delicate": False,
            "inbox": id_,
            "link": "/",
        }
        pushed = text(
            "INSERT INTO outbox (key, subject, inbox, channel, topic, payload, state, attempts, created_at, "
            "next_attempt_at, relied_on) VALUES ('old-push', 'p-old', :inbox, 'email', 'faults', :payload, "
            "'pending', 0, now(), now(), '[]')"
        )
        connection.execute(pushed, {"inbox": id_, "payload": json.dumps(payload)})
    until_sent(stage, "p-old")
    packet = pack(Statement(wall(), {"birth_date": dt.date(1990, 1, 1), "unknown_to_n": 1.0}))
    assert unpack(packet).attributes["unknown_to_n"] == 1.0, "n does not read what n+1 adds"
    try:
        unpack(packet.replace(bytes([LAYOUT]), bytes([LAYOUT + 1]), 1))
    except PackingError:
        pass
    else:
        raise AssertionError("a packet of another layout was read as if it were ours")
    _rules_both_ways(stage)


def _rules_both_ways(stage: Stage) -> None:
    """A catalogue with a field more, as n+1 writes it, or one less, as n-1 did, is the same one to n."""
    content = msgspec.msgpack.decode(msgspec.msgpack.encode(stage.catalogue))
    without = {name: value for name, value in content.items() if name != "synthetic"}
    path = stage.folder / "of-another-version.msgpack"
    for each in ({**content, "unknown_to_n": 1}, without):
        path.write_bytes(framed(msgspec.msgpack.encode(each)))
        assert load(path) == stage.catalogue, "n does not read the rules of another version"
