# ruff: noqa: S101 - what must hold under a fault is asserted, as in a test
"""Subjects who can be reached, and what they are told: through the only doors there are."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import Any, Final

from sqlalchemy import insert

from benchmarks.faults.stage import Stage, wall
from catalog.vocabulary import Names
from models.recommendation import Reason
from records.choices import EVERY_THEME
from records.contacts import sealed
from records.database import writing
from records.inbox import Message
from records.keys import open_secrets
from records.tables import contact, pace, reminder_choice, scope_item, subject
from records.tables.vocabulary import AddressChannel
from records.telling import message_key, tell
from serving.delivery.by_file import manifests

CHANNELS: Final[tuple[AddressChannel, ...]] = ("email", "sms", "letter")
MOST_A_DAY: Final = 50


def known(stage: Stage, names: Sequence[str]) -> None:
    """New subjects, of whom nothing else is known."""
    with writing(stage.engine) as connection:
        connection.execute(insert(subject), [{"id": name, "kind": "citizen"} for name in names])
        own = [{"id": name, "scope": "self", "owner": name} for name in names]
        connection.execute(insert(scope_item), own)


def reachable(stage: Stage, names: Sequence[str], mailbox: str = "") -> None:
    """New subjects with verified addresses who want everything by these channels, at any hour."""
    known(stage, names)
    key, since = open_secrets(stage.settings)["identity"], wall() - dt.timedelta(days=9)
    places = {"email": f"{mailbox}{{0}}@example.cn", "sms": "+86138{1:08d}", "letter": "示例街 {1} 号"}
    with writing(stage.engine) as connection:
        paces = {"most_a_day": MOST_A_DAY, "quiet_from": 0, "quiet_until": 0, "digest": "none"}
        connection.execute(insert(pace), [{"subject": name, **paces, "changed_at": since} for name in names])
        wanted = {"theme": EVERY_THEME, "wanted": True, "changed_at": since}
        choices = [{"subject": name, "channel": way, **wanted} for name in names for way in CHANNELS]
        connection.execute(insert(reminder_choice), choices)
        rows: list[dict[str, Any]] = []
        for number, name in enumerate(names):
            for way, form in places.items():
                kept = sealed(key, form.format(name, number), "contact", "ciphertext", name, way)
                row = {"subject": name, "channel": way, "ciphertext": kept}
                rows.append({**row, "key_version": key.current, "verified_at": since})
        connection.execute(insert(contact), rows)


def message(name: str, what: str, channel: AddressChannel, **more: Any) -> Message:
    """A message worth pushing by one channel."""
    told: dict[str, Any] = {
        "key": message_key(name, what),
        "subject": name,
        "reason": Reason("due", Names(zh="证件快到期了", en="A document expires soon")),
        "catalogue_version": "faults",
        "names": Names(zh=f"换领证件 {what}", en=f"Renew {what}"),
        "topic": "faults",
        "required": True,
        "channels": frozenset({channel}),
        "relied_on": (),
    }
    return Message(**{**told, **more})


def tell_one(stage: Stage, name: str, channel: AddressChannel, what: str = "one", **more: Any) -> str:
    """Tell one thing; its key."""
    one = message(name, what, channel, **more)
    with writing(stage.engine) as connection:
        pushed = tell(connection, [one], wall()).pushes
    assert pushed == 1, f"{pushed} pushes wait where one should"
    return one.key


def mailed(stage: Stage) -> Counter[str]:
    """How often each Message-ID was taken by the mail server."""
    if not stage.letters.exists():
        return Counter()
    lines = stage.letters.read_text("utf-8").splitlines()
    return Counter(line.split("\t")[0] for line in lines if line)


def mailed_to(stage: Stage, address: str) -> int:
    """How many letters went to an address."""
    if not stage.letters.exists():
        return 0
    return sum(line.endswith(f"\t{address}") for line in stage.letters.read_text("utf-8").splitlines())


def applied(stage: Stage) -> Counter[str]:
    """How often the receiver of short messages applied each key."""
    with closing(sqlite3.connect(stage.ledger, timeout=30)) as connection:
        return Counter(key for (key,) in connection.execute("SELECT key FROM applied"))


def handed_over(stage: Stage) -> int:
    """How many short messages were handed over, repeats included."""
    with closing(sqlite3.connect(stage.ledger, timeout=30)) as connection:
        return int(connection.execute("SELECT count(*) FROM handed_over").fetchone()[0])


def printed(stage: Stage) -> Counter[str]:
    """How often each key lies in the folder of letters."""
    if not stage.printed.exists():
        return Counter()
    return Counter(key for _, manifest in manifests(stage.printed) for key in manifest.keys)


def pushed_keys(ids: Iterable[str]) -> set[str]:
    """The keys within Message-IDs."""
    return {id_.strip("<>").partition("@")[0] for id_ in ids}
