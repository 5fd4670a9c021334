"""World files: read, extended, and refused with every fault at once."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from catalog.catalogue import Catalogue
from pipelines.city.draw_spec import Draw
from pipelines.city.world import World
from pipelines.city.world_check import check_world
from pipelines.city.world_loader import WorldError, load_world
from tests.pipelines.city.conftest import WORLDS


@pytest.mark.parametrize("path", sorted(WORLDS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_world_we_ship_fits_the_catalogue(path: Path, real_catalogue: Catalogue) -> None:
    check_world(load_world(path), real_catalogue)


def test_an_extending_world_takes_over_what_it_does_not_say() -> None:
    default, small = load_world(WORLDS / "default.yaml"), load_world(WORLDS / "small.yaml")
    assert small.citizens < default.citizens
    assert small.events == default.events
    assert small.hash != default.hash


def test_all_faults_of_a_file_are_named_together(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(
        f"extends: {WORLDS / 'default.yaml'}\n"
        "citizens: many\n"
        "no_such_knob: 1\n"
        "events:\n"
        "  birth: {kind: citizen, when: 'TRUE', yearly: often}\n"
        "slates: {length: six}\n",
        encoding="utf-8",
    )
    with pytest.raises(WorldError) as caught:
        load_world(path)
    told = "\n".join(caught.value.faults)
    for place in ("citizens:", "no_such_knob:", "events.birth:", "slates:"):
        assert place in told


def test_a_missing_file_and_a_circle_are_named(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match="no such file"):
        load_world(tmp_path / "nowhere.yaml")
    loop = tmp_path / "loop.yaml"
    loop.write_text("extends: loop.yaml\n", encoding="utf-8")
    with pytest.raises(WorldError, match="extends itself"):
        load_world(loop)


def test_a_world_must_draw_every_stored_attribute_and_no_other(
    small_world: World, real_catalogue: Catalogue
) -> None:
    tables = {name: dict(draws) for name, draws in small_world.attributes.items()}
    del tables["citizen.self"]["marital_status"]
    tables["citizen.self"]["shoe_size"] = Draw(value=42.0)
    tables["citizen.vehicle"]["vehicle_plate_province"] = Draw(choice={"MARS": 1.0})
    demand = msgspec.structs.replace(
        small_world.demand,
        items={**small_world.demand.items, "cs-no-such-item": next(iter(small_world.demand.items.values()))},
    )
    broken = msgspec.structs.replace(small_world, attributes=tables, demand=demand)
    with pytest.raises(WorldError) as caught:
        check_world(broken, real_catalogue)
    told = "\n".join(caught.value.faults)
    for name in ("marital_status", "shoe_size", "MARS", "cs-no-such-item"):
        assert name in told


def test_expressions_must_parse_and_read_what_is_there(small_world: World, real_catalogue: Catalogue) -> None:
    tables = {name: dict(draws) for name, draws in small_world.attributes.items()}
    # Read before it is drawn, and drawn in two ways.
    tables["citizen.self"] = {
        "sex": Draw(expr="is_retired"),
        **{k: v for k, v in tables["citizen.self"].items() if k != "sex"},
    }
    tables["citizen.vehicle"]["vehicle_tax_paid"] = Draw(share=0.5, expr="TRUE")
    births = msgspec.structs.replace(
        small_world.events["birth"], when="age BETWEEN AND", factors={"shoe_size > 40": 2.0}
    )
    broken = msgspec.structs.replace(
        small_world, attributes=tables, events={**small_world.events, "birth": births}
    )
    with pytest.raises(WorldError) as caught:
        check_world(broken, real_catalogue)
    told = "\n".join(caught.value.faults)
    for words in ("is_retired is not known there", "share and expr", "not an SQL expression", "shoe_size"):
        assert words in told


def test_a_world_says_that_it_is_synthetic() -> None:
    assert load_world(WORLDS / "default.yaml").synthetic is True


def test_every_published_figure_names_its_source(small_world: World) -> None:
    assert all(figure.source for figure in small_world.statistics.values())
