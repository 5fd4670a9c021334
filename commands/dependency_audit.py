"""`make audit`: every locked package is held against known vulnerabilities, and none may go unaudited.

pip-audit ends well when it could look nothing up, so its word alone is not taken: each line of the lock
must be found in its report. Where no service can be reached, a copy of the PyPA advisory database does.
"""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from packaging.version import Version

from commands.console import OUT, Refusal

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
_MODIFIED = re.compile(r"^modified: .?(\d{4}-\d\d-\d\d)", re.MULTILINE)
_FEWEST_PACKAGES = 500
"""A copy of the advisory database with fewer packages is not whole."""
_OLDEST = dt.timedelta(days=30)
"""A copy whose latest advisory is older says nothing of today's vulnerabilities."""


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of each package that was looked up."""

    audited: Mapping[str, tuple[str, ...]]
    """Advisories by package; empty where there is none."""


def pinned(lock: str) -> dict[str, str]:
    """Every package of a lock and its version, whatever machine it is for."""
    return {_name(name): version for name, version in _PIN.findall(lock)}


def unaudited(pins: Mapping[str, str], report: Report) -> list[str]:
    """The packages that the report says nothing about."""
    return sorted(set(pins) - set(report.audited))


def report_of(written: bytes) -> Report:
    """What a report of pip-audit says; what it skipped counts as not audited."""
    audited = {}
    for each in msgspec.json.decode(written)["dependencies"]:
        if "skip_reason" not in each:
            audited[_name(each["name"])] = tuple(advisory["id"] for advisory in each["vulns"])
    return Report(audited)


def ask_pip_audit(pins: Mapping[str, str]) -> Report:
    """pip-audit's report on the packages, markers and all."""
    with tempfile.TemporaryDirectory() as folder:
        wanted, answer = Path(folder) / "pins.txt", Path(folder) / "report.json"
        wanted.write_text("".join(f"{name}=={version}\n" for name, version in pins.items()), "utf-8")
        options = ("--disable-pip", "--no-deps", "--progress-spinner", "off", "-f", "json", "-o", str(answer))
        ran = subprocess.run(  # noqa: S603
            (sys.executable, "-m", "pip_audit", "-r", str(wanted), *options),
            capture_output=True,
            text=True,
            check=False,
        )
        if not answer.exists():
            raise Refusal(f"pip-audit told nothing: {ran.stderr.strip()[-500:]}")
        return report_of(answer.read_bytes())


def read_advisories(pins: Mapping[str, str], database: Path, on: dt.date) -> Report:
    """What a copy of the PyPA advisory database (its folder `vulns`) says of the packages."""
    folders = {_name(folder.name): folder for folder in database.iterdir() if folder.is_dir()}
    if len(folders) < _FEWEST_PACKAGES:
        raise Refusal(f"{database} holds advisories on {len(folders)} packages only: it is no whole copy")
    texts = (file.read_text("utf-8") for file in database.rglob("*.yaml"))
    latest = max((day for text in texts for day in _MODIFIED.findall(text)), default="1970-01-01")
    if dt.date.fromisoformat(latest) < on - _OLDEST:
        raise Refusal(f"the latest advisory in {database} is of {latest}: get a newer copy")
    audited = {}
    for name, version in pins.items():
        files = sorted(folders[name].glob("*.yaml")) if name in folders else []
        found = [msgspec.yaml.decode(file.read_bytes()) for file in files]
        audited[name] = tuple(each["id"] for each in found if touches(each, name, version))
    return Report(audited)


def touches(advisory: Mapping[str, Any], name: str, version: str) -> bool:
    """Whether an advisory (OSV) that was not withdrawn concerns this version."""
    if advisory.get("withdrawn"):
        return False
    mine = [each for each in advisory["affected"] if _name(each["package"]["name"]) == name]
    listed = {found for each in mine for found in each.get("versions", ())}
    ranges = [r for each in mine for r in each.get("ranges", ()) if r["type"] == "ECOSYSTEM"]
    return version in listed or any(_within(Version(version), r["events"]) for r in ranges)


def _within(version: Version, events: list[Mapping[str, str]]) -> bool:
    within = False
    for event in events:
        if "introduced" in event and (event["introduced"] == "0" or version >= Version(event["introduced"])):
            within = True
        if "fixed" in event and version >= Version(event["fixed"]):
            within = False
        if "last_affected" in event and version > Version(event["last_affected"]):
            within = False
    return within


def _name(written: str) -> str:
    return re.sub(r"[-_.]+", "-", written).lower()


def main(
    lock: Annotated[Path, typer.Argument(help="The lock.")] = Path("requirements.lock"),
    advisories: Annotated[
        Path | None, typer.Option(help="The `vulns` folder of a copy of the PyPA advisory database.")
    ] = None,
) -> None:
    """Fail when a locked package is vulnerable, or was not looked up."""
    pins = pinned(lock.read_text("utf-8"))
    report = (
        ask_pip_audit(pins)
        if advisories is None
        else read_advisories(pins, advisories, dt.datetime.now(dt.UTC).date())
    )
    silent = unaudited(pins, report)
    if silent:
        raise Refusal(
            f"{len(silent)} of {len(pins)} packages were not audited: {', '.join(silent[:8])} ... Where no "
            "advisory service can be reached, name a copy of the PyPA advisory database with --advisories"
        )
    known = {name: found for name, found in report.audited.items() if found}
    if known:
        raise Refusal("; ".join(f"{name} {pins[name]}: {', '.join(f)}" for name, f in sorted(known.items())))
    OUT.print(f"[green]✓[/] {len(pins)} packages audited, no known vulnerability", highlight=False)


if __name__ == "__main__":
    typer.run(main)
