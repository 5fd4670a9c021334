"""The pages on which a subject says where, how often and of what they are told: plain forms, no script."""

from __future__ import annotations

import datetime as dt
from typing import Any, get_args

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.vocabulary import SubjectKind
from records.pace import Pace
from records.subscriptions import LEAD_DAYS, Subscription
from records.tables.vocabulary import ADDRESS_CHANNELS, DIGESTS, AddressChannel, FollowedKind
from serving.access import Id, OpenParts
from serving.errors import Fault, InvalidRequest
from serving.identity.access import actor_of
from serving.inbox.access import ADDRESSES, WISHES, OwnWishing, Wishing
from serving.inbox.wish_context import (
    FollowingContext,
    TellingContext,
    address_panels,
    clock_of,
    followed_lines,
    pace_choices,
    to_follow,
)
from serving.inbox.wishes import Wishes
from serving.overload import TooManyRequests
from serving.pages.addresses import FOLDERS, home_url
from serving.pages.page import page
from serving.pages.request_frame import frame_of
from serving.pages.sent_form import Fields, Sent, one_in, text_in
from serving.parts import Parts
from serving.privacy.access import Kind
from serving.reader import words_of

router = APIRouter(include_in_schema=False)

SAID = ("code", "verified", "removed", "pace", "followed", "unfollowed")


def telling(request: Request, id: Id, kind: Kind, parts: OpenParts, wishes: Wishing) -> Response:
    """Where and how often the subject is told."""
    return _telling(request, kind, id, parts, wishes)


def following(request: Request, id: Id, kind: Kind, parts: OpenParts, wishes: Wishing) -> Response:
    """What the subject follows."""
    words, (_, followed, _) = words_of(request), wishes.now()
    themes, events = to_follow(followed, parts.catalogue, kind, words)
    context = FollowingContext(
        t=words,
        frame=frame_of(request, words("following.title"), synthetic=parts.samples.synthetic),
        inbox_url=_inbox(kind, id),
        items_url=f"{home_url(kind, id)}/every-item",
        here=f"{_inbox(kind, id)}/following",
        said=_said(request),
        lines=followed_lines(followed, parts.catalogue, kind, words),
        themes=themes,
        events=events,
    )
    return page(request, "following", context)


def send_code(
    request: Request, id: Id, kind: Kind, parts: OpenParts, wishes: OwnWishing, sent: Sent
) -> Response:
    """Have a code sent to an address."""
    channel: AddressChannel = one_in(sent, "channel", ADDRESS_CHANNELS)
    try:
        wishes.send_code(channel, text_in(sent, "address"))
    except InvalidRequest:
        return _telling(request, kind, id, parts, wishes, f"telling.wrong.{channel}", 422)
    except TooManyRequests:
        return _telling(request, kind, id, parts, wishes, "telling.too_many", 429)
    return _back(kind, id, "settings", "code", f"address-{channel}")


def take_code(
    request: Request, id: Id, kind: Kind, parts: OpenParts, wishes: OwnWishing, sent: Sent
) -> Response:
    """Take the code that came."""
    channel: AddressChannel = one_in(sent, "channel", ADDRESS_CHANNELS)
    outcome = wishes.take_code(channel, text_in(sent, "code"))
    if outcome != "verified":
        return _telling(request, kind, id, parts, wishes, f"telling.code.{outcome}", 422)
    return _back(kind, id, "settings", "verified", f"address-{channel}")


def remove(id: Id, kind: Kind, wishes: OwnWishing, sent: Sent) -> Response:
    """Forget an address, or the code that was sent to one."""
    wishes.remove(one_in(sent, "channel", ADDRESS_CHANNELS))
    return _back(kind, id, "settings", "removed", "addresses")


def choose_pace(id: Id, kind: Kind, wishes: Wishing, sent: Sent) -> Response:
    """Choose cap, quiet hours and digest."""
    caps = tuple(str(n) for n in range(1, 51))
    cap, digest = int(one_in(sent, "most_a_day", caps)), one_in(sent, "digest", DIGESTS)
    wishes.pace(Pace(cap, _clock(sent, "quiet_from"), _clock(sent, "quiet_until"), digest))
    return _back(kind, id, "settings", "pace", "pace")


def follow(id: Id, kind: Kind, wishes: Wishing, sent: Sent) -> Response:
    """Follow something, or choose other lead days for it."""
    followed: FollowedKind = one_in(sent, "kind", get_args(FollowedKind))
    offered = {str(days): days for days in LEAD_DAYS}
    days = {offered[text] for text in sent.get("lead_days", ()) if text in offered}
    wishes.follow(Subscription(followed, text_in(sent, "target"), tuple(sorted(days, reverse=True))))
    return _back(kind, id, "following", "followed", "followed")


def unfollow(id: Id, kind: Kind, wishes: Wishing, sent: Sent) -> Response:
    """Follow something no longer."""
    followed: FollowedKind = one_in(sent, "kind", get_args(FollowedKind))
    wishes.unfollow(followed, text_in(sent, "target"))
    return _back(kind, id, "following", "unfollowed", "followed")


def _telling(
    request: Request,
    kind: SubjectKind,
    id: str,
    parts: Parts,
    wishes: Wishes,
    amiss: str | None = None,
    status: int = 200,
) -> Response:
    words, (pace, _, contacts) = words_of(request), wishes.now()
    themes = tuple(theme.id for theme in parts.catalogue.themes.values() if theme.subject is kind)
    caps, digests = pace_choices(pace, words)
    actor = actor_of(request)
    own = actor.mode != "kiosk" and actor.role in (ADDRESSES[kind].roles or ())
    shown = address_panels(contacts, parts.desk.choices(kind, id), kind, themes, words) if own else None
    context = TellingContext(
        t=words,
        frame=frame_of(request, words("telling.title"), synthetic=parts.samples.synthetic),
        inbox_url=_inbox(kind, id),
        privacy_url=f"{home_url(kind, id)}/privacy",
        here=f"{_inbox(kind, id)}/settings",
        said=None if amiss else _said(request),
        amiss=words(amiss) if amiss else None,
        addresses=shown,
        themes=themes,
        caps=caps,
        digests=digests,
        quiet_from=clock_of(pace.quiet_from),
        quiet_until=clock_of(pace.quiet_until),
    )
    return page(request, "telling", context, status)


def _clock(sent: Fields, name: str) -> dt.time:
    try:
        return dt.time.fromisoformat(text_in(sent, name)[:5])
    except ValueError as error:
        raise InvalidRequest(Fault(f"/body/{name}", "write a time of day as 22:00")) from error


def _said(request: Request) -> str | None:
    done = request.query_params.get("done")
    return words_of(request)(f"telling.done.{done}") if done in SAID else None


def _inbox(kind: SubjectKind, subject: str) -> str:
    return f"{home_url(kind, subject)}/inbox"


def _back(kind: SubjectKind, subject: str, where: str, done: str, anchor: str) -> Response:
    return RedirectResponse(f"{_inbox(kind, subject)}/{where}?done={done}#{anchor}", 303)


POSTED: tuple[tuple[str, Any, Any], ...] = (
    ("/settings/addresses", send_code, ADDRESSES),
    ("/settings/addresses/code", take_code, ADDRESSES),
    ("/settings/addresses/remove", remove, ADDRESSES),
    ("/settings/pace", choose_pace, WISHES),
    ("/following", follow, WISHES),
    ("/following/end", unfollow, WISHES),
)
for each, folder in FOLDERS.items():
    for path, handler in (("/settings", telling), ("/following", following)):
        router.add_api_route(f"/{folder}/{{id}}/inbox{path}", handler, dependencies=[WISHES[each].needed])
    for path, handler, access in POSTED:
        router.add_api_route(
            f"/{folder}/{{id}}/inbox{path}", handler, methods=["POST"], dependencies=[access[each].needed]
        )
