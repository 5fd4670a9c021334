# ruff: noqa: S101 - what must hold under a fault is asserted, as in a test
"""Faults 19 to 21: a register that fails, a catalogue that is broken, a parameter ten times too high."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.faults.processes import until
from benchmarks.faults.register import fault
from benchmarks.faults.stage import Stage, wall
from benchmarks.faults.town import CITIZENS, DATA, build_households, name_of
from benchmarks.faults.visitor import Program, Visitor
from catalog import artefact
from catalog.faults import CatalogueError
from catalog.loader import load_catalogue
from features.forgetting import key_of
from pipelines.catalogue_change.activation import Held, activate
from pipelines.catalogue_change.hold import ApprovalRefused, approve
from pipelines.ingest import IngestRefused, ingest

LINE: Final = "param_subsistence_line_month"
LAST_GOOD: Final = "事项目录的最新版本有问题"


@fault(19, "Slow or failing register", "one register's file broken beside others; a fact told wrongly")
def failing_register(stage: Stage, quick: bool) -> None:
    """The others are taken in; pages do not wait for any register; what it tells wrongly can be disputed."""
    import polars as pl

    home = stage.settings.model_copy(
        update={
            "home": stage.folder / "registers",
            "records_url": f"sqlite:///{stage.folder / 'registers.db'}",
        }
    )
    drop = stage.folder / "registers-drop"
    statements = stage.settings.attributes_path
    (drop / "attributes").mkdir(parents=True)
    (drop / "subjects.csv").write_text(f"subject,kind\n{name_of(1)},citizen\n", "utf-8")
    (drop / "scope_items.csv").write_text(f"id,scope,owner,label\n{name_of(1)},self,{name_of(1)},\n", "utf-8")
    for register in ("public-security", "traffic"):
        [file] = sorted((statements / "citizen.self" / register).glob("*.parquet"))[:1]
        target = drop / "attributes" / f"citizen.self.{register}.parquet"
        pl.read_parquet(file).filter(pl.col("scope_item") == name_of(1)).write_parquet(target)
    broken = drop / "attributes" / "citizen.self.traffic.parquet"
    broken.write_bytes(broken.read_bytes()[:50])
    try:
        report = ingest(drop, home, stage.catalogue, wall())
    except IngestRefused as refused:
        report = refused.report
    assert any("traffic" in one.file for one in report.refused), "the broken file was taken in"
    taken = sorted(path.name for path in (home.attributes_path / "citizen.self").glob("*"))
    assert taken == ["public-security"], f"taken in: {taken}"
    _disputed(stage, name_of(12))
    with Visitor(stage.settings, name_of(12)) as visitor:
        page = visitor.homepage()
    assert page.status == 200 and page.seconds < 2


def _disputed(stage: Stage, who: str) -> None:
    """Noted for whoever answers for the register; nothing is written back into what the register said."""
    before = stage.redis.hgetall(key_of(who))
    program = Program(stage.settings, f"citizen:{who}")
    wrong = {"kind": "correct", "said": "准驾车型不对", "attribute": "driver_licence_class"}
    asked = program.ask("POST", f"/v1/citizens/{who}/privacy/requests", json=wrong)
    program.close()
    assert asked.status_code in (200, 201), asked.text
    assert (asked.json()["state"], asked.json()["attribute"]) == ("open", "driver_licence_class")
    assert before and stage.redis.hgetall(key_of(who)) == before, "a dispute changed what a register said"


@fault(
    20,
    "Catalogue bad update",
    "a syntax error, a missing field, an unknown attribute, an event that comes back to a step, a policy "
    "that ends before it begins; the artefact damaged",
)
def bad_catalogue(stage: Stage, quick: bool) -> None:
    """A broken version is refused whole; a damaged artefact leaves the last good one serving, marked."""
    source = stage.folder / "catalogue-source"
    shutil.copytree(DATA, source)
    spoilt = [file.name for file in _spoil(source)]
    try:
        load_catalogue(source)
    except CatalogueError as refused:
        told = str(refused)
        assert all(name in told for name in spoilt), f"not all of {spoilt} are named: {told[:2000]}"
    else:
        raise AssertionError("a broken catalogue was loaded")
    assert "catalogue_last_good" in stage.spare.troubles()
    status = Program(stage.spare.settings).status()
    assert status["catalogue_version"] == stage.catalogue.version
    with Visitor(stage.spare.settings, name_of(1)) as visitor:
        page = visitor.homepage()
    assert page.status == 200 and LAST_GOOD in page.text
    if not quick:
        _damaged_in_use(stage)


def _damaged_in_use(stage: Stage) -> None:
    """The server that served by it is started again, twice: on the damaged one, and on a good one."""
    good = stage.settings.catalogue_path.read_bytes()
    stage.settings.catalogue_path.write_bytes(good[: len(good) // 2])
    try:
        stage.server.stop()
        stage.server.start()
        assert "catalogue_last_good" in stage.program.troubles()
        assert stage.program.status()["catalogue_version"] == stage.catalogue.version
        with Visitor(stage.settings, name_of(13)) as visitor:
            page = visitor.homepage()
        assert page.status == 200 and LAST_GOOD in page.text
    finally:
        artefact.save(stage.catalogue, stage.settings.catalogue_path)
    stage.server.stop()
    stage.server.start()
    until(lambda: "catalogue_last_good" not in stage.program.troubles(), "the end of the alarm", 30)


def _spoil(source: Path) -> Iterator[Path]:
    """Break one file after another, each in a way of its own."""
    services = sorted((source / "public_services").glob("*.yaml"))
    ways: list[tuple[Path, str, str]] = [
        (services[0], r"\Z", "\n  : [\n"),
        (services[1], r"(?m)^names:.*\n(?: .*\n)*", ""),
        (services[2], r"(?m)^( +when: ).*$", r"\1no_such_attribute = TRUE"),
        (source / "events" / "le-annual-compliance.yaml", r"(?m)^( +- - )({service: es-cit-annual.*)$",
         r"\1{service: es-annual-report}"),
        (sorted((source / "support_policies").glob("*.yaml"))[0], r"\A",
         "valid_from: '2026-01-01'\nvalid_to: '2025-01-01'\n"),
    ]  # fmt: skip
    for file, what, instead in ways:
        before = file.read_text("utf-8")
        if what == r"\A":
            before = re.sub(r"(?m)^valid_(from|to):.*\n", "", before)
        after = re.sub(what, instead, before, count=1)
        assert after != before, f"{file.name} was not spoilt"
        file.write_text(after, "utf-8")
        yield file


@fault(
    21, "Parameter change", "the line of subsistence (低保) set ten times too high, on recorded households"
)
def parameter(stage: Stage, quick: bool) -> None:
    """Held back until two people have agreed, one of them twice is not two; the catalogue in use stays."""
    url = f"sqlite:///{stage.folder / 'households.db'}"
    settings = stage.settings.model_copy(update={"home": stage.folder / "households", "records_url": url})
    build_households(settings, stage.catalogue, wall())
    known = stage.catalogue.parameters[LINE]
    values = tuple(msgspec.structs.replace(one, value=10 * one.value) for one in known.values)
    parameters = {**stage.catalogue.parameters, LINE: msgspec.structs.replace(known, values=values)}
    new = msgspec.structs.replace(stage.catalogue, version="10" * 8, parameters=parameters)
    day, folder = wall().date(), settings.catalogue_changes_path
    try:
        activate(settings, new, day)
        raise AssertionError("a change that touches everybody took effect by itself")
    except Held as held:
        assert held.hold.impact.largest_share > settings.catalogue_change_limit
        gained = [one for one in held.hold.impact.items if one.item == "cs-minimum-living"]
        assert [(one.before, one.after, one.scope_items) for one in gained] == [
            ("not_eligible", "eligible", CITIZENS)
        ], f"the page of the difference does not tell who gains: {held.hold.impact.items}"
    assert artefact.load(settings.catalogue_path).version == stage.catalogue.version
    assert not approve(folder, new.version, "Li Wei", wall()).open
    try:
        approve(folder, new.version, "ＬＩ　ＷＥＩ", wall())
        raise AssertionError("one person approved twice")
    except ApprovalRefused:
        assert approve(folder, new.version, "Wang Fang", wall()).open
