"""The daily round proposes what may be proposed, tells it once, and follows what becomes of it."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import Connection, Engine, delete, func, select, update

from catalog.artefact import load
from catalog.catalogue import Catalogue
from commands.invite import skipped_words
from features.schema import Case
from models.invitation.answering import Accept, Postpone
from models.invitation.planning import default_planning
from models.invitation.propose import Proposal
from pipelines.invite import InviteReport, Skip, invite
from pipelines.invite.ground import Ground
from pipelines.invite.proposing import Before, proposals
from pipelines.invite.standings import Stood
from records.choices import choose_recommendation, delete_tag
from records.consents import withdraw
from records.database import engine_for, reading, writing
from records.departures import Departure, record_departure
from records.invitation_answers import (
    Invitation,
    agreed,
    answer_invitation,
    candidates,
    complete_invitations,
    invitations_of,
)
from records.settings import SHANGHAI
from records.tables import case, consent, inbox, invitation, outbox, subject
from serving.settings import ServingSettings
from tests.serving.town import TODAY, build_town

pytestmark = pytest.mark.slow

WHO = "c-li"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> ServingSettings:
    return build_town(tmp_path_factory.mktemp("invite"))


@pytest.fixture
def settings(built: ServingSettings, tmp_path: Path) -> ServingSettings:
    shutil.copytree(built.home, tmp_path, dirs_exist_ok=True)
    return ServingSettings(home=tmp_path, today=TODAY)


@pytest.fixture
def engine(settings: ServingSettings) -> Iterator[Engine]:
    made = engine_for(settings.records_url)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def catalogue(built: ServingSettings) -> Catalogue:
    return load(built.catalogue_path)


def at(on: dt.date) -> dt.datetime:
    return dt.datetime.combine(on, dt.time(9), SHANGHAI)


def round_on(settings: ServingSettings, catalogue: Catalogue, on: dt.date = TODAY) -> InviteReport:
    return invite(settings, catalogue, on, at(on))


def held(engine: Engine) -> tuple[Invitation, ...]:
    with reading(engine) as connection:
        return invitations_of(connection, WHO)


def test_a_round_proposes_and_tells_each_once_and_again_changes_nothing(
    settings: ServingSettings, engine: Engine, catalogue: Catalogue
) -> None:
    first = round_on(settings, catalogue)
    mine = held(engine)
    assert 0 < len(mine) <= default_planning().most_a_month
    assert first.told == first.proposed > 0
    again = round_on(settings, catalogue)
    assert (again.proposed, again.told, again.untrue) == (0, 0, 0)
    assert held(engine) == mine
    with reading(engine) as connection:
        told = connection.execute(select(inbox).where(inbox.c.subject == WHO)).all()
        assert candidates(connection, WHO, TODAY) == mine
    assert {row.key for row in told} == {one.key for one in mine}
    for one in mine:
        assert one.delivered_at is not None
        assert one.valid_to is not None
        assert TODAY < one.suggested_on <= one.valid_to
    assert all(row.kind == row.template == "invitation" and row.reason_zh for row in told)


def test_whoever_gave_reminders_nothing_is_not_looked_at(
    settings: ServingSettings, engine: Engine, catalogue: Catalogue
) -> None:
    with writing(engine) as connection:
        connection.execute(
            update(consent).where(consent.c.purpose == "remind").values(withdrawn_at=at(TODAY))
        )
    report = round_on(settings, catalogue)
    with reading(engine) as connection:
        everybody = connection.execute(select(func.count()).select_from(subject)).scalar_one()
    assert (report.looked_at, report.skipped) == (0, {"told_nothing": everybody})
    assert skipped_words(report) == f"left out: {everybody} let reminders know nothing"


def take_back(engine: Engine, when: dt.datetime) -> None:
    """Everything reminders may know of the subject but their interactions, taken back."""
    rest = (consent.c.subject == WHO, consent.c.purpose == "remind", consent.c.target != "interactions")
    with writing(engine) as connection:
        assert connection.execute(update(consent).where(*rest).values(withdrawn_at=when)).rowcount


def test_nothing_taken_back_since_an_earlier_day_is_proposed_from(
    settings: ServingSettings, engine: Engine, catalogue: Catalogue
) -> None:
    take_back(engine, at(TODAY + dt.timedelta(days=1)))
    report = invite(settings, catalogue, TODAY, at(TODAY + dt.timedelta(days=2)))
    assert report.looked_at > 0
    assert held(engine) == ()


MEANWHILE: dict[str, tuple[Skip, Callable[[Connection], object]]] = {
    "a consent to remind": (
        "reminders_changed",
        lambda c: withdraw(c, WHO, "remind", ["attributes:ordinary"], at(TODAY)),
    ),
    "a consent to rank": (
        "ranking_changed",
        lambda c: withdraw(c, WHO, "rank", ["attributes:ordinary"], at(TODAY)),
    ),
    "recommendation": ("ranking_changed", lambda c: choose_recommendation(c, WHO, False, at(TODAY))),
    "a tag": ("ranking_changed", lambda c: delete_tag(c, WHO, "family", at(TODAY))),
    "everything": (
        "gone_since",
        lambda c: record_departure(c, WHO, Departure("death", TODAY), at(TODAY)),
    ),
}


@pytest.mark.parametrize("what", MEANWHILE)
def test_nothing_is_proposed_to_whoever_takes_something_back_while_they_are_judged(
    settings: ServingSettings,
    engine: Engine,
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    why, taken_back = MEANWHILE[what]

    def judged_and_taken_back(
        ground: Ground, connection: Connection, before: Before, page: Sequence[tuple[str, Stood]]
    ) -> Iterator[Proposal]:
        made = list(proposals(ground, connection, before, page))
        if WHO in {one.subject for one in made}:
            with writing(engine) as other:
                taken_back(other)
        yield from made

    monkeypatch.setattr("pipelines.invite.run.proposals", judged_and_taken_back)
    report = round_on(settings, catalogue)
    assert report.proposed == report.told
    assert held(engine) == ()
    assert report.skipped[why] == 1


def test_an_accepted_one_is_on_the_list_and_its_day_is_told_when_it_is_near(
    settings: ServingSettings, engine: Engine, catalogue: Catalogue
) -> None:
    round_on(settings, catalogue)
    one = held(engine)[0]
    day = max(TODAY, one.opens_on or TODAY) + dt.timedelta(days=6)
    with writing(engine) as connection:
        answer_invitation(connection, WHO, one.id, Accept(day), at(TODAY))
        answer_invitation(connection, WHO, one.id, Accept(day), at(TODAY))
        assert [each.id for each in agreed(connection, WHO, TODAY)] == [one.id]
    assert round_on(settings, catalogue).near == 0
    close = day - dt.timedelta(days=1)
    assert round_on(settings, catalogue, close).near == 1
    assert round_on(settings, catalogue, close).near == 0
    with reading(engine) as connection:
        closed = connection.execute(select(inbox.c.closed_at).where(inbox.c.key == one.key)).scalar_one()
    assert closed is not None


def test_one_put_off_comes_back_on_its_day_and_is_told_anew(
    settings: ServingSettings, engine: Engine, catalogue: Catalogue
) -> None:
    round_on(settings, catalogue)
    one = held(engine)[0]
    until = TODAY + dt.timedelta(days=3)
    with writing(engine) as connection:
        answer_invitation(connection, WHO, one.id, Postpone(until), at(TODAY))
        assert one.id not in {each.id for each in candidates(connection, WHO, TODAY)}
    report = round_on(settings, catalogue, until)
    assert report.again == 1
    (back,) = [each for each in held(engine) if each.id == one.id]
    assert (back.status, back.suggested_on) == ("proposed", until)
    assert back.key not in (None, one.key)
    assert back.delivered_at == one.delivered_at


def test_a_successful_case_completes_it_and_takes_back_what_was_told(
    settings: ServingSettings, engine: Engine, catalogue: Catalogue
) -> None:
    round_on(settings, catalogue)
    one = held(engine)[0]
    done = Case("k", one.scope_item, one.item, one.cycle, "succeeded", "online", at(TODAY), at(TODAY))
    with writing(engine) as connection:
        failed = Case("f", one.scope_item, one.item, one.cycle, "failed", "online", at(TODAY), at(TODAY))
        assert complete_invitations(connection, failed) == 0
        assert complete_invitations(connection, done) == 1
        assert complete_invitations(connection, done) == 0
        assert connection.execute(select(inbox.c.closed_at).where(inbox.c.key == one.key)).scalar_one()
        pending = select(outbox.c.id).where(outbox.c.subject == WHO, outbox.c.state == "pending")
        assert not connection.execute(pending).all()
    (after,) = [each for each in held(engine) if each.id == one.id]
    assert (after.status, after.state.completed_by) == ("completed", "k")


def test_what_is_done_without_a_case_of_ours_or_over_ends(
    settings: ServingSettings, engine: Engine, catalogue: Catalogue
) -> None:
    round_on(settings, catalogue)
    one, *others = held(engine)
    with writing(engine) as connection:
        row = {"id": "k", "scope_item": one.scope_item, "item": one.item, "cycle": one.cycle}
        when = {"opened_at": at(TODAY), "closed_at": at(TODAY), "channel": "online"}
        connection.execute(case.insert().values(**row, **when, status="self_declared"))
    assert round_on(settings, catalogue).untrue == 1
    (after,) = [each for each in held(engine) if each.id == one.id]
    assert (after.status, after.state.completed_by) == ("completed", None)
    last = max(each.valid_to or TODAY for each in others)
    report = round_on(settings, catalogue, last + dt.timedelta(days=1))
    over = {each.id for each in held(engine) if each.status == "expired"}
    assert over == {each.id for each in others}
    assert report.expired >= len(over) > 0


def test_days_are_chosen_in_the_quieter_week_where_one_is_foreseen(
    settings: ServingSettings, engine: Engine, catalogue: Catalogue
) -> None:
    round_on(settings, catalogue)
    one = held(engine)[0]
    monday = TODAY - dt.timedelta(days=TODAY.weekday())
    weeks = [monday + dt.timedelta(days=7 * n) for n in range(1, 9)]
    busy = one.suggested_on - dt.timedelta(days=one.suggested_on.weekday())
    plan = pl.DataFrame(
        {
            "level": ["item"] * 8,
            "item": [one.item] * 8,
            "week": weeks,
            "expected": [100.0 if week == busy else 20.0 for week in weeks],
            "working_days": [5.0] * 8,
        }
    )
    folder = settings.home / "reports" / "demand"
    folder.mkdir(parents=True)
    plan.write_parquet(folder / f"{TODAY}.parquet")
    with writing(engine) as connection:
        connection.execute(delete(invitation))
    report = round_on(settings, catalogue)
    assert report.plan is not None
    (moved,) = [each for each in held(engine) if each.item == one.item]
    assert moved.suggested_on - dt.timedelta(days=moved.suggested_on.weekday()) != busy
