"""Whoever asked is answered once, from the catalogue, and only where something answers."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from catalog.loader import load_catalogue
from catalog.vocabulary import SubjectKind
from models.recommendation import Entry, Standing
from pipelines.call_back.matching import MOST, default_topics, matched
from pipelines.call_back.step import CallBack
from pipelines.live.ground import Grounds
from pipelines.live.steps import steps_on
from records.arrivals import Came
from records.call_backs import call_back_counts
from records.choices import choose_reminders
from records.consultations import ConsultationRecord, append_consultations
from records.database import engine_for, reading, writing
from records.departures import Departure, record_departure
from records.settings import SHANGHAI
from records.tables import call_back, inbox
from serving.settings import ServingSettings
from tests.serving.town import ROOT, TODAY, build_town

AT = dt.datetime.combine(TODAY, dt.time(9), SHANGHAI)
WHO = "c-li"
CATALOGUE = load_catalogue(ROOT / "catalog" / "data")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> ServingSettings:
    return build_town(tmp_path_factory.mktemp("call_back"))


@pytest.fixture
def grounds(built: ServingSettings, tmp_path: Path) -> Iterator[Grounds]:
    shutil.copytree(built.home, tmp_path, dirs_exist_ok=True)
    settings = ServingSettings(home=tmp_path, today=TODAY)
    engine = engine_for(settings.records_url)
    yield Grounds(settings, engine)
    engine.dispose()


def ask(grounds: Grounds, topic: str, id_: str = "q-1", subject: str = WHO) -> None:
    """A consultation comes in, and the step is taken twice, as after a crash."""
    one = ConsultationRecord(id_, subject, topic, "hotline", AT, outcome="answered")
    step = CallBack(lambda: grounds.latest, lambda: AT)
    came = Came(subject, "consultation", (id_,))
    assert step.concerns(came)
    with writing(grounds.engine) as connection:
        append_consultations(connection, [one])
    for _ in range(2):
        with writing(grounds.engine) as connection:
            step.act(connection, subject, [came], AT)


def outcome(engine: Engine, id_: str = "q-1") -> str:
    with reading(engine) as connection:
        said = select(call_back.c.outcome).where(call_back.c.consultation == id_)
        return str(connection.execute(said).scalar_one())


def told(engine: Engine, subject: str = WHO) -> list[dict[str, object]]:
    with reading(engine) as connection:
        rows = connection.execute(select(inbox).where(inbox.c.subject == subject))
        return [dict(row._mapping) for row in rows]


def test_every_topic_names_items_that_may_be_sent() -> None:
    for name, topic in default_topics().items():
        kind = CATALOGUE.items[topic.items[0]].subject
        found = matched(name, kind, CATALOGUE, ())
        assert found is not None
        assert found.items == topic.items[:MOST], name
        assert name not in CATALOGUE.themes
        assert name not in CATALOGUE.items


def test_one_bundle_with_the_service_the_papers_and_the_answer(grounds: Grounds) -> None:
    ask(grounds, "birth-registration")
    (message,) = told(grounds.engine)
    assert outcome(grounds.engine) == "sent"
    assert (message["kind"], message["template"], message["asked"]) == ("answer", "answer", True)
    (service,) = message["detail"]["items"]  # type: ignore[index]
    item = CATALOGUE.public_services["cs-birth-registration"]
    assert service["papers_zh"] == [CATALOGUE.evidence_types[one].names.zh for one in item.evidence]
    assert item.names.zh in str(message["reason_zh"])
    assert "新生儿落户" in str(message["reason_zh"])
    assert str(message["reason_en"]).startswith("On 21 November you asked")


def test_a_theme_is_answered_by_what_the_subject_should_or_can_do(grounds: Grounds) -> None:
    item = CATALOGUE.public_services["cs-birth-registration"]
    ask(grounds, item.theme)
    (message,) = told(grounds.engine)
    bundle = [one["item"] for one in message["detail"]["items"]]  # type: ignore[index]
    assert 0 < len(bundle) <= MOST
    assert all(CATALOGUE.public_services[one].theme == item.theme for one in bundle)
    entry = Entry(item.id, "x", None, Standing.NOT_ELIGIBLE, ready=False, cycle="once")
    assert matched(item.theme, SubjectKind.CITIZEN, CATALOGUE, [entry]).items == ()  # type: ignore[union-attr]


def test_nothing_is_sent_where_nothing_answers_and_it_is_counted(grounds: Grounds) -> None:
    ask(grounds, "noise-at-night")
    ask(grounds, "annual-report", "q-2")
    assert outcome(grounds.engine) == outcome(grounds.engine, "q-2") == "nothing_matches"
    with writing(grounds.engine) as connection:
        append_consultations(connection, [ConsultationRecord("q-3", None, "passport", "hotline", AT)])
        assert call_back_counts(connection) == {"nothing_matches": 2, "not_decided": 1}
    assert told(grounds.engine) == []


def test_nobody_is_told_who_has_departed(grounds: Grounds) -> None:
    with writing(grounds.engine) as connection:
        record_departure(connection, WHO, Departure("move_away", TODAY), AT)
    ask(grounds, "passport")
    assert outcome(grounds.engine) == "not_to_be_told"
    assert told(grounds.engine) == []


def test_an_answer_reaches_the_inbox_whatever_reminders_are_wanted(grounds: Grounds) -> None:
    item = CATALOGUE.public_services["cs-birth-registration"]
    with writing(grounds.engine) as connection:
        choose_reminders(connection, WHO, item.theme, "inbox", False, AT)
    ask(grounds, item.id)
    assert len([one for one in told(grounds.engine) if one["closed_at"] is None]) == 1


def test_the_worker_answers(grounds: Grounds) -> None:
    came = Came(WHO, "consultation", ("q-1",))
    assert [type(step) for step in steps_on(grounds) if step.concerns(came)] == [CallBack]
