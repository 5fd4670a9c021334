"""Where somebody is signed in with a browser, for their own programs."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.exceptions import HTTPException
from starlette.requests import Request

from records.sessions import HANDLE_LENGTH, Session
from records.tables.vocabulary import SessionMode
from serving.access import OpenParts
from serving.api.problems import problems
from serving.api.schema import AnswerSchema
from serving.identity.access import SIGNED_IN, CurrentVisit
from serving.identity.desk import identity_of
from serving.identity.own_sessions import end_one, end_others, live_sessions

router = APIRouter(prefix="/v1/sessions", tags=["sessions"])
Handle = Annotated[str, Path(pattern=rf"^[0-9a-f]{{{HANDLE_LENGTH}}}$")]


class SessionSchema(AnswerSchema):
    """One browser in which the caller is signed in. Its handle ends it and opens nothing."""

    handle: str
    mode: SessionMode
    began_at: dt.datetime
    seen_at: dt.datetime
    """When it was last used, to within some minutes."""
    ends_at: dt.datetime

    @classmethod
    def of(cls, one: Session) -> SessionSchema:
        """The schema of a session."""
        return cls(
            handle=one.handle,
            mode=one.mode,
            began_at=one.began_at,
            seen_at=one.seen_at,
            ends_at=one.ends_at,
        )


class SessionsSchema(AnswerSchema):
    """All of them, the latest used first."""

    sessions: list[SessionSchema]


class EndedSchema(AnswerSchema):
    """How many sessions were ended."""

    ended: int


@router.get("", response_model=SessionsSchema, responses=problems(), dependencies=[SIGNED_IN.needed])
def own_sessions(request: Request, parts: OpenParts, visit: CurrentVisit) -> SessionsSchema:
    """Where the caller is signed in."""
    found = live_sessions(parts, identity_of(request), visit)
    return SessionsSchema(sessions=[SessionSchema.of(one) for one in found])


@router.delete("", response_model=EndedSchema, responses=problems(), dependencies=[SIGNED_IN.needed])
def end_every_session(request: Request, parts: OpenParts, visit: CurrentVisit) -> EndedSchema:
    """Sign the caller out in every browser, from the next call on."""
    return EndedSchema(ended=end_others(parts, identity_of(request), visit))


@router.delete(
    "/{handle}", response_model=EndedSchema, responses=problems(404), dependencies=[SIGNED_IN.needed]
)
def end_own_session(handle: Handle, request: Request, parts: OpenParts, visit: CurrentVisit) -> EndedSchema:
    """Sign the caller out in one browser. A session of somebody else is answered as one there is not."""
    if not end_one(parts, identity_of(request), visit, handle):
        raise HTTPException(404)
    return EndedSchema(ended=1)
