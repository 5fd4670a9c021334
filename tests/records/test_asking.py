"""Both databases keep alike what is asked of subjects: invitations, call-backs, hand-overs, campaigns."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine, insert

from catalog.vocabulary import Names, SubjectKind
from features.schema import Case
from models.invitation.answering import Accept
from records.audience_previews import ask_preview, keep_preview, told_before, waiting_previews
from records.call_backs import call_back_counts, keep_call_back, unanswered
from records.campaign_members import (
    Member,
    complaint_rows,
    keep_members,
    member_rows,
    members_among,
    told_rows,
    unsubscribed_rows,
)
from records.campaigns import (
    Draft,
    approve_campaign,
    campaign_with_id,
    draft_campaign,
    finish_stage,
    keep_funnel,
    release_stage,
    stop_campaign,
)
from records.consultations import ConsultationRecord, append_consultations
from records.database import writing
from records.hand_overs import HandOver, hand_over_with_id, keep_hand_over
from records.invitation_answers import (
    age_invitations,
    agreed_between,
    answer_invitation,
    complete_invitations,
    delivered,
    note_delivered,
    undelivered,
)
from records.tables import invitation, scope_item, subject

AT = dt.datetime(2026, 11, 21, 2, tzinfo=dt.UTC)
ON = dt.date(2026, 11, 21)
WHO = "c-1"


def populate(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(subject).values(id=WHO, kind="citizen"))
        connection.execute(insert(scope_item).values(id=WHO, scope="self", owner=WHO))


def test_an_invitation_is_delivered_agreed_on_runs_out_and_is_completed_all_the_same(engine: Engine) -> None:
    populate(engine)
    row = {"subject": WHO, "scope_item": WHO, "item": "i", "cycle": "once", "status": "proposed"}
    more = {"suggested_on": ON, "valid_to": ON + dt.timedelta(9), "proposed_at": AT}
    with writing(engine) as connection:
        connection.execute(insert(invitation).values(**row, **more, reason_code="obligation_due"))
        (one,) = undelivered(connection, [WHO])
        note_delivered(connection, {one.id: "k"}, AT)
        assert undelivered(connection, [WHO]) == ()
        assert answer_invitation(connection, WHO, one.id, Accept(ON), AT).state.agreed_on == ON
        assert [each.id for each in agreed_between(connection, ON, ON)] == [one.id]
        assert age_invitations(connection, ON + dt.timedelta(20), AT) == (1, ())
        case = Case("x", WHO, "i", "once", "succeeded", None, AT, AT)
        assert [complete_invitations(connection, case) for _ in range(2)] == [1, 0]
        assert delivered(connection, ["k"]) == frozenset()


def test_a_consultation_is_decided_on_once(engine: Engine) -> None:
    populate(engine)
    with writing(engine) as connection:
        append_consultations(connection, [ConsultationRecord("q", WHO, "t", "hotline", AT)])
        assert [one.id for one in unanswered(connection, ["q", "none"])] == ["q"]
        assert [keep_call_back(connection, "q", "nothing_matches", AT) for _ in range(2)] == [True, False]
        assert unanswered(connection, ["q"]) == ()
        assert call_back_counts(connection) == {"nothing_matches": 1}


def test_a_hand_over_is_found_by_its_id(engine: Engine) -> None:
    populate(engine)
    one = HandOver("h", WHO, WHO, "i", "once", "https://portal", AT, AT + dt.timedelta(minutes=5))
    with writing(engine) as connection:
        assert len(keep_hand_over(connection, one, AT, AT)) == 1
        assert hand_over_with_id(connection, "h") == one
        assert hand_over_with_id(connection, "other") is None


def test_a_campaign_lives_from_preview_to_stop(engine: Engine) -> None:
    populate(engine)
    names = Names("题", "title")
    draft = Draft(kind=SubjectKind.CITIZEN, item="i", audience="age > 1", names=names, reason=names)
    with writing(engine) as connection:
        asked = ask_preview(connection, draft.kind, draft.audience, "ann", AT)
        assert waiting_previews(connection) == (asked,)
        keep_preview(connection, asked.id, ON, (None, 10), AT)
        assert told_before(connection, draft.kind, AT) == ("age > 1",)
        id_ = draft_campaign(connection, draft, "ann", AT).id
        approve_campaign(connection, id_, "bob", AT)
        assert release_stage(connection, id_, 1).share == 0.01
        for _ in range(2):
            keep_members(connection, [Member(id_, WHO, "told", 1, AT, "k")])
        assert members_among(connection, id_, [WHO, "c-2"]) == {WHO}
        assert member_rows(connection, id_).rows() == [(WHO, "told", 1, AT, "k")]
        assert told_rows(connection, id_).is_empty()
        assert unsubscribed_rows(connection, id_, "t").is_empty()
        assert complaint_rows(connection, id_).is_empty()
        keep_funnel(connection, id_, {"arms": {}}, AT)
        assert finish_stage(connection, id_, 1).sent == 1
        stopped, cancelled = stop_campaign(connection, id_, "bob", AT)
        assert (stopped.state, cancelled) == ("stopped", 0)
        assert campaign_with_id(connection, id_).draft == draft
