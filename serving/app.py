"""The composition root: settings in, the whole web application out."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.staticfiles import StaticFiles

from records.arrival_stream import open_bell
from serving.answers import register_errors
from serving.api import router as api
from serving.api.description import describe
from serving.body_limit import BodyLimit
from serving.hand_over.sample_portal import sample_portal
from serving.headers import SecurityHeaders
from serving.hosts import OwnHostOnly
from serving.identity.account_routes import router as account
from serving.identity.agent_routes import router as agent
from serving.identity.declared import check_declared
from serving.identity.desk import IdentityDesk, wall_clock
from serving.identity.issuer.routes import issuer_router
from serving.identity.issuer.signing import Signing
from serving.identity.login_routes import router as login
from serving.identity.own_routes import router as own
from serving.identity.provider import Provider
from serving.identity.session_routes import router as session
from serving.inbox.routes import router as inbox
from serving.inbox.watch import InboxWatch
from serving.logging_requests import RequestLog
from serving.metrics import RequestCounts
from serving.once_more import OnceMore
from serving.pages.event_routes import router as event_pages
from serving.pages.every_item_routes import router as every_item_pages
from serving.pages.feedback_routes import router as feedback
from serving.pages.hand_over_routes import router as hand_overs
from serving.pages.invitation_routes import router as invitation_pages
from serving.pages.item_routes import router as item_pages
from serving.pages.notice_routes import router as notice_page
from serving.pages.office_routes import router as offices
from serving.pages.privacy_routes import router as privacy_pages
from serving.pages.question_routes import router as question_pages
from serving.pages.rendering import Renderer
from serving.pages.routes import router as pages
from serving.parts import Parts, open_parts
from serving.rate_limit_layer import AddressLimit
from serving.rate_limits import open_limits
from serving.request_limits import RequestLimits
from serving.settings import ServingSettings
from serving.shedding import Shedding
from serving.wording import load_words

STATIC = Path(__file__).parent / "static"
LARGEST_BODY = 1 << 20
ROUTERS = (
    *(api, pages, item_pages, invitation_pages, notice_page, feedback, event_pages, every_item_pages),
    *(offices, hand_overs, question_pages, privacy_pages, inbox, account, own, agent, login, session),
)
DESCRIPTION = (
    "What a citizen or an enterprise should do, can do, and can finish at once. A right is decided by "
    "rules and never by a model; what is not known is said to be unknown. Send a bearer token of the issuer "
    "made for this interface, with a scope for what you ask."
)


def create_app(
    settings: ServingSettings | None = None, open_with: Callable[[ServingSettings], Parts] = open_parts
) -> FastAPI:
    """The application; its parts are opened when it starts and closed when it ends."""
    chosen = settings or ServingSettings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        parts = await run_in_threadpool(open_with, chosen)
        app.state.parts = parts
        app.state.identity = IdentityDesk(
            chosen, Provider(chosen, wall_clock, _way_to_issuer(app, chosen)), wall_clock
        )
        app.state.limits = open_limits(chosen, parts.secrets)
        app.state.inbox_watch = InboxWatch(parts.engine)
        app.state.bell = open_bell(chosen)
        # What was loaded stays; the collector need not walk it at every pass.
        gc.collect()
        gc.freeze()
        try:
            yield
        finally:
            gc.unfreeze()
            app.state.inbox_watch.close()
            await app.state.identity.provider.close()
            app.state.bell.close()
            parts.close()

    app = FastAPI(
        title="Qianmian",
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.settings = chosen
    app.state.words = load_words()
    app.state.renderer = Renderer()
    app.state.counts = RequestCounts()
    for each in ROUTERS:
        app.include_router(each)
    if chosen.own_issuer:
        app.state.signing = Signing()
        app.include_router(issuer_router(app.state.signing))
    if chosen.own_portal:
        app.include_router(sample_portal(chosen))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    register_errors(app)
    describe(app)
    check_declared(app)
    _add_layers(app, chosen)
    return app


def _add_layers(app: FastAPI, chosen: ServingSettings) -> None:
    """What every request passes, the last of these first."""
    app.add_middleware(OnceMore)
    app.add_middleware(BodyLimit, most=LARGEST_BODY)
    app.add_middleware(Shedding)
    app.add_middleware(AddressLimit)
    app.add_middleware(OwnHostOnly, address=chosen.public_address)
    app.add_middleware(RequestLimits)
    app.add_middleware(
        SecurityHeaders, strict_transport=chosen.profile == "production", forms_to=chosen.portal_address
    )
    app.add_middleware(RequestLog)


def _way_to_issuer(app: FastAPI, settings: ServingSettings) -> httpx.AsyncBaseTransport | None:
    """How the issuer is asked: the embedded one within the process, any other over the network."""
    return httpx.ASGITransport(app) if settings.own_issuer else None
