"""Fetching what a run serves, as a visitor would, to show that it works."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx
import uvicorn

from catalog.vocabulary import SubjectKind
from commands.console import OUT, Refusal
from commands.serve import PATHS, samples_of
from serving.app import create_app
from serving.logging_lines import configure_logging
from serving.server import server_config
from serving.settings import ServingSettings

_START_SECONDS: Final = 60.0


@contextmanager
def running(settings: ServingSettings) -> Iterator[str]:
    """Serve in this process on any free port of the loopback; yields the address."""
    configure_logging("warning")
    server = uvicorn.Server(server_config(create_app(settings), settings, port=0))
    thread = threading.Thread(target=server.run, name="server")
    thread.start()
    try:
        yield f"http://{settings.host}:{_port(server, thread)}"
    finally:
        server.should_exit = True
        thread.join()


def _port(server: uvicorn.Server, thread: threading.Thread) -> int:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise Refusal("the server did not start; its log above says why")
        time.sleep(0.05)
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return port


def check(settings: ServingSettings) -> None:
    """Fetch a homepage of each kind as a page and as JSON; ends the command when one of them fails."""
    samples = samples_of(settings)
    with running(settings) as root, httpx.Client(base_url=root, timeout=30) as client:
        for kind in SubjectKind:
            sample = next(each for each in samples if each.kind is kind)
            path = f"/{PATHS[kind]}/{sample.id}"
            page = _fetch(client, path)
            document = _fetch(client, f"/v1{path}/homepage").json()
            if sample.id not in str(document):
                raise Refusal(f"/v1{path}/homepage is not the page of {sample.id}")
            OUT.print(f"[green]✓[/] {path}: {len(page.text) // 1024} kB page, and its JSON", highlight=False)


def _fetch(client: httpx.Client, path: str) -> httpx.Response:
    response = client.get(path)
    if response.status_code != httpx.codes.OK:
        raise Refusal(f"{path} answered {response.status_code}: {response.text[:300]}")
    return response
