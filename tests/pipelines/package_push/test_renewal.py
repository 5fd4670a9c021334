"""A firm's package renewed: one digest a change, told once, for the reason that holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import msgspec
import pytest
from sqlalchemy import Engine, select

from catalog.catalogue import Catalogue
from models.eligibility.rule_book import RuleBook
from pipelines.difference.reassess import Reassessor, reassessor
from pipelines.difference.run import difference
from pipelines.package_push.renewal import Renewer, carry_out
from records.database import open_records, reading, writing
from records.inbox import told
from records.package_changes import package_changes, package_told
from records.settings import Settings
from records.tables import package_snapshot
from tests.scored_city import TODAY, morning, real_catalogue

AT = morning(TODAY)
LATER = AT + dt.timedelta(hours=1)


@pytest.fixture
def engine(own_city: Settings) -> Iterator[Engine]:
    difference(own_city, real_catalogue(), AT)
    engine = open_records(own_city)
    yield engine
    engine.dispose()


@pytest.fixture
def again(own_city: Settings, engine: Engine) -> Reassessor:
    return reassessor(own_city, real_catalogue(), engine, lambda: AT, lambda subject: None)


def by(again: Reassessor, catalogue: Catalogue) -> Renewer:
    """The renewer of another catalogue."""
    return replace(again.renewer, catalogue=catalogue, book=RuleBook(catalogue))


def firms(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.execute(select(package_snapshot.c.enterprise)).scalars())


def firm_with(engine: Engine, least: int = 1) -> str:
    """A firm whose package holds something that brings money."""
    with reading(engine) as connection:
        for firm in firms(engine):
            kept = package_told(connection, firm)
            if kept is not None and sum(held.brings_money for held in kept.held) >= least:
                return firm
    raise LookupError("no firm of the town has a policy that pays")


def ended(catalogue: Catalogue, item: str) -> Catalogue:
    """The catalogue of the day a policy has ended."""
    policies = dict(catalogue.support_policies)
    yesterday = (TODAY - dt.timedelta(days=1)).isoformat()
    policies[item] = msgspec.structs.replace(policies[item], valid_to=yesterday)
    return msgspec.structs.replace(catalogue, support_policies=policies, version="ended")


def test_every_firm_has_a_first_package_and_hears_nothing_of_it(engine: Engine) -> None:
    assert len(firms(engine)) >= 20
    with reading(engine) as connection:
        for firm in firms(engine):
            assert package_changes(connection, firm) == ()
            assert not [m for m in told(connection, firm) if m.message.kind == "policy_package"]


def test_a_policy_that_ended_is_told_once_and_why(again: Reassessor, engine: Engine) -> None:
    firm = firm_with(engine)
    with reading(engine) as connection:
        before = package_told(connection, firm)
    assert before is not None
    gone = next(held for held in before.held if held.brings_money)
    renewer = by(again, ended(real_catalogue(), gone.item))
    with writing(engine) as connection:
        assert renewer.renew(connection, firm, LATER, TODAY)
        assert not renewer.renew(connection, firm, LATER, TODAY), "told once"
    with reading(engine) as connection:
        (kept,) = package_changes(connection, firm)
        (message,) = [m.message for m in told(connection, firm) if m.message.kind == "policy_package"]
    assert (gone.item, "ended") in {(lost.was.item, lost.why) for lost in kept.change.lost}
    assert message.key == kept.key
    assert gone.names.zh in message.reason.text.zh
    assert gone.names.en in message.reason.text.en
    assert not message.required


def test_what_comes_back_is_told_as_added_and_the_loss_no_longer(again: Reassessor, engine: Engine) -> None:
    firm = firm_with(engine)
    with reading(engine) as connection:
        before = package_told(connection, firm)
    assert before is not None
    gone = next(held for held in before.held if held.brings_money)
    with writing(engine) as connection:
        by(again, ended(real_catalogue(), gone.item)).renew(connection, firm, AT, TODAY)
        assert again.renewer.renew(connection, firm, LATER, TODAY)
    with reading(engine) as connection:
        back, lost = package_changes(connection, firm)
        now = package_told(connection, firm)
    assert [held.item for held in back.change.added] == [gone.item]
    assert [each.was.item for each in lost.change.lost] == [gone.item]
    assert now is not None
    assert now.held == before.held


def test_whoever_renewed_in_between_is_not_overwritten(again: Reassessor, engine: Engine) -> None:
    firm = firm_with(engine)
    with reading(engine) as connection:
        before = package_told(connection, firm)
    assert before is not None
    gone = next(held for held in before.held if held.brings_money)
    renewer = by(again, ended(real_catalogue(), gone.item))
    with reading(engine) as connection:
        slow = renewer.prepare(connection, firm, AT, TODAY)
    with writing(engine) as connection:
        assert renewer.renew(connection, firm, AT, TODAY)
        assert not carry_out(connection, slow, LATER)
        assert len(package_changes(connection, firm)) == 1


@pytest.mark.slow
def test_the_city_run_tells_of_a_new_catalogue(own_city: Settings, engine: Engine) -> None:
    from pipelines.score.run import score

    firm = firm_with(engine)
    with reading(engine) as connection:
        before = package_told(connection, firm)
    assert before is not None
    gone = next(held for held in before.held if held.brings_money)
    catalogue = ended(real_catalogue(), gone.item)
    score(own_city, catalogue, TODAY, LATER, 2)
    difference(own_city, catalogue, LATER)
    with reading(engine) as connection:
        (kept,) = package_changes(connection, firm)
        versions = set(connection.execute(select(package_snapshot.c.catalogue_version)).scalars())
    assert "ended" in {lost.why for lost in kept.change.lost}
    assert kept.change.catalogue_version == "ended"
    # A package that stayed the same is the package of the new catalogue too.
    assert versions == {"ended"}
