"""How what programs hand in is kept: with its arrivals, in one transaction, before it is acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import Connection
from starlette.requests import Request

from records.arrival_stream import Bell
from records.arrivals import Came, note_arrivals
from records.durable import writing_durably
from records.subjects import require_known
from serving.identity.access import reached_all, visitor_of
from serving.identity.actor import Role
from serving.identity.desk import identity_of
from serving.identity.refusals import RoleRefused
from serving.parts import Parts

Write = Callable[[Connection], tuple[int, Iterable[Came]]]
"""Writes rows; how many were new, and what came with them."""


def keep(request: Request, parts: Parts, subjects: set[str], write: Write, *, anonymous: bool = False) -> int:
    """Let in whoever hands this in about the subjects, keep it, and tell the workers; how much was new.

    When this returns it is on disk. What is `anonymous` only a channel may hand in. Raises what `reached_all`
    raises, RoleRefused, UnknownSubject, and what `write` does.
    """
    if anonymous and not any(hat.role is Role.CHANNEL for hat in visitor_of(request).hats):
        raise RoleRefused
    reached_all(request, parts, subjects)
    with writing_durably(parts.engine) as connection:
        require_known(connection, subjects)
        new, came = write(connection)
        ids = note_arrivals(connection, came, identity_of(request).wall())
    bell: Bell = request.app.state.bell
    bell.ring(ids)
    return new
