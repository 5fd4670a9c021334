# ruff: noqa: S101 - what must hold under a fault is asserted, as in a test
"""Faults 9, 10 and 23: clocks that are wrong, days that are odd, certificates and keys that end."""

from __future__ import annotations

import datetime as dt
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from benchmarks.faults.online_store import state_of, until_sent
from benchmarks.faults.processes import Child, until
from benchmarks.faults.pushes import reachable, tell_one
from benchmarks.faults.register import fault
from benchmarks.faults.stage import Stage, wall
from catalog.anniversary import add_months, years_between
from catalog.deadline import parse_deadline
from catalog.duty import Duty
from models.standing.business_day import business_date
from models.standing.windows import anchored_window, neighbours
from models.standing.working_days import published_calendar
from records.clock_skew import ClockWatch
from records.database import reading
from records.keys import SecretsError, open_secrets
from serving.certificates import endings
from serving.identity.tokens import LEEWAY

INSTALLER: Final = Path(__file__).resolve().parents[2] / "deploy" / "debian-packages.sh"


def faketime() -> Path:
    """The library that shifts a process's clock, of the Debian package `libfaketime`.

    Installed where it is missing. CalledProcessError where it cannot be: the installer says what to run.
    """
    if (found := _installed()) is None:
        subprocess.run(["sh", str(INSTALLER), "libfaketime"], check=True)
        found = _installed()
    assert found is not None, "libfaketime is not where its Debian package puts it, in /usr/lib/*/faketime"
    return found


def _installed() -> Path | None:
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


@fault(9, "Clock skew", "the deliverer under libfaketime, ten minutes ahead")
def skewed(stage: Stage, quick: bool) -> None:
    """Beyond a minute nothing is pushed; what waited goes once the clocks agree; tokens bear a minute."""
    watch = ClockWatch(lambda: wall() + dt.timedelta(minutes=10))
    with reading(stage.engine) as connection:
        assert not watch.pushing_may_go(connection)
        for minutes in (-10, 24 * 60, -24 * 60):
            off = _wall_and(dt.timedelta(minutes=minutes))
            assert not ClockWatch(off).pushing_may_go(connection), f"{minutes} minutes off"
        assert ClockWatch(wall).pushing_may_go(connection)
        assert ClockWatch(lambda: wall() - dt.timedelta(seconds=30)).pushing_may_go(connection)
    assert dt.timedelta(seconds=60) == LEEWAY
    library = faketime()
    reachable(stage, ["p-skew"])
    stage.deliverer.stop()
    # The wrapper `faketime` leaves its child behind when killed; what it sets is set here. Waits stay true.
    ahead = {"LD_PRELOAD": str(library), "FAKETIME": "+10m"}
    ahead |= dict.fromkeys(("FAKETIME_DONT_FAKE_MONOTONIC", "DONT_FAKE_MONOTONIC"), "1")
    late = Child("deliverer-ahead", stage.deliverer.command, stage.folder, stage.environment)
    late.start(more=ahead)
    try:
        until(lambda: "clocks_disagree" in late.log(), "the pause of a deliverer whose clock is wrong", 300)
        tell_one(stage, "p-skew", "email")
        time.sleep(3)
        assert state_of(stage, "p-skew") == "pending", "pushed by a wrong clock"
    finally:
        late.kill()
        stage.deliverer.start()
    until_sent(stage, "p-skew", 300)


def _wall_and(more: dt.timedelta) -> Callable[[], dt.datetime]:
    return lambda: wall() + more


@fault(10, "Calendar edges", "a table of year ends, 29 February, moved working days and rolled windows")
def calendar_edges(stage: Stage, quick: bool) -> None:
    """Dates to the day, against a table; the same rules are held in tests/models/standing in full."""
    day, calendar = dt.date.fromisoformat, published_calendar()
    assert add_months(day("2026-01-31"), 1) == day("2026-02-28")
    assert add_months(day("2024-01-31"), 1) == day("2024-02-29")
    assert years_between(day("2008-02-29"), day("2026-02-28")) == 17 + _counts_28(day)
    # 2026-02-14 is a Saturday that is worked for the Spring Festival, 2026-10-10 one for the National Day.
    assert calendar.is_working(day("2026-02-14")) and calendar.is_working(day("2026-10-10"))
    assert not calendar.is_working(day("2026-10-07"))
    assert calendar.roll(day("2026-10-01")) == day("2026-10-08")
    for rule, anchor, opens, due in (
        ("within(child_birth_date,+1M)", "2026-01-31", "2026-01-31", "2026-02-28"),
        ("within(established_date,+30D)", "2026-12-15", "2026-12-15", "2027-01-14"),
        ("window(driver_licence_expiry_date,-90D,+0D)", "2027-01-01", "2026-10-03", "2027-01-01"),
        # Fifteen days before the Chinese New Year of 2026.
        ("window(driver_licence_expiry_date,-15D,+0D)", "2026-02-17", "2026-02-02", "2026-02-17"),
    ):
        found = anchored_window(Duty(expression=rule, rule=parse_deadline(rule)), day(anchor), calendar)
        assert (found.opens_on, found.due_on) == (day(opens), day(due)), rule
    tax = Duty(expression="annual(01-01..05-31)", rule=parse_deadline("annual(01-01..05-31)"), rolls=True)
    [settling] = neighbours(tax, None, day("2026-05-31"), calendar).open
    assert (settling.due_on, settling.provisional) == (day("2026-06-01"), False), "31 May 2026 is a Sunday"
    new_year = dt.datetime(2026, 12, 31, 16, 0, tzinfo=dt.UTC)
    assert business_date(new_year) == day("2027-01-01")
    assert business_date(new_year - dt.timedelta(seconds=1)) == day("2026-12-31")


def _counts_28(day: object) -> int:
    """Whether whoever was born on 29 February is a year older on 28 February of a common year: our rule."""
    born, on = dt.date(2008, 2, 29), dt.date(2026, 3, 1)
    assert years_between(born, on) == 18
    return years_between(born, dt.date(2026, 2, 28)) - 17


@fault(
    23,
    "Certificates and keys that end",
    "certificates with 40, 20, 5 and 1 days left, and none; keys taken away",
)
def ending(stage: Stage, quick: bool) -> None:
    """Told 30 and 7 days before; without keys nothing opens, so that nothing falls back to plaintext."""
    now = wall()
    files = [_certificate(stage.folder / f"{left}.pem", now, left) for left in (40, 20, 5, 1, 0)]
    (stage.folder / "broken.pem").write_text("no certificate")
    found = endings([*files, stage.folder / "broken.pem"], now)
    assert [(one.name, one.urgent) for one in found] == [
        ("20.pem", False),
        ("5.pem", True),
        ("1.pem", True),
        ("0.pem", True),
        ("broken.pem", True),
    ]
    lost = stage.folder / "keys.toml"
    lost.write_text('made_for = "production"\n')
    try:
        open_secrets(stage.settings.model_copy(update={"secrets_file": lost}))
    except SecretsError:
        return
    raise AssertionError("opened without keys")


def _certificate(path: Path, now: dt.datetime, days: int) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "faults")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=90))
        .not_valid_after(now + dt.timedelta(days=days, minutes=-1 if days == 0 else 0))
        .sign(key, hashes.SHA256())
    )
    from cryptography.hazmat.primitives.serialization import Encoding

    path.write_bytes(made.public_bytes(Encoding.PEM))
    return path
