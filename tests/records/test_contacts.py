"""Addresses: read leniently, kept sealed, used once verified by a code that only their owner can read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert, select

from records.addresses import AddressError, veiled, written
from records.choices import EVERY_THEME, choose_reminders
from records.contacts import contacts_of, rekey_contacts, remove_contact
from records.database import writing
from records.grounds import destination
from records.holdings import held_counts
from records.keys import Secrets, VersionedKey
from records.tables import contact, contact_check, outbox, subject
from records.telling import still_wanted
from records.verification import LIVES, MOST_A_DAY, MOST_ATTEMPTS, TooManyCodes, send_code, take_code
from tests.records.audits import secrets_for_tests

NOON = dt.datetime(2026, 11, 21, 4, 0, tzinfo=dt.UTC)
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
MAIL = "Li.Wei@Example.CN"
SECRETS = secrets_for_tests()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as made:
        made.execute(insert(subject), [{"id": one, "kind": "citizen"} for one in ("c1", "c2", "c3", "c4")])
        yield made


def code_for(connection: Connection, who: str = "c1", at: dt.datetime = NOON) -> str:
    """The code as delivery would send it."""
    waiting = (outbox.c.subject == who, outbox.c.state == "pending")
    [push] = connection.execute(select(outbox.c.id).where(*waiting)).scalars()
    goes = destination(connection, SECRETS, push, at)
    assert goes is not None
    assert goes.code is not None
    return goes.code


def verify(connection: Connection, who: str, text: str = MAIL, at: dt.datetime = NOON) -> None:
    send_code(connection, SECRETS, who, "email", text, at)
    assert take_code(connection, SECRETS, who, "email", code_for(connection, who, at), at) == "verified"


@pytest.mark.parametrize(
    ("channel", "text", "kept", "shown"),
    [
        ("email", " Li.Wei@Example.CN ", "Li.Wei@example.cn", "L***@example.cn"),
        ("sms", "138 0013 8000", "+8613800138000", "138****8000"),
        ("sms", "+86-138-0013-8000", "+8613800138000", "138****8000"),
        ("webhook", "wx_o6_bmj", "wx_o6_bmj", "wx***"),
        ("letter", "北京市东城区\n  某街 1 号", "北京市东城区 某街 1 号", "北京市东城区***"),
    ],
)
def test_an_address_has_one_form(channel: Any, text: str, kept: str, shown: str) -> None:
    assert written(channel, text) == kept
    assert written(channel, kept) == kept
    assert veiled(channel, kept) == shown


@pytest.mark.parametrize(
    ("channel", "text"),
    [
        ("email", "nobody"),
        ("email", "a@b"),
        ("email", "a@b.cn\r\nBcc: c@d.cn"),
        ("email", "a@b.cn, c@d.cn"),
        ("email", f"{'a' * 65}@b.cn"),
        ("email", "a@-b.cn"),
        ("sms", "12800138000"),
        ("sms", "+1 212 555 0100"),
        ("webhook", "https://somewhere.example"),
        ("letter", "近"),
        ("letter", "北京市\x00东城区某街"),
        ("letter", "00000\U00012544"),
    ],
)
def test_what_is_no_address_is_refused_with_what_is_expected(channel: Any, text: str) -> None:
    with pytest.raises(AddressError, match="expected"):
        written(channel, text)


@given(st.text(max_size=80), st.sampled_from(["email", "sms", "webhook", "letter"]))
def test_no_kept_address_can_break_a_line(text: str, channel: Any) -> None:
    try:
        kept = written(channel, text)
    except AddressError:
        return
    assert kept.isprintable()
    assert written(channel, kept) == kept


def test_an_address_is_used_once_its_code_came_back(connection: Connection) -> None:
    ends_at = send_code(connection, SECRETS, "c1", "email", MAIL, NOON)
    assert ends_at == NOON + LIVES["email"]
    [waiting] = contacts_of(connection, SECRETS, "c1", NOON)
    assert (waiting.address, waiting.verified_at) == ("Li.Wei@example.cn", None)
    code = code_for(connection)
    assert take_code(connection, SECRETS, "c2", "email", code, NOON) == "ended"
    assert take_code(connection, SECRETS, "c1", "email", f" {code[:3]} {code[3:]} ", NOON) == "verified"
    [verified] = contacts_of(connection, SECRETS, "c1", NOON)
    assert (verified.address, verified.verified_at) == ("Li.Wei@example.cn", NOON)
    assert take_code(connection, SECRETS, "c1", "email", code, NOON) == "ended", "a code serves once"


def test_neither_address_nor_code_is_kept_in_plain(connection: Connection) -> None:
    send_code(connection, SECRETS, "c1", "email", MAIL, NOON)
    code = code_for(connection)
    kept = [*connection.execute(select(contact_check)).all(), *connection.execute(select(outbox)).all()]
    assert code not in str(kept)
    assert "example" not in str(kept).lower()


def test_a_code_ends_with_time_and_with_wrong_guesses(connection: Connection) -> None:
    send_code(connection, SECRETS, "c1", "email", MAIL, NOON)
    code = code_for(connection)
    late = NOON + LIVES["email"]
    assert take_code(connection, SECRETS, "c1", "email", code, late) == "ended"
    wrong = "000000" if code != "000000" else "111111"
    said = [take_code(connection, SECRETS, "c1", "email", wrong, NOON) for _ in range(MOST_ATTEMPTS)]
    assert said == ["wrong"] * (MOST_ATTEMPTS - 1) + ["ended"]
    assert take_code(connection, SECRETS, "c1", "email", code, NOON) == "ended"


def test_a_new_code_ends_the_one_before(connection: Connection) -> None:
    send_code(connection, SECRETS, "c1", "email", MAIL, NOON)
    first = select(outbox.c.id)
    [old] = connection.execute(first).scalars()
    later = NOON + MINUTE
    send_code(connection, SECRETS, "c1", "email", "other@example.cn", later)
    states = connection.execute(select(outbox.c.state).order_by(outbox.c.id)).scalars().all()
    assert states == ["cancelled", "pending"]
    assert destination(connection, SECRETS, old, later) is None
    assert not still_wanted(connection, old, later)


def test_codes_are_rationed_by_subject_and_by_address(connection: Connection) -> None:
    for n in range(3):
        send_code(connection, SECRETS, f"c{n + 1}", "email", MAIL, NOON)
    with pytest.raises(TooManyCodes) as refused:
        send_code(connection, SECRETS, "c4", "email", MAIL, NOON + MINUTE)
    assert refused.value.until == NOON + DAY
    with pytest.raises(TooManyCodes):
        send_code(connection, SECRETS, "c1", "sms", "13800138000", NOON)
    for n in range(MOST_A_DAY - 1):
        send_code(connection, SECRETS, "c1", "email", f"n{n}@example.cn", NOON + (n + 1) * MINUTE)
    with pytest.raises(TooManyCodes):
        send_code(connection, SECRETS, "c1", "email", "last@example.cn", NOON + 20 * MINUTE)
    send_code(connection, SECRETS, "c1", "email", "last@example.cn", NOON + DAY + 20 * MINUTE)


def test_the_address_in_use_stays_until_the_new_one_is_verified(connection: Connection) -> None:
    verify(connection, "c1")
    later = NOON + 5 * MINUTE
    connection.execute(outbox.delete())
    send_code(connection, SECRETS, "c1", "email", "new@example.cn", later)
    both = {one.address: one.verified_at for one in contacts_of(connection, SECRETS, "c1", later)}
    assert both == {"Li.Wei@example.cn": NOON, "new@example.cn": None}
    assert take_code(connection, SECRETS, "c1", "email", code_for(connection, at=later), later) == "verified"
    [only] = contacts_of(connection, SECRETS, "c1", later)
    assert only.address == "new@example.cn"


def test_removing_an_address_leaves_nothing_of_it(connection: Connection) -> None:
    verify(connection, "c1")
    choose_reminders(connection, "c1", EVERY_THEME, "email", True, NOON)
    connection.execute(outbox.update().values(topic="health", state="pending"))
    assert remove_contact(connection, "c1", "email") == 1
    assert contacts_of(connection, SECRETS, "c1", NOON) == ()


def test_erasure_and_copies_know_of_addresses(connection: Connection) -> None:
    verify(connection, "c1")
    counted = held_counts(connection, "c1")
    assert {name: counted[name] for name in ("contact", "contact_check", "code_sent")} == {
        "contact": 1,
        "contact_check": 0,
        "code_sent": 1,
    }


def test_addresses_and_codes_move_to_a_new_key(connection: Connection) -> None:
    verify(connection, "c1")
    send_code(connection, SECRETS, "c2", "sms", "13800138000", NOON)
    old = SECRETS["identity"]
    new = VersionedKey(9, {**old.versions, 9: bytes(range(32))})
    assert rekey_contacts(connection, new) == 2
    assert rekey_contacts(connection, new) == 0
    for table in (contact, contact_check):
        assert connection.execute(select(table.c.key_version)).scalars().all() == [9]
    only_new = Secrets({**SECRETS.keys, "identity": VersionedKey(9, {9: bytes(range(32))})}, "development")
    [moved] = contacts_of(connection, only_new, "c1", NOON)
    assert moved.address == "Li.Wei@example.cn"
    assert (
        take_code(connection, only_new, "c2", "sms", code_for_new(connection, only_new), NOON) == "verified"
    )


def code_for_new(connection: Connection, secrets: Secrets) -> str:
    [push] = connection.execute(select(outbox.c.id).where(outbox.c.subject == "c2")).scalars()
    goes = destination(connection, secrets, push, NOON)
    assert goes is not None
    return goes.code or ""
