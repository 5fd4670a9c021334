"""The synthetic catalogue: large, reproducible, well-formed, and never mistaken for the real one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from catalog.artefact import load, save
from catalog.catalogue import Catalogue
from catalog.checker import Reader, Register, misuses
from catalog.expression import parse_condition
from catalog.synthesize import atoms, synthesize

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def large(real: Catalogue) -> Catalogue:
    return synthesize(real, seed=7)


def test_it_is_as_large_as_asked_and_marked(large: Catalogue, real: Catalogue) -> None:
    assert (len(large.public_services), len(large.support_policies)) == (4_000, 23_000)
    assert large.synthetic
    assert not real.synthetic
    assert not large.items.keys() & real.items.keys()
    assert all("合成" in item.names.zh and "synthetic" in item.names.en for item in large.items.values())
    assert all("合成" in item.legal_basis for item in large.items.values())


@pytest.mark.parametrize("seed", [1, 2])
def test_it_has_at_least_4000_distinct_atoms(seed: int, real: Catalogue) -> None:
    assert len(atoms(synthesize(real, seed))) >= 4_000


def test_every_rule_of_it_is_well_formed(large: Catalogue) -> None:
    register = Register(large.attributes, large.parameters)
    for item in large.items.values():
        assert item.criteria
        assert len({criterion.id for criterion in item.criteria}) == len(item.criteria)
        for criterion in item.criteria:
            wrong = list(misuses(criterion.predicate, register, Reader(item.subject, item.scope)))
            assert not wrong, f"{item.id}: {wrong}"


def test_its_expressions_say_what_its_predicates_do(large: Catalogue) -> None:
    for item in list(large.items.values())[::40]:
        for criterion in item.criteria:
            assert parse_condition(criterion.expression) == criterion.predicate


def test_its_artefact_loads_in_under_two_seconds(large: Catalogue, tmp_path: Path) -> None:
    save(large, tmp_path / "synthetic.msgpack")
    start = time.process_time()
    loaded = load(tmp_path / "synthetic.msgpack")
    assert time.process_time() - start < 2
    assert loaded == large


def test_the_same_seed_makes_the_same_catalogue_and_another_another(real: Catalogue) -> None:
    made = synthesize(real, seed=3, services=50, policies=50)
    assert synthesize(real, seed=3, services=50, policies=50).version == made.version
    assert synthesize(real, seed=4, services=50, policies=50).version != made.version


def test_a_seed_means_the_same_in_every_process() -> None:
    program = (
        "from pathlib import Path; from catalog.loader import load_catalogue;"
        "from catalog.synthesize import synthesize;"
        "made = synthesize(load_catalogue(Path('catalog/data')), 5, 40, 40);"
        "import sys; sys.stdout.write(made.version)"
    )
    versions = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(versions) == 1


def test_there_must_be_something_to_vary(real: Catalogue) -> None:
    import msgspec

    with pytest.raises(ValueError, match="nothing to vary"):
        synthesize(msgspec.structs.replace(real, support_policies={}), seed=1)
