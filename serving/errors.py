"""One map from what can go wrong to what a program or a person is told: problem+json, or a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from features.guarded import StoreAway
from models.invitation.answering import AnswerRefused
from records.audit_heads import AuditBroken
from records.campaigns import CampaignRefused, UnknownCampaign
from records.cases import CaseTaken, ReportTaken
from records.consultations import ConsultationTaken
from records.failures import failure_of
from records.interactions import ClientIdTaken, ScopeItemNotTheirs
from records.invitation_answers import UnknownInvitation
from records.subjects import UnknownSubject
from serving.hand_over.no_portal import NoPortal
from serving.identity.refusals import (
    ForeignForm,
    IssuerUnavailable,
    KeptBack,
    NobodyHere,
    NotOpened,
    NotSignedIn,
    OtherHat,
    RoleRefused,
    ScopeRefused,
    SignInFailed,
    TokenRefused,
)
from serving.overload import SHED, LimitsUnknown, Shed, TooManyRequests, TooSlow
from serving.wording import Words


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request: where, and what. What was sent is never repeated."""

    pointer: str
    message: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong: a code of `error.*` in the strings, an HTTP status, and what fills the words in."""

    code: str
    status: int
    values: Mapping[str, object] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()

    def title(self, words: Words) -> str:
        """What kind of problem it is."""
        return words(f"error.{self.code}.title")

    def detail(self, words: Words) -> str:
        """What happened this time, and what to do."""
        return words(f"error.{self.code}.detail", **self.values)


class UnknownItem(LookupError):
    """The catalogue has no such item, or none that may be shown."""

    def __init__(self, item: str) -> None:
        super().__init__(f"the catalogue has no item {item!r} that may be shown; check the id")
        self.item = item


class NotReady(RuntimeError):
    """The server lacks a part it cannot do without; the message says which and how to make it."""


class InvalidRequest(ValueError):
    """A request that is well formed and yet makes no sense; each fault says where."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(f"{fault.pointer}: {fault.message}" for fault in faults))
        self.faults = faults


def _validation(error: RequestValidationError) -> Problem:
    faults = tuple(
        Fault("/" + "/".join(str(part) for part in fault["loc"]), fault["msg"]) for fault in error.errors()
    )
    return Problem("invalid-request", 422, {"n": len(faults)}, faults)


UNREADABLE: Final = "store-unavailable"
NOT_SAVED: Final = frozenset({"records-read-only", "records-full", "records-busy"})
"""What the records refused and did not do."""
_STATUSES: Final = {
    404: "not-found",
    405: "method-not-allowed",
    408: "too-slowly-sent",
    413: "too-large",
    414: "address-too-long",
    421: "foreign-host",
}
"""What statuses that carry nothing else are told as."""


def _http(error: HTTPException) -> Problem:
    if error.status_code in _STATUSES:
        return Problem(_STATUSES[error.status_code], error.status_code)
    return Problem("invalid-request", error.status_code, {"n": 1}, (Fault("", str(error.detail)),))


def _records(error: SQLAlchemyError) -> Problem:
    failure = failure_of(error)
    told = UNREADABLE if failure in ("records_away", "records_refused") else failure.replace("_", "-")
    return Problem(told, 503)


def _foreign_scope_items(error: ScopeItemNotTheirs) -> Problem:
    return Problem("invalid-request", 422, {"n": 1}, (Fault("/body/scope_item", "not one of the subject's"),))


def _answer_refused(error: AnswerRefused) -> Problem:
    """Each refusal in words of its own, with the day it is about."""
    return Problem(f"invitation-{error.code.replace('_', '-')}", 409, {"day": error.day or ""})


PROBLEMS: dict[type[Exception], Callable[[Any], Problem]] = {
    UnknownSubject: lambda error: Problem("unknown-subject", 404, {"id": error.subject}),
    UnknownItem: lambda error: Problem("unknown-item", 404, {"id": error.item}),
    ClientIdTaken: lambda error: Problem("interaction-conflict", 409, {"id": ", ".join(error.client_ids)}),
    ReportTaken: lambda error: Problem("case-conflict", 409, {"id": ", ".join(error.client_ids)}),
    CaseTaken: lambda error: Problem("case-conflict", 409, {"id": ", ".join(error.client_ids)}),
    ConsultationTaken: lambda error: Problem(
        "consultation-conflict", 409, {"id": ", ".join(error.client_ids)}
    ),
    ScopeItemNotTheirs: _foreign_scope_items,
    InvalidRequest: lambda error: Problem("invalid-request", 422, {"n": len(error.faults)}, error.faults),
    UnknownCampaign: lambda error: Problem("unknown-campaign", 404),
    CampaignRefused: lambda error: Problem("campaign-refused", 409, {"reason": str(error)}),
    NoPortal: lambda error: Problem("no-portal", 503),
    UnknownInvitation: lambda error: Problem("unknown-invitation", 404),
    AnswerRefused: _answer_refused,
    TooManyRequests: lambda error: Problem("too-many-requests", 429, {"n": error.seconds}),
    LimitsUnknown: lambda error: Problem("limits-unknown", 503),
    Shed: lambda error: Problem(SHED, 429),
    TooSlow: lambda error: Problem("too-slow", 503),
    AuditBroken: lambda error: Problem("audit-broken", 503),
    NotSignedIn: lambda error: Problem("not-signed-in", 401),
    TokenRefused: lambda error: Problem("token-refused", 401),
    ScopeRefused: lambda error: Problem("scope-refused", 403, {"scope": error.needed}),
    RoleRefused: lambda error: Problem("role-refused", 403),
    OtherHat: lambda error: Problem("other-hat", 403),
    KeptBack: lambda error: Problem("kept-back", 403),
    NotOpened: lambda error: Problem("not-opened", 422),
    NobodyHere: lambda error: Problem("nobody-here", 403),
    ForeignForm: lambda error: Problem("foreign-form", 403),
    SignInFailed: lambda error: Problem("sign-in-failed", 400),
    IssuerUnavailable: lambda error: Problem("issuer-unavailable", 503),
    NotReady: lambda error: Problem("not-ready", 503, {"reason": str(error)}),
    SQLAlchemyError: _records,
    StoreAway: lambda error: Problem(UNREADABLE, 503),
    RequestValidationError: _validation,
    HTTPException: _http,
}
"""Every typed error a request can end in. Whatever else is raised is a fault of ours: 500."""

UNEXPECTED = Problem("unexpected", 500)


def problem_of(error: Exception) -> Problem:
    """The problem an error is told as."""
    for kind in type(error).__mro__:
        if kind in PROBLEMS:
            return PROBLEMS[kind](error)
    return UNEXPECTED
