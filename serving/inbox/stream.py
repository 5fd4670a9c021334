"""`/v1/inbox/stream`: an inbox as server-sent events, resumable by the id of the last message that came."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from time import monotonic
from typing import Final

import anyio
from anyio import to_thread
from fastapi import APIRouter
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from catalog.vocabulary import SubjectKind
from records.database import reading
from records.sessions import session_of
from records.subjects import UnknownSubject
from records.tables.vocabulary import SessionMode
from serving.access import OpenParts
from serving.errors import Fault, InvalidRequest
from serving.identity.access import CurrentActor, CurrentVisit, admitted
from serving.identity.actor import EVERYTHING
from serving.identity.cookies import session_secret
from serving.identity.desk import identity_of
from serving.identity.refusals import IssuerUnavailable, TokenRefused
from serving.identity.visit import Visit, visit_of
from serving.inbox.access import OWN, Subject, whose
from serving.inbox.api import After
from serving.inbox.schemas import MessageSchema, StateSchema
from serving.inbox.sight import Seen, inbox_of
from serving.inbox.watch import InboxWatch, Listener
from serving.parts import Parts

router = APIRouter(prefix="/v1", tags=["inbox"])

HEARTBEAT: Final = 15.0
"""Seconds of silence after which a comment says that the stream lives, and who listens is looked at again."""
LASTS: Final = 3600.0
"""Seconds until a stream ends by itself; whoever still listens comes back with the last id."""
WHOLE_EVERY: Final = 120.0
"""Seconds for which a session in its subject's own hat is not asked for its other hats again."""
RETRY: Final = 3000
"""Milliseconds after which a browser comes back."""
HEADERS: Final = {"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}


@dataclass(slots=True)
class Listening:
    """Who listens to whose inbox; looked at anew before every word."""

    request: Request
    parts: Parts
    kind: SubjectKind
    subject: str
    watch: InboxWatch
    _own: Visit | None = None
    """The visit of a session in the subject's own hat, which only ends with the session or the subject."""
    _checked: float = 0.0

    def look(self) -> Seen | None:
        """The inbox as the caller may see it now; None once they may not. In a worker thread."""
        visit = self._session_alone() if monotonic() - self._checked < WHOLE_EVERY else None
        if visit is None:
            visit = self._whole()
        hat = None if visit is None else visit.hat_for(self.kind, self.subject)
        if visit is None or hat is None or (visit.session is not None and visit.worn != hat):
            return None
        with reading(self.parts.engine) as connection:
            actor = visit.actor(connection, hat)
        try:
            return inbox_of(self.parts, actor, self.kind, self.subject)
        except UnknownSubject:
            return None

    def _whole(self) -> Visit | None:
        """The caller with every hat they have now."""
        try:
            visit = visit_of(self.request, self.parts, unused=True)
        except (TokenRefused, IssuerUnavailable):
            return None
        self._own, self._checked = visit if visit is not None and _is_own(visit) else None, monotonic()
        return visit

    def _session_alone(self) -> Visit | None:
        """Whoever listens for themselves, as long as their session lives: hats are dear to work out."""
        if self._own is None:
            return None
        desk = identity_of(self.request)
        secret = session_secret(self.request, desk.settings)
        idle: dict[SessionMode, dt.timedelta] = {mode: one.idle for mode, one in desk.settings.limits.items()}
        with reading(self.parts.engine) as connection:
            session = None if secret is None else session_of(connection, secret, desk.wall(), idle)
        return None if session is None else replace(self._own, session=session)

    async def seen(self) -> Seen | None:
        """The same, off the event loop."""
        return await to_thread.run_sync(self.look, limiter=self.watch.readers)


@router.get("/inbox/stream", dependencies=[OWN.needed], include_in_schema=False)
def stream(
    request: Request,
    parts: OpenParts,
    actor: CurrentActor,
    visit: CurrentVisit,
    subject: Subject = None,
    after: After | None = None,
) -> Response:
    """The inbox of whoever the caller's hat is for, live; from `Last-Event-ID` (or `after`) on."""
    kind, of = whose(subject, actor)
    admitted(request, parts, visit, kind, of, purpose="remind")
    watch: InboxWatch = request.app.state.inbox_watch
    since = _last_id(request)
    listening = Listening(request, parts, kind, of, watch)
    session = None if visit.session is None else visit.session.digest

    def begin(listener: Listener) -> AsyncIterator[str]:
        return events(listening, listener, after if since is None else since)

    return EventStream(watch, visit.login.id, of, session, begin)


async def events(
    listening: Listening, listener: Listener, after: int | None, lasts: float = LASTS
) -> AsyncIterator[str]:
    """What the stream says, until the caller may not listen any more, or the time is up."""
    yield f"retry: {RETRY}\n\n"
    ends, mark = monotonic() + lasts, None
    while not listening.watch.closing and monotonic() < ends:
        listener.woken.clear()
        try:
            seen = await listening.seen()
        except SQLAlchemyError:
            # The records are away for the moment; whatever is missed is told at the next look.
            await asyncio.sleep(1)
            yield ": the records do not answer\n\n"
            continue
        if seen is None:
            return
        newest = max((one.id for one in seen.messages), default=0)
        after = newest if after is None else after
        for one in seen.messages:
            if one.id > after:
                told = MessageSchema.of(one, listening.parts.catalogue).model_dump_json()
                yield f"id: {one.id}\nevent: message\ndata: {told}\n\n"
        after = max(after, newest)
        if seen.mark != mark:
            mark = seen.mark
            yield f"event: state\ndata: {_state(seen).model_dump_json()}\n\n"
        with anyio.move_on_after(HEARTBEAT) as waited:
            await listener.woken.wait()
        if waited.cancelled_caught:
            yield ":\n\n"


class EventStream(Response):
    """An answer that goes on until either side ends it; counted from its first byte to its last."""

    def __init__(
        self,
        watch: InboxWatch,
        caller: str,
        subject: str,
        session: bytes | None,
        begin: Callable[[Listener], AsyncIterator[str]],
    ) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._watch, self._who, self._begin = watch, (caller, subject, session), begin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what there is to say. Raises TooManyRequests and Shed before anything is sent."""
        with self._watch.listening(*self._who) as listener:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async with anyio.create_task_group() as both:
                both.start_soon(_until_gone, receive, both.cancel_scope)
                async for text in self._begin(listener):
                    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                both.cancel_scope.cancel()


def _is_own(visit: Visit) -> bool:
    worn = visit.worn
    return worn is not None and worn.subject == visit.login.subject and worn.scope == EVERYTHING


async def _until_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


def _state(seen: Seen) -> StateSchema:
    return StateSchema(open=[one.id for one in seen.messages], unread=seen.unread, mark=seen.mark)


def _last_id(request: Request) -> int | None:
    """The id a browser that was cut off says it last had. Raises InvalidRequest."""
    said = request.headers.get("last-event-id", "").strip()
    if not said:
        return None
    if not said.isascii() or not said.isdecimal() or len(said) > 18:
        raise InvalidRequest(Fault("/header/Last-Event-ID", "the id of a message of this stream"))
    return int(said)
