# ruff: noqa: S101 - what must hold under a fault is asserted, as in a test
"""Faults 19 to 21: a register that fails, a catalogue that is broken, a parameter ten times too high."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

import catalog
from benchmarks.faults.processes import until
from benchmarks.faults.register import fault
from benchmarks.faults.stage import Stage, wall
from benchmarks.faults.town import name_of
from benchmarks.faults.visitor import Visitor
from catalog import artefact
from catalog.faults import CatalogueError
from catalog.loader import load_catalogue
from pipelines.catalogue_change.activation import Held, activate
from pipelines.catalogue_change.hold import ApprovalRefused, approve
from pipelines.ingest import IngestRefused, ingest

DATA: Final = Path(catalog.__file__).parent / "data"
LAST_GOOD: Final = "事项目录的最新版本有问题"


@fault(19, "Slow or failing register", "one register's file broken beside others that are whole")
def failing_register(stage: Stage, quick: bool) -> None:
    """The others are taken in; what the broken one said before stays; pages do not wait for any register."""
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
    with Visitor(stage.settings, name_of(12)) as visitor:
        page = visitor.homepage()
    assert page.status == 200 and page.seconds < 2


@fault(
    20, "Catalogue bad update", "a syntax error, a missing field, an unknown attribute; the artefact damaged"
)
def bad_catalogue(stage: Stage, quick: bool) -> None:
    """A broken version is refused whole; a damaged artefact leaves the last good one serving, marked."""
    source = stage.folder / "catalogue-source"
    shutil.copytree(DATA, source)
    some = sorted((source / "public_services").rglob("*.yaml"))[:3]
    some[0].write_text(some[0].read_text("utf-8") + "\n  : [\n", "utf-8")
    some[1].write_text(re.sub(r"(?m)^names:.*\n(?: .*\n)*", "", some[1].read_text("utf-8")), "utf-8")
    try:
        load_catalogue(source)
    except CatalogueError as refused:
        told = str(refused)
        assert some[0].name in told, "the file at fault is not named"
    else:
        raise AssertionError("a broken catalogue was loaded")
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
    if not quick:
        stage.server.stop()
        stage.server.start()
        until(lambda: "catalogue_last_good" not in stage.program.troubles(), "the end of the alarm", 30)


@fault(21, "Parameter change", "an age in the rules set ten times too low, on the recorded people")
def parameter(stage: Stage, quick: bool) -> None:
    """Held back until two people have agreed, one of them twice is not two; the catalogue in use stays."""
    source = stage.folder / "catalogue-changed"
    shutil.copytree(DATA, source)
    changed = 0
    for file in sorted((source / "public_services").rglob("*.yaml")):
        text = file.read_text("utf-8")
        if "age >= 60" in text:
            file.write_text(text.replace("age >= 60", "age >= 6"), "utf-8")
            changed += 1
    assert changed, "no rule was changed"
    new, day = load_catalogue(source), wall().date()
    folder = stage.settings.catalogue_changes_path
    try:
        activate(stage.settings, new, day)
        raise AssertionError("a change that touches everybody took effect by itself")
    except Held as held:
        assert held.hold.impact.largest_share > stage.settings.catalogue_change_limit
    assert artefact.load(stage.settings.catalogue_path).version == stage.catalogue.version
    assert not approve(folder, new.version, "Li Wei", wall()).open
    try:
        approve(folder, new.version, "ＬＩ　ＷＥＩ", wall())
        raise AssertionError("one person approved twice")
    except ApprovalRefused:
        assert approve(folder, new.version, "Wang Fang", wall()).open
