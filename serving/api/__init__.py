"""The programming interface: one endpoint family a module, every answer a declared schema."""

from fastapi import APIRouter

from serving.api import (
    assessments,
    campaigns,
    cases,
    consultations,
    events,
    hand_overs,
    homepages,
    interactions,
    invitations,
    items,
    package_changes,
    packages,
    privacy,
    questions,
    reminders,
    sessions,
    status,
    what_if,
)

router = APIRouter()
for family in (
    homepages,
    events,
    questions,
    reminders,
    invitations,
    hand_overs,
    campaigns,
    packages,
    package_changes,
    assessments,
    what_if,
    items,
    interactions,
    cases,
    consultations,
    privacy,
    sessions,
    status,
):
    router.include_router(family.router)
