"""What is learned orders what a subject can do, and nothing else, of whom ranking and reminders may know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sqlalchemy import Engine, delete, or_, select, tuple_

from catalog.vocabulary import SubjectKind
from features.freshness import default_shelf_life
from features.registry import open_store
from features.retrieval import OnlineProfiles
from features.statements import AttributeHistory, end_of
from models.affinity.inputs import InputEncoder
from models.affinity.linear import LinearAffinity, LinearBlock, frozen
from models.eligibility.rule_book import RuleBook
from models.homepage import Champions, LearnedSignals
from models.standing.working_days import published_calendar
from pipelines.features.materialise import store_location
from pipelines.score.ground import PURPOSE, Rules
from pipelines.score.learned import RANK, rankable
from pipelines.score.run import LearnedOrder
from pipelines.score.run import score as run_score
from privacy.consent import granted_targets
from privacy.mask import mask
from privacy.purposes import INTERACTIONS
from records.choices import choose_recommendation
from records.consents import consents_of
from records.database import open_records, reading, writing
from records.partitions import slice_of
from records.profiles import ProfileReader
from records.settings import Settings
from records.tables import consent, interaction
from records.tables import subject as subjects
from tests.scored_city import TODAY, copied, morning, real_catalogue, scored

ITEMS = tuple(sorted(real_catalogue().items))
LEARNED = ["can_do", "needs_information"]


def likings(seed: int = 5) -> LinearAffinity:
    """An affinity that likes every item as chance has it, by age band and by what was taken up before."""
    random = np.random.default_rng(seed)
    encoder = InputEncoder(features=("age_band=65+", "sex=female"), history=ITEMS, constant=True)
    factors = random.normal(size=(encoder.width, len(ITEMS)))
    return LinearAffinity(
        ITEMS, (LinearBlock(encoder, frozen(factors)),), frozen(random.normal(size=len(ITEMS)))
    )


ORDER = LearnedOrder("affinity 7", dict.fromkeys(SubjectKind, likings()))


@pytest.fixture
def city(small_city: Settings, tmp_path: Path) -> Settings:
    return copied(small_city, tmp_path)


@pytest.fixture
def engine(city: Settings) -> Iterator[Engine]:
    made = open_records(city)
    yield made
    made.dispose()


def by_rules(city: Settings) -> pl.DataFrame:
    report = scored(city, TODAY, again=True)
    return pl.concat([report.standings.read(part, 3) for part in range(3)])


def learned(city: Settings) -> pl.DataFrame:
    report = run_score(city, real_catalogue(), TODAY, morning(TODAY), 3, order=ORDER, again=True)
    return pl.concat([report.standings.read(part, 3) for part in range(3)])


def moved(plain: pl.DataFrame, ordered: pl.DataFrame) -> set[str]:
    """The subjects whose order is another."""
    key = [name for name in plain.columns if name != "rank"]
    both = plain.join(ordered, on=key, how="full", suffix="_learned", nulls_equal=True)
    assert both.height == plain.height == ordered.height, "nothing but ranks may differ"
    return set(both.filter(pl.col("rank") != pl.col("rank_learned"))["subject"])


def open_to_both(engine: Engine) -> set[str]:
    found = set()
    with reading(engine) as connection:
        for subject in connection.execute(select(subjects.c.id)).scalars():
            own = consents_of(connection, subject)
            at = end_of(TODAY)
            if granted_targets(own, RANK, at) & granted_targets(own, PURPOSE, at):
                found.add(subject)
    return found


@pytest.mark.slow
def test_only_what_can_be_done_moves_and_only_of_whom_it_may(city: Settings, engine: Engine) -> None:
    silent = sorted(open_to_both(engine))[::3]
    with writing(engine) as connection:
        for subject in silent[::2]:
            choose_recommendation(connection, subject, False, morning(TODAY))
        for subject in silent[1::2]:
            mine = (consent.c.subject == subject, consent.c.purpose == PURPOSE)
            connection.execute(delete(consent).where(*mine))
    plain, ordered = by_rules(city), learned(city)
    changed = moved(plain, ordered)
    assert changed
    assert changed <= open_to_both(engine) - set(silent)
    fixed = ~pl.col("standing").is_in(LEARNED)
    assert ordered.filter(fixed).equals(plain.filter(fixed)), "what is due goes by date and law"
    assert learned(city).equals(ordered), "the same inputs give the same file"


@pytest.mark.slow
def test_what_reminders_may_not_know_shapes_no_order(city: Settings, engine: Engine) -> None:
    kept_back = sorted(open_to_both(engine))[::2]
    own = (consent.c.subject.in_(kept_back), consent.c.purpose == PURPOSE, consent.c.target == INTERACTIONS)
    # What somebody refused stays: a refusal is an instruction, followed whatever was consented to.
    i = interaction.c
    refused = select(i.subject, i.item).where(i.kind == "dismiss", i.item.is_not(None))
    other = or_(i.item.is_(None), tuple_(i.subject, i.item).not_in(refused))
    done = delete(interaction).where(i.subject.in_(kept_back), other)
    with writing(engine) as connection:
        connection.execute(delete(consent).where(*own))
    before = learned(city)
    with writing(engine) as connection:
        assert connection.execute(done).rowcount > 0
    assert learned(city).equals(before)


@pytest.mark.slow
def test_the_product_over_all_is_what_each_page_is_ordered_by(city: Settings, engine: Engine) -> None:
    catalogue, compared = real_catalogue(), 0
    history = AttributeHistory(city.attributes_path, catalogue)
    rules = Rules(catalogue, history, RuleBook(catalogue), published_calendar(), TODAY, ORDER.affinity)
    online = OnlineProfiles(
        open_store(store_location(city)), catalogue, default_shelf_life(), lambda: end_of(TODAY)
    )
    signals = LearnedSignals(Champions(affinity=ORDER.affinity), catalogue)
    with writing(engine) as connection:
        # So that what both may know is what ranking may know.
        connection.execute(delete(consent).where(consent.c.purpose == PURPOSE))
        ranking = connection.execute(select(consent).where(consent.c.purpose == RANK))
        rows = [dict(row._mapping) for row in ranking]
        connection.execute(consent.insert(), [{**row, "purpose": PURPOSE} for row in rows])
    with reading(engine) as connection:
        profiles = ProfileReader(engine, online)
        for kind in SubjectKind:
            of_kind = select(subjects.c.id).where(subjects.c.kind == kind.value)
            ids = pl.Series(list(connection.execute(of_kind).scalars()))
            found = rankable(connection, kind, rules, slice_of(connection, kind, ids, PURPOSE), ids)
            assert found is not None
            scores = found.scores(ORDER.affinity[kind])
            for (subject,), mine in scores.group_by("subject"):
                seen = mask(
                    profiles.read_on(connection, str(subject)),
                    RANK,
                    consents_of(connection, str(subject)),
                    catalogue,
                    end_of(TODAY),
                )
                wanted = signals.terms(seen, TODAY).affinity
                told = dict(mine.select("item", "affinity").iter_rows())
                assert told == pytest.approx(wanted, abs=1e-4), subject
                compared += 1
    assert compared > 20
