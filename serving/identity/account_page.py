"""The page of the one who is signed in: as whom they can act, and who may act for them."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from serving.identity.visit import Visit
from serving.pages.frame import Frame
from serving.pages.page import page
from serving.pages.request_frame import frame_of
from serving.pages.session_frame import HatLine, hat_line
from serving.reader import words_of
from serving.wording import Words


@dataclass(frozen=True, slots=True)
class AccountContext:
    """What account.html is rendered from."""

    t: Words
    frame: Frame
    form_token: str
    hats: tuple[HatLine, ...]


def account_page(request: Request, visit: Visit) -> Response:
    """The page of a session's login."""
    words = words_of(request)
    context = AccountContext(
        t=words,
        frame=frame_of(request, words("account.title"), synthetic=False),
        form_token=visit.session.form_token if visit.session else "",
        hats=tuple(hat_line(hat, hat == visit.worn, words) for hat in visit.hats),
    )
    return page(request, "account", context)
