"""Reminders for programs that deliver them."""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter

from catalog.vocabulary import SubjectKind
from models.recommendation import Urgency
from records.reminders import Reminder, reminders_of
from serving.access import Id, OpenParts
from serving.api.homepage_schemas import ReasonSchema
from serving.api.problems import problems
from serving.api.schema import AnswerSchema, AsOfSchema, NamesSchema
from serving.identity.access import REMINDED_CITIZEN, REMINDED_ENTERPRISE
from serving.parts import Parts

router = APIRouter(prefix="/v1", tags=["reminders"])


class ReminderSchema(AnswerSchema):
    """A standing worth telling. Deliver each `key` once; show `preview` where others may look on."""

    key: str
    item: str
    scope_item: str
    cycle: str
    urgency: Urgency
    compulsory: bool
    due_on: dt.date | None
    names: NamesSchema
    preview: NamesSchema
    reason: ReasonSchema | None


class RemindersSchema(AsOfSchema):
    """Everything to remind one subject of today, most pressing first."""

    subject: str
    reminders: list[ReminderSchema]


@router.get(
    "/citizens/{id}/reminders",
    response_model=RemindersSchema,
    responses=problems(404),
    dependencies=[REMINDED_CITIZEN.needed],
)
def citizen_reminders(id: Id, parts: OpenParts) -> RemindersSchema:
    """What to remind a citizen of, resting on what they let reminders know."""
    return _answer(parts, SubjectKind.CITIZEN, id)


@router.get(
    "/enterprises/{id}/reminders",
    response_model=RemindersSchema,
    responses=problems(404),
    dependencies=[REMINDED_ENTERPRISE.needed],
)
def enterprise_reminders(id: Id, parts: OpenParts) -> RemindersSchema:
    """What to remind an enterprise of, resting on what it let reminders know."""
    return _answer(parts, SubjectKind.ENTERPRISE, id)


def _answer(parts: Parts, kind: SubjectKind, id: str) -> RemindersSchema:
    page = parts.desk.reminder_page(kind, id)
    wanted = reminders_of(page, parts.catalogue, parts.desk.choices(kind, id))
    return RemindersSchema(
        on=page.on,
        catalogue_version=page.catalogue_version,
        subject=id,
        reminders=[_schema(reminder, parts) for reminder in wanted],
    )


def _schema(reminder: Reminder, parts: Parts) -> ReminderSchema:
    reason = reminder.reason
    return ReminderSchema(
        key=reminder.key,
        item=reminder.item,
        scope_item=reminder.scope_item,
        cycle=reminder.cycle,
        urgency=reminder.urgency,
        compulsory=reminder.compulsory,
        due_on=reminder.due_on,
        names=NamesSchema.of(parts.catalogue.items[reminder.item].names),
        preview=NamesSchema.of(reminder.preview),
        reason=None if reason is None else ReasonSchema(code=reason.code, text=NamesSchema.of(reason.text)),
    )
