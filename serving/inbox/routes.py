"""Every route of the inbox: interface, stream, pages, links in messages."""

from __future__ import annotations

from fastapi import APIRouter

from serving.inbox import api, own_inbox, page_routes, stream, unsubscribe_routes, wish_routes

router = APIRouter()
for _each in (api, own_inbox, stream, page_routes, wish_routes, unsubscribe_routes):
    router.include_router(_each.router)
