"""Fetching what a run serves, as a visitor would, to show that it works."""

from __future__ import annotations

import socket
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
from commands.signing_in import access_token, sign_in
from serving.app import create_app
from serving.logging_lines import configure_logging
from serving.server import Server, server_config
from serving.settings import ServingSettings

_START_SECONDS: Final = 60.0


@contextmanager
def running(settings: ServingSettings) -> Iterator[str]:
    """Serve in this process, where the settings say; yields the address."""
    configure_logging("warning")
    server = Server(server_config(create_app(settings), settings, port=settings.port))
    thread = threading.Thread(target=server.run, name="server")
    thread.start()
    try:
        _wait(server, thread)
        yield settings.address
    finally:
        server.should_exit = True
        thread.join()


def on_a_free_port(settings: ServingSettings) -> ServingSettings:
    """The same settings at a free port, known beforehand: the issuer sends people back to it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return settings.model_copy(update={"port": free.getsockname()[1]})


def _wait(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise Refusal("the server did not start; its log above says why")
        time.sleep(0.05)


def check(settings: ServingSettings) -> None:
    """Sign in and fetch a homepage of each kind as a page and as JSON; ends the command when one fails."""
    samples, settings = samples_of(settings), on_a_free_port(settings)
    with running(settings) as root, httpx.Client(base_url=root, timeout=30) as client:
        for kind in SubjectKind:
            sample = next(each for each in samples if each.kind is kind)
            path = f"/{PATHS[kind]}/{sample.id}"
            persona = f"{kind.value}:{sample.id}"
            page = _good(sign_in(client, persona, path), path)
            token = access_token(client, persona, settings)
            told = client.get(f"/v1{path}/homepage", headers={"Authorization": f"Bearer {token}"})
            document = _good(told, f"/v1{path}/homepage").json()
            if sample.id not in str(document):
                raise Refusal(f"/v1{path}/homepage is not the page of {sample.id}")
            client.cookies.clear()
            if client.get(path).status_code == httpx.codes.OK:
                raise Refusal(f"{path} lets in whoever asks")
            OUT.print(
                f"[green]✓[/] {path}: signed in, {len(page.text) // 1024} kB page, and its JSON",
                highlight=False,
            )


def _good(response: httpx.Response, path: str) -> httpx.Response:
    if response.status_code != httpx.codes.OK:
        raise Refusal(f"{path} answered {response.status_code}: {response.text[:300]}")
    return response
