"""Where somebody signed in sees as whom they can act, and who may act for them."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from serving.access import OpenParts
from serving.identity.access import SIGNED_IN, CurrentVisit
from serving.identity.account_page import account_page

router = APIRouter(include_in_schema=False)


@router.get("/account", dependencies=[SIGNED_IN.needed])
def account(request: Request, parts: OpenParts, visit: CurrentVisit) -> Response:
    """The roles of the login."""
    return account_page(request, parts, visit)
