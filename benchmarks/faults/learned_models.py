# ruff: noqa: S101 - what must hold under a fault is asserted, as in a test
"""Faults 5 to 8: no model registry, damaged and senseless models, old and missing features."""

from __future__ import annotations

import datetime as dt
import pickle
import shutil
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.faults.online_store import entries
from benchmarks.faults.processes import until
from benchmarks.faults.register import fault
from benchmarks.faults.stage import Stage, wall
from benchmarks.faults.town import name_of
from benchmarks.faults.visitor import Visitor
from features.forgetting import key_of
from features.freshness import default_shelf_life
from features.materialised import materialised_at, note_materialised
from models.affinity.export import KIND, save_affinity
from models.affinity.inputs import InputEncoder
from models.affinity.linear import LinearAffinity, LinearBlock, frozen
from models.artifact import ARRAYS, Manifest, load_artifact, save_artifact
from serving.champions import load_champions

NAME: Final = "faults-affinity"
BY_RULES: Final = "排序方式：按规则顺序"
"""Of the page's words, where no model ordered it."""


def put_champion(models: Path, items: Sequence[str], day: dt.date, *, alike: bool = False) -> Path:
    """A champion that likes the first item best, or all alike; its folder."""
    encoder = InputEncoder(features=("sex=female",), history=tuple(items))
    factors = np.zeros((encoder.width, len(items)))
    bias = np.zeros(len(items)) if alike else np.linspace(1, 0, len(items))
    model = LinearAffinity(tuple(items), (LinearBlock(encoder, frozen(factors)),), frozen(bias))
    manifest = Manifest(
        name=NAME,
        version="1",
        kind=KIND,
        catalogue_version="faults",
        feature_service="none",
        commit="none",
        trained_to=day,
        metrics={},
    )
    save_affinity(models / NAME, model, manifest)
    return models / NAME


def citizens_items(stage: Stage) -> list[str]:
    """The items of citizens, in order."""
    return sorted(id_ for id_, item in stage.catalogue.items.items() if item.subject.value == "citizen")


@fault(5, "Model registry down", "its address leads to a port where nobody listens, from the start")
def without_registry(stage: Stage, quick: bool) -> None:
    """The server starts and orders its pages by the local copy of the champion; without one, by the rules."""
    port = int(stage.environment["QIANMIAN_MLFLOW_URI"].rsplit(":", 1)[1])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "somebody listens there: the fault is not injected"
    status = stage.program.status()
    assert status["ordered_by"]["citizen"] == f"{NAME} 1", status["ordered_by"]
    with Visitor(stage.settings, name_of(5)) as visitor:
        page = visitor.homepage()
    assert page.status == 200 and f"{NAME} 1" in page.text
    assert "model_missing" in stage.spare.troubles()
    with Visitor(stage.spare.settings, name_of(1)) as visitor:
        page = visitor.homepage()
    assert page.status == 200 and BY_RULES in page.text and entries(page)


@fault(6, "Corrupted model artefact", "a byte flipped, the file cut short, a pickle in its place")
def corrupted(stage: Stage, quick: bool) -> None:
    """Refused by its checksum; the last good copy serves and both are told; nothing is unpickled."""
    for spoil in (_flip, _truncate, _pickle):
        models = stage.folder / f"spoilt-{spoil.__name__.strip('_')}"
        folder = put_champion(models, citizens_items(stage), wall().date())
        assert load_champions(models, stage.catalogue).refused == ()
        spoil(folder / ARRAYS)
        found = load_champions(models, stage.catalogue)
        assert [line.split(":")[0] for line in found.refused] == [NAME], found.refused
        assert found.last_good == (NAME,) and found.champions.names, "the last good copy does not serve"
        shutil.rmtree(models / ".last-good")
        without = load_champions(models, stage.catalogue)
        assert not without.champions.names, "a damaged model serves"


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


class _Trap:
    """Raises where it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (exec, ("raise SystemExit('unpickled')",))


def _pickle(path: Path) -> None:
    path.write_bytes(pickle.dumps(_Trap()))


def swap_order(models: Path) -> None:
    """The champion again, sealed as any other, with its items in another order than its numbers."""
    stored = load_artifact(models / NAME, KIND)
    stored.specification["items"].reverse()
    save_artifact(models / NAME, stored.manifest, stored.specification, stored.arrays, stored.golden)


@fault(7, "Model of the wrong schema, NaN, all equal", "artefacts made so, sealed as any other")
def senseless(stage: Stage, quick: bool) -> None:
    """Refused by shape, values and golden answers before it is swapped in; what served before goes on."""
    day, items = wall().date(), citizens_items(stage)
    cases: dict[str, Callable[[Path], object]] = {
        "values": lambda models: put_champion(models, items, day, alike=True),
        "schema": lambda models: put_champion(models, ["no-such-item", "nor-this"], day),
        "age": lambda models: put_champion(models, items, day - dt.timedelta(days=400)),
        "golden": swap_order,
    }
    for code, make in cases.items():
        models = stage.folder / f"senseless-{code}"
        put_champion(models, items, day)
        load_champions(models, stage.catalogue)
        make(models)
        found = load_champions(models, stage.catalogue, day - dt.timedelta(days=365))
        assert found.refused == (f"{NAME}: {code}",), found.refused
        assert found.last_good == (NAME,)
    try:
        put_champion(stage.folder / "nan", items, day)
        encoder = InputEncoder(features=("sex=female",), history=())
        nan = frozen(np.full((encoder.width, len(items)), np.nan))
        model = LinearAffinity(tuple(items), (LinearBlock(encoder, nan),), frozen(np.zeros(len(items))))
        manifest = Manifest(
            name=NAME,
            version="2",
            kind=KIND,
            catalogue_version="",
            feature_service="",
            commit="",
            trained_to=day,
            metrics={},
        )
        save_affinity(stage.folder / "nan" / NAME, model, manifest)
    except ValueError:
        return
    raise AssertionError("NaN was saved as a model")


@fault(
    8, "Features stale or missing", "the note of the last run four days back; one citizen's features deleted"
)
def old_features(stage: Stage, quick: bool) -> None:
    """The date is shown and alarmed; what is gone or past its age is unknown, never 0."""
    offline = stage.settings.offline_path
    made = materialised_at(offline)
    assert made is not None
    old = wall() - dt.timedelta(days=4)
    note_materialised(offline, old, stage.catalogue.version)
    try:
        until(lambda: "features_stale" in stage.program.troubles(), "the alarm of old features", 10)
        with Visitor(stage.settings, name_of(6)) as visitor:
            page = visitor.homepage()
        assert "登记信息没有按时更新" in page.text and "登记信息截至" in page.text
    finally:
        note_materialised(offline, made, stage.catalogue.version)
    until(lambda: "features_stale" not in stage.program.troubles(), "the end of the alarm", 15)
    _gone_is_unknown(stage)
    life = default_shelf_life()
    now = wall()
    assert not life.holds("public-security", now - life.of("public-security"), now)


def _gone_is_unknown(stage: Stage) -> None:
    """A citizen of whom the store holds nothing has more to tell, and is told no refusal."""
    subject = name_of(7)
    key = key_of(subject)
    kept = stage.redis.hgetall(key)
    assert kept, "the store held nothing of them"
    with Visitor(stage.settings, subject) as visitor:
        before = _waiting(stage, subject)
        stage.redis.delete(key)
        try:
            page = visitor.homepage()
            assert page.status == 200
            assert _waiting(stage, subject) > before, "what is gone was not taken for unknown"
        finally:
            stage.redis.hset(key, mapping=kept)
        assert entries(visitor.homepage())


def _waiting(stage: Stage, subject: str) -> int:
    from benchmarks.faults.visitor import Program

    program = Program(stage.settings, f"citizen:{subject}")
    told = program.ask("GET", f"/v1/citizens/{subject}/homepage").json()
    program.close()
    return len(told["needs_information"])
