"""The feature registry's definitions: by Feast's own command line, and by ours."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from catalog.artefact import save, sealed
from catalog.catalogue import Catalogue
from features.registry import PROJECT, StoreLocation, apply, open_store

ROOT = Path(__file__).resolve().parents[2]


def test_the_file_at_the_root_says_what_the_product_does(location: StoreLocation) -> None:
    from feast.repo_config import load_repo_config

    written = load_repo_config(ROOT, ROOT / "feature_store.yaml")
    opened = open_store(location).config
    assert written.project == opened.project == PROJECT
    assert written.entity_key_serialization_version == opened.entity_key_serialization_version
    assert written.online_store.type == opened.online_store.type
    assert written.offline_store.type == opened.offline_store.type
    raw = yaml.safe_load((ROOT / "feature_store.yaml").read_text(encoding="utf8"))
    assert (raw["registry"]["path"], raw["online_store"]["path"]) == ("var/registry.db", "var/online.db")


@pytest.mark.slow
def test_feasts_command_line_is_kept_to_the_features() -> None:
    from feast.repo_operations import get_repo_files

    found = {path.relative_to(ROOT).parts[0] for path in get_repo_files(ROOT)}
    assert found == {"features"}


@pytest.mark.slow
def test_feasts_command_line_finds_what_we_apply(
    location: StoreLocation, catalogue: Catalogue, tmp_path: Path
) -> None:
    """In a process of its own, as `feast apply` does it, with a compiled catalogue at hand."""
    save(sealed(catalogue), tmp_path / "catalogue" / "catalogue.msgpack")
    script = (
        "from pathlib import Path; from feast.repo_operations import parse_repo;"
        f"r = parse_repo(Path({str(ROOT)!r}));"
        "print(sorted(t.name for t in [*r.entities, *r.feature_views, *r.feature_services]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"QIANMIAN_HOME": str(tmp_path), "PATH": "", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    store = apply(location, catalogue)
    ours = [*store.list_entities(), *store.list_feature_views(), *store.list_feature_services()]
    found = set(ast.literal_eval(ran.stdout.splitlines()[-1])) - {"__dummy"}
    assert found == {thing.name for thing in ours} - {"__dummy"}


@pytest.mark.parametrize("service", ["affinity_v1", "life_event_v1", "policy_package_v1"])
def test_every_model_has_its_feature_service(
    location: StoreLocation, catalogue: Catalogue, service: str
) -> None:
    held = apply(location, catalogue).get_feature_service(service)
    assert held.feature_view_projections


def test_importing_the_definitions_reads_nothing(tmp_path: Path) -> None:
    script = "import features.definitions, sys; assert 'feast' not in sys.modules; print('read nothing')"
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"QIANMIAN_HOME": str(tmp_path / "nowhere"), "PATH": "", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout == "read nothing\n", ran.stderr
