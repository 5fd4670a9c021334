"""A campaign reaches whom it may, in stages, after two people agreed; stopped at once, and counted safely."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from catalog.vocabulary import Names, SubjectKind
from pipelines.campaign.assignment import Assignment
from pipelines.campaign.uplift import uplift
from records.audience_previews import ask_preview
from records.campaign_checks import check_draft
from records.campaigns import (
    CampaignRefused,
    Draft,
    approve_campaign,
    campaign_with_id,
    draft_campaign,
    release_stage,
    stop_campaign,
)
from records.database import engine_for, reading, writing
from records.keys import VersionedKey
from records.tables import campaign, campaign_member, case, consent, contact, inbox, outbox, reminder_choice
from tests.pipelines.campaign.asked import AT, OLD, YOUNG, consenting_town, preview, work
from tests.pipelines.catalogue_change.town import SAID, Person, Town

WOMEN, PEOPLE = 240, 300
AUDIENCE = "sex = 'female'"
WITHHELD = frozenset(f"c{n}" for n in range(20))
"""Women who consented to nothing."""


@pytest.fixture
def town(tmp_path: Path) -> Town:
    people = [
        Person(f"c{n}", OLD if n % 2 else YOUNG, sex="female" if n < WOMEN else "male") for n in range(PEOPLE)
    ]
    return consenting_town(tmp_path, people, WITHHELD)


@pytest.fixture
def engine(town: Town) -> Iterator[Engine]:
    made = engine_for(town.settings.records_url)
    yield made
    made.dispose()


def draft(**other: object) -> Draft:
    named = {
        "names": Names("敬老卡", "Senior card"),
        "reason": Names("您可能用得上", "You may find it useful"),
    }
    given = {"kind": SubjectKind.CITIZEN, "item": "senior-card", "audience": AUDIENCE, **named, **other}
    return Draft(**given)  # type: ignore[arg-type]


def approved(town: Town, engine: Engine, **other: object) -> str:
    """A campaign whose audience was previewed and that a second person approved."""
    made = draft(**other)
    check_draft(made, town.catalogue)
    with writing(engine) as connection:
        ask_preview(connection, made.kind, made.audience, "ann", AT)
        one = draft_campaign(connection, made, "ann", AT)
    work(town)
    with writing(engine) as connection:
        approve_campaign(connection, one.id, "bob", AT)
    return one.id


def release(engine: Engine, id_: str, stage: int) -> None:
    with writing(engine) as connection:
        release_stage(connection, id_, stage)


def members(engine: Engine, id_: str) -> dict[str, str]:
    with reading(engine) as connection:
        m = campaign_member.c
        rows = connection.execute(select(m.subject, m.arm).where(m.campaign == id_))
        return {subject: arm for subject, arm in rows}  # noqa: C416 - rows are no pairs to a type checker


def test_a_preview_counts_whoever_may_be_counted_in_whole_tens(town: Town, engine: Engine) -> None:
    assert preview(town, engine, AUDIENCE) == WOMEN - len(WITHHELD)


def test_neither_a_few_nor_their_complement_nor_a_difference_is_told(town: Town, engine: Engine) -> None:
    nobody_else = f"{AUDIENCE} OR hukou = 'other'"
    assert preview(town, engine, AUDIENCE) is not None
    assert preview(town, engine, "age < 0") == 0
    # Whoever is 36 on the day is female or male alike: told; with one woman taken out it is not.
    with writing(engine) as connection:
        connection.execute(
            update(consent)
            .where(consent.c.subject.in_([f"c{n}" for n in range(20, 25)]))
            .values(withdrawn_at=SAID)
        )
    assert preview(town, engine, nobody_else) == 210
    assert preview(town, engine, f"({AUDIENCE}) AND NOT (sex = 'male')") == 210


def test_an_audience_that_differs_by_a_few_from_one_told_before_is_not_told(tmp_path: Path) -> None:
    people = [Person(f"c{n}", OLD, sex="female", hukou="BJ" if n < 97 else "other") for n in range(100)]
    people += [Person(f"d{n}", YOUNG, sex="male") for n in range(100)]
    town = consenting_town(tmp_path, people)
    engine = engine_for(town.settings.records_url)
    assert preview(town, engine, AUDIENCE) == 100
    assert preview(town, engine, f"{AUDIENCE} AND hukou = 'BJ'") is None
    assert preview(town, engine, "hukou = 'other'") is None
    engine.dispose()


def test_nobody_approves_their_own_draft_nor_what_was_not_previewed(town: Town, engine: Engine) -> None:
    with writing(engine) as connection:
        one = draft_campaign(connection, draft(), "ann", AT)
        for by, code in (("ann", "own-draft"), ("bob", "not-previewed")):
            with pytest.raises(CampaignRefused) as refused:
                approve_campaign(connection, one.id, by, AT)
            assert refused.value.code == code
        with pytest.raises(CampaignRefused) as early:
            release_stage(connection, one.id, 1)
        assert early.value.code == "not-approved"
    assert work(town).sent.told == 0


def test_the_database_itself_holds_to_two_people(town: Town, engine: Engine) -> None:
    with writing(engine) as connection:
        one = draft_campaign(connection, draft(), "ann", AT)
    with pytest.raises(IntegrityError), writing(engine) as connection:
        own = update(campaign).where(campaign.c.id == one.id)
        connection.execute(own.values(state="approved", approved_by="ann"))


def test_stages_reach_more_and_more_and_each_once(town: Town, engine: Engine) -> None:
    id_ = approved(town, engine, stages=(0.2, 1.0))
    assert work(town).sent.told == 0
    release(engine, id_, 1)
    first = work(town).sent.told
    assert 0 < first < 50
    assert work(town).sent.told == 0
    release(engine, id_, 2)
    rest = work(town).sent.told
    everybody = set(members(engine, id_))
    assert first + rest == len(everybody) == len(_qualified())
    assert everybody == _qualified()
    with reading(engine) as connection:
        told = connection.execute(select(inbox.c.subject).where(inbox.c.template == "campaign")).scalars()
        assert sorted(told) == sorted(everybody)
        assert campaign_with_id(connection, id_).state == "finished"


def _qualified() -> set[str]:
    """Women who consented, less those who are known not to qualify for the item."""
    return {f"c{n}" for n in range(20, WOMEN) if n % 2}


def test_whoever_has_done_it_is_left_alone(town: Town, engine: Engine) -> None:
    row = {"id": "k", "scope_item": "c21", "item": "senior-card", "cycle": "once", "status": "succeeded"}
    with writing(engine) as connection:
        connection.execute(insert(case).values(**row, opened_at=SAID, closed_at=SAID))
    id_ = approved(town, engine, stages=(1.0,))
    release(engine, id_, 1)
    work(town)
    assert set(members(engine, id_)) == _qualified() - {"c21"}


def test_held_out_ones_are_told_nothing_and_the_funnel_compares(town: Town, engine: Engine) -> None:
    id_ = approved(town, engine, stages=(1.0,), hold_out=0.5)
    release(engine, id_, 1)
    sent = work(town).sent
    arms = members(engine, id_)
    held = {one for one, arm in arms.items() if arm == "held_out"}
    assert (sent.told, sent.held_out) == (len(arms) - len(held), len(held))
    assert 0 < len(held) < len(arms)
    later = AT + dt.timedelta(days=1)
    with reading(engine) as connection:
        told = set(connection.execute(select(inbox.c.subject)).scalars())
    assert told == set(arms) - held
    done = sorted(told)[: len(told) - 12] + sorted(held)[:24]
    rows = [
        {"id": f"k-{one}", "scope_item": one, "item": "senior-card", "cycle": "once", "status": "succeeded"}
        for one in done
    ]
    with writing(engine) as connection:
        connection.execute(insert(case), [{**row, "opened_at": later, "closed_at": later} for row in rows])
    work(town, AT + dt.timedelta(days=2))
    with reading(engine) as connection:
        found = campaign_with_id(connection, id_).funnel
    assert found is not None
    tens = {name: len(who) // 10 * 10 for name, who in (("told", told), ("held", held))}
    assert found["arms"]["told"]["members"] == tens["told"]
    assert found["arms"]["told"]["reached"] == tens["told"]
    assert found["arms"]["held_out"] | {"reached": 0} == found["arms"]["held_out"]
    completed = (len(told) - 12) // 10 * 10
    assert found["arms"]["told"]["completed"] == completed
    assert found["arms"]["held_out"]["completed"] == 20
    assert found["uplift"]["difference"] == pytest.approx(completed / tens["told"] - 20 / tens["held"])
    expected = (len(told) - 12) / len(told) - 24 / len(held)
    assert -1 <= found["uplift"]["low"] < expected < found["uplift"]["high"] <= 1
    assert found["arms"]["told"]["complained"] == 0


def test_a_stop_cancels_what_waits_and_nothing_more_is_told(town: Town, engine: Engine) -> None:
    with writing(engine) as connection:
        for one in _qualified():
            address = {"subject": one, "channel": "email", "ciphertext": b"x", "key_version": 1}
            connection.execute(insert(contact).values(**address, verified_at=AT))
            wants = {"subject": one, "theme": "*", "channel": "email", "wanted": True, "changed_at": SAID}
            connection.execute(insert(reminder_choice).values(**wants))
    id_ = approved(town, engine, stages=(0.5, 1.0))
    release(engine, id_, 1)
    told = work(town).sent.told
    waiting = select(outbox.c.id).where(outbox.c.state == "pending")
    with writing(engine) as connection:
        assert len(connection.execute(waiting).all()) == told > 0
        _, cancelled = stop_campaign(connection, id_, "bob", AT)
        assert cancelled == told
        assert not connection.execute(waiting).all()
        assert stop_campaign(connection, id_, "bob", AT)[1] == 0
        with pytest.raises(CampaignRefused):
            release_stage(connection, id_, 2)
    assert work(town).sent.told == 0


def test_of_a_duty_nobody_is_held_out_and_what_is_delicate_is_no_campaign(town: Town) -> None:
    with pytest.raises(CampaignRefused) as refused:
        check_draft(draft(audience="unheard_of = 1"), town.catalogue)
    assert refused.value.code == "audience"
    duty = next(item for item in town.catalogue.public_services.values() if item.nature == "obligation")
    with pytest.raises(CampaignRefused) as held:
        check_draft(draft(item=duty.id, hold_out=0.1), town.catalogue)
    assert held.value.code == "hold-out"
    for wrong in ({"stages": (0.5, 0.2, 1.0)}, {"stages": (0.5,)}, {"hold_out": 0.9}):
        with pytest.raises(CampaignRefused):
            draft(**wrong)


KEY = VersionedKey(1, {1: b"k" * 32})


@given(st.lists(st.text(min_size=1, max_size=8), max_size=30), st.sampled_from([0.0, 0.1, 0.5]))
def test_lots_are_the_same_whenever_they_are_drawn(subjects: list[str], hold_out: float) -> None:
    made = draft(hold_out=hold_out)
    one, again = Assignment(KEY, "cp-1", made), Assignment(KEY, "cp-1", made)
    for subject in subjects:
        assert (one.arm(subject), one.stage(subject)) == (again.arm(subject), again.stage(subject))
        assert hold_out or one.arm(subject) == "told"
        assert 1 <= one.stage(subject) <= len(made.stages)


def test_lots_fall_as_often_as_they_should() -> None:
    lots = Assignment(KEY, "cp-1", draft(hold_out=0.1))
    many = [f"c{n}" for n in range(20_000)]
    assert sum(lots.arm(one) == "held_out" for one in many) / len(many) == pytest.approx(0.1, abs=0.01)
    assert sum(lots.stage(one) == 1 for one in many) / len(many) == pytest.approx(0.01, abs=0.004)
    assert sum(lots.stage(one) <= 2 for one in many) / len(many) == pytest.approx(0.1, abs=0.01)


@given(st.integers(1, 500), st.integers(1, 500), st.data())
def test_the_interval_holds_the_difference(told: int, held: int, data: st.DataObject) -> None:
    found = uplift(data.draw(st.integers(0, told)), told, data.draw(st.integers(0, held)), held)
    assert -1 <= found.low <= found.difference <= found.high <= 1


def test_newcombes_example() -> None:
    """Newcombe 1998, method 10, 56/70 against 48/80: 0.2 (0.0524 to 0.3339)."""
    found = uplift(56, 70, 48, 80)
    assert (found.difference, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)
