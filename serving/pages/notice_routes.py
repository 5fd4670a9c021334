"""The algorithm notice that people read: how a homepage comes about, how to change it and switch it off."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from serving.access import OpenParts
from serving.identity.access import PUBLIC
from serving.pages.frame import Frame
from serving.pages.rendering import Renderer
from serving.pages.request_frame import frame_of
from serving.reader import remember, words_of
from serving.wording import Language, Words

router = APIRouter(include_in_schema=False)
NOTICE_URL: Final = "/about/recommendation"


class NoticeSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question the notice answers, a sentence or two a line."""

    id: str
    title: str
    text: tuple[str, ...]


class Notice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The notice in one language."""

    title: str
    lead: str
    sections: tuple[NoticeSection, ...]


@dataclass(frozen=True, slots=True)
class NoticeContext:
    """What notice.html is rendered from."""

    t: Words
    frame: Frame
    notice: Notice


@lru_cache(maxsize=1)
def notices() -> dict[Language, Notice]:
    """The notice by language (notice.yaml)."""
    text = (resources.files("serving.pages") / "notice.yaml").read_bytes()
    return msgspec.yaml.decode(text, type=dict[Language, Notice])


@router.get(NOTICE_URL, dependencies=[PUBLIC.needed])
def recommendation_notice(request: Request, parts: OpenParts) -> Response:
    """How recommendation works: the same for everybody, signed in or not."""
    words = words_of(request)
    notice = notices()[words.language]
    frame = frame_of(request, notice.title, synthetic=False)
    renderer: Renderer = request.app.state.renderer
    response = renderer.response("notice", NoticeContext(words, frame, notice))
    remember(request, response)
    return response
