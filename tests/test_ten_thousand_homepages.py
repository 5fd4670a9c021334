"""Ten thousand subjects through the whole path: each has a homepage, and nothing on it is ineligible.

What is shown is held against the plain reference interpreter, not against the evaluator that chose it,
and from what the mask left, so that neither a wrong rule nor a leak could hide.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import msgspec
import pytest

import catalog
import pipelines.city
from catalog import artefact
from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from catalog.predicate import And
from catalog.vocabulary import SubjectKind
from features.schema import MaskedProfile, Value
from models.ranking.ranker import rank
from models.recommendation import Homepage
from pipelines.city.build import build
from pipelines.city.world_loader import load_world
from pipelines.features.materialise import materialise
from pipelines.ingest import ingest
from records.database import reading
from records.settings import Settings, now_in_utc
from records.subjects import iter_subjects
from serving.parts import Parts, open_parts
from serving.settings import ServingSettings
from tests.hostile_champions import hostile_recommenders
from tests.models.eligibility.reference_interpreter import TRUE, complete, kleene, parameter_values

pytestmark = pytest.mark.slow
CITIZENS, ENTERPRISES = 9_300, 1_000
"""Knobs of the world: households are whole, so a few more people are asked for than are counted below."""
SUBJECTS = 10_000
TODAY = dt.date(2026, 6, 10)
"""In the season of annual reports, school entry and tax settlement: the pages are full."""


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """A city of ten thousand subjects with a short past, ingested and materialised like any other."""
    settings = Settings(home=tmp_path_factory.mktemp("city") / "var", today=TODAY)
    catalogue = load_catalogue(Path(catalog.__file__).parent / "data")
    artefact.save(catalogue, settings.catalogue_path)
    plain = load_world(Path(pipelines.city.__file__).parent / "worlds" / "small.yaml")
    world = msgspec.structs.replace(plain, citizens=CITIZENS, enterprises=ENTERPRISES, months_history=2)
    city = build(world, catalogue, seed=7, as_of=TODAY, out=settings.city_path / world.world)
    at = now_in_utc(settings)
    taken = ingest(city.out, settings, catalogue, at)
    assert sum(table.quarantined for table in taken.tables.values()) == 0
    materialise(settings, catalogue, at)
    opened = open_parts(ServingSettings(home=settings.home, today=TODAY))
    yield opened
    opened.close()


def test_every_subject_has_a_homepage_and_nothing_on_it_is_ineligible(parts: Parts) -> None:
    """Ordered by recommenders as hostile as can be: they neither admit anything nor move a duty."""
    hostile = list(hostile_recommenders(parts.catalogue, seed=1).values())
    shown: Counter[str] = Counter()
    wrong: list[str] = []
    pages = 0
    for kind in SubjectKind:
        with reading(parts.engine) as connection:
            subjects = list(chain.from_iterable(iter_subjects(connection, kind)))
        for subject in subjects:
            known = parts.desk.known(kind, subject)
            page = replace(parts.desk, learned=hostile[pages % len(hostile)]).homepage_of(known)
            duties = [entry for entry in known.entries if entry.standing == "should_do"]
            in_rule_order = rank(duties, signals=None, on=page.on)
            shown_of = {(entry.item, entry.scope_item, entry.cycle) for entry in page.should_do}
            wanted = [e for e in in_rule_order if (e.item, e.scope_item, e.cycle) in shown_of]
            wrong += [f"{subject}: duties moved"] * (list(page.should_do) != wanted)
            pages += 1
            wrong += _ineligible(page, known.assess, parts.catalogue)
            shown.update(entry.standing for entry in (*page.should_do, *page.can_do))
    assert not wrong[:10], f"{len(wrong)} entries are not eligible"
    assert pages >= SUBJECTS
    # The law must not hold only because the pages are empty.
    assert min(shown.values()) > pages / 10
    assert sum(shown.values()) > 3 * pages


def _ineligible(page: Homepage, profile: MaskedProfile, catalogue: Catalogue) -> Iterator[str]:
    """Every entry with a standing, wherever on the page, whose criteria do not all hold."""
    figures = parameter_values(catalogue.parameters, page.on)
    owner = profile.itself.attributes
    worlds: dict[str, dict[str, Value]] = {}
    for item in profile.scope_items:
        worlds[item.id] = complete({**owner, **item.attributes}, catalogue.attributes, page.on) | figures
    themed = (entry for section in page.themes for entry in section.entries)
    for entry in (*page.should_do, *page.can_do, *themed):
        if entry.standing not in ("should_do", "can_do"):
            continue
        criteria = And(tuple(criterion.predicate for criterion in catalogue.items[entry.item].criteria))
        if kleene(criteria, worlds[entry.scope_item]) != TRUE:
            yield f"{page.subject}: {entry.item} for {entry.scope_item}"
