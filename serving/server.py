"""How the application is run: bounded connections, our own log lines, and no words about what runs it."""

from __future__ import annotations

from socket import socket
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from serving.connections import BoundedConnection
from serving.settings import ServingSettings

KEEP_ALIVE: Final = 15
"""Seconds an idle connection is kept."""
MOST_CONNECTIONS: Final = 2_000
"""Beyond these a process answers 503 at once."""
SHUT_DOWN_WITHIN: Final = 20
"""Seconds for requests under way to end."""


class Server(uvicorn.Server):
    """uvicorn's server; streams that would never end by themselves end first when it is asked to."""

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """End the streams, wait for the requests under way, and close."""
        state = getattr(self.config.app, "state", None)
        watch = getattr(state, "inbox_watch", None)
        if watch is not None:
            watch.close()
        await super().shutdown(sockets)


def server_config(app: ASGIApp, settings: ServingSettings, port: int | None = None) -> uvicorn.Config:
    """How uvicorn runs the application; `port` goes before the one of the settings."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port if port is None else port,
        http=BoundedConnection,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        # Whoever can write this header chooses the address that limits are counted by.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=SHUT_DOWN_WITHIN,
    )
