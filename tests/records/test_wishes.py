"""What subjects say of their page is kept once, is theirs alone, and can be taken back."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Engine, insert, select

from catalog.vocabulary import Names
from features.schema import Interaction
from models.feedback.terms import default_terms
from models.feedback.wishes import wishes_of
from models.invitation.propose import Proposal, Proposed
from models.recommendation import Reason
from records.database import reading, writing
from records.interactions import ScopeItemNotTheirs, append_interactions
from records.invitations import keep_proposals, postpone, proposed_before, resume
from records.tables import case, invitation, scope_item, subject
from records.wishes import declare_done, said_by, take_back_done

AT = dt.datetime(2026, 11, 20, 17, tzinfo=dt.UTC)
ON = dt.date(2026, 11, 21)
"""The same in Beijing."""
LATER = AT + dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _people(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(subject), [{"id": name, "kind": "citizen"} for name in ("s1", "s2")])
        rows = [{"id": name, "scope": "self", "owner": name} for name in ("s1", "s2")]
        connection.execute(insert(scope_item), rows)


def act(engine: Engine, kind: str, at: dt.datetime, item: str = "a", slate: str | None = None) -> None:
    one = Interaction(f"{kind}-{item}-{at}-{slate}", kind, at, item, "s1", slate=slate)  # type: ignore[arg-type]
    with writing(engine) as connection:
        append_interactions(connection, "s1", [one])


def aside(engine: Engine, who: str = "s1") -> dt.date | None:
    with reading(engine) as connection:
        return wishes_of(said_by(connection, who), default_terms()).aside("s1", "a", ON)


def test_a_dismissal_sets_aside_from_the_business_day_it_was_said_on(engine: Engine) -> None:
    assert aside(engine) is None
    act(engine, "dismiss", AT)
    assert aside(engine) == dt.date(2027, 2, 21)
    assert aside(engine, "s2") is None


def test_taking_it_up_after_all_brings_it_back(engine: Engine) -> None:
    act(engine, "click", AT - dt.timedelta(days=1))
    act(engine, "dismiss", AT)
    assert aside(engine) is not None
    act(engine, "click", LATER)
    assert aside(engine) is None


def test_later_is_kept_as_a_postponed_invitation_and_can_be_resumed(engine: Engine) -> None:
    with writing(engine) as connection:
        for until in (dt.date(2026, 12, 1), dt.date(2026, 12, 5)):
            postpone(connection, "s1", "s1", "a", "2026", until, AT)
        rows = connection.execute(select(invitation)).all()
    assert [(row.status, row.suggested_on) for row in rows] == [("postponed", dt.date(2026, 12, 5))]
    assert aside(engine) == dt.date(2026, 12, 5)
    with reading(engine) as connection:
        assert proposed_before(connection, ["s1"]) == {}
    with writing(engine) as connection:
        assert resume(connection, "s1", "s1", "a", LATER) == 1
    assert aside(engine) is None


def test_a_proposal_is_kept_once_a_cycle_and_known_as_made_before(engine: Engine) -> None:
    why = Reason("obligation_due", Names("因", "why"))
    one = Proposal("s1", "s1", "a", "2026", dt.date(2026, 12, 1), why, None, tight=False, provisional=False)
    with writing(engine) as connection:
        assert keep_proposals(connection, [one], AT) == 1
        assert keep_proposals(connection, [one], LATER) == 0
        assert keep_proposals(connection, [], LATER) == 0
        assert proposed_before(connection, ["s1", "s2"]) == {"s1": (Proposed("s1", "a", "2026", ON),)}


def test_what_is_declared_done_is_one_case_and_can_be_taken_back(engine: Engine) -> None:
    def statuses() -> list[str]:
        with reading(engine) as connection:
            return list(connection.execute(select(case.c.status)).scalars())

    with writing(engine) as connection:
        assert declare_done(connection, "s1", "s1", "a", "2026", AT)
        assert not declare_done(connection, "s1", "s1", "a", "2026", LATER)
    assert statuses() == ["self_declared"]
    with writing(engine) as connection:
        assert take_back_done(connection, "s1", "s1", "a", "2026", LATER)
        assert not take_back_done(connection, "s1", "s1", "a", "2026", LATER)
    assert statuses() == ["withdrawn"]
    with writing(engine) as connection:
        assert declare_done(connection, "s1", "s1", "a", "2026", LATER)
    assert statuses() == ["self_declared"]


def test_nobody_speaks_for_somebody_else(engine: Engine) -> None:
    with writing(engine) as connection:
        with pytest.raises(ScopeItemNotTheirs):
            declare_done(connection, "s1", "s2", "a", "2026", AT)
        with pytest.raises(ScopeItemNotTheirs):
            take_back_done(connection, "s1", "s2", "a", "2026", AT)
        with pytest.raises(ScopeItemNotTheirs):
            postpone(connection, "s1", "s2", "a", "2026", ON, AT)
