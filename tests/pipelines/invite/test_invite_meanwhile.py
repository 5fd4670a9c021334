"""On PostgreSQL nothing can be taken back between a round's last look and what it writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, func, make_url, select

from catalog.artefact import load
from pipelines.invite import invite
from pipelines.invite.let import Let, Skip, changed_since
from records.choices import choose_recommendation
from records.consents import withdraw
from records.database import engine_for
from records.settings import SHANGHAI
from records.tables import invitation
from serving.settings import ServingSettings
from tests.records.databases import fresh_database, postgresql_server
from tests.records.interleaving import Meanwhile
from tests.serving.town import TODAY, build_town

pytestmark = pytest.mark.slow

WHO = "c-li"
AT = dt.datetime.combine(TODAY, dt.time(9), SHANGHAI)
TAKEN_BACK: dict[str, Callable[[Connection], object]] = {
    "recommendation": lambda connection: choose_recommendation(connection, WHO, False, AT),
    "a consent to rank": lambda connection: withdraw(connection, WHO, "rank", ["interactions"], AT),
    "a consent to remind": lambda connection: withdraw(connection, WHO, "remind", ["interactions"], AT),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with postgresql_server() as running:
        yield running


@pytest.fixture(scope="module")
def like(server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingSettings]:
    with fresh_database(server) as url:
        yield build_town(tmp_path_factory.mktemp("meanwhile"), records_url=url)


@pytest.fixture
def settings(server: Any, like: ServingSettings) -> Iterator[ServingSettings]:
    with fresh_database(server, make_url(like.records_url).database) as url:
        yield ServingSettings(home=like.home, today=TODAY, records_url=url)


@pytest.fixture
def engine(settings: ServingSettings) -> Iterator[Engine]:
    made = engine_for(settings.records_url)
    yield made
    made.dispose()


@pytest.mark.parametrize("what", TAKEN_BACK)
def test_what_is_taken_back_after_the_last_look_is_taken_back_after_the_invitation(
    settings: ServingSettings, engine: Engine, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def deed(connection: Connection) -> int:
        TAKEN_BACK[what](connection)
        mine = select(func.count()).where(invitation.c.subject == WHO)
        return connection.execute(mine).scalar_one()

    other, waited = Meanwhile(engine, deed), list[bool]()

    def looked_and_then(connection: Connection, judged: Mapping[str, Let]) -> dict[str, Skip]:
        found = changed_since(connection, judged)
        if WHO in judged and not waited:
            waited.append(other.begin())
        return found

    monkeypatch.setattr("pipelines.invite.run.changed_since", looked_and_then)
    report = invite(settings, load(Path(settings.catalogue_path)), TODAY, AT)
    assert waited == [True], "it went by between the look and the writing"
    assert isinstance(invited := other.end(), int)
    assert 0 < invited <= report.proposed, "whoever takes it back finds the invitation written"
