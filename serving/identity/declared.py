"""Every route of an application and the access it declares; one that declares none is found here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from serving.identity.access import PUBLIC, Access

OPEN_BY_NATURE: Final = frozenset({"/openapi.json", "/static"})
"""What is no handler of ours and says nothing of anybody: the interface's description, the style sheet."""


class UndeclaredAccess(RuntimeError):
    """Routes that do not say who may use them; the application does not start."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__(
            f"these routes declare no access: {', '.join(paths)}. Add dependencies=[<access>.needed] to "
            "each, with an access of serving.identity.access."
        )
        self.paths = paths


def declared(app: FastAPI) -> Iterator[tuple[str, frozenset[str], Access | None]]:
    """Each route's path and methods, and what it declares."""
    for route in iter_route_contexts(app.routes):
        path = route.path or ""
        if isinstance(route.original_route, APIRoute):
            yield path, frozenset(route.methods or ()), access_of(route.dependant)
        elif path in OPEN_BY_NATURE:
            yield path, frozenset({"GET"}), PUBLIC
        else:
            yield path, frozenset(), None


def access_of(dependant: Dependant) -> Access | None:
    """The one access a route declares, among all that it depends on."""
    found = [
        owner
        for each in dependant.dependencies
        if isinstance(owner := getattr(each.call, "__self__", None), Access)
    ]
    return found[0] if len(found) == 1 else None


def check_declared(app: FastAPI) -> None:
    """Raise UndeclaredAccess when a route does not say who may use it, or says it twice."""
    silent = [path for path, _, access in declared(app) if access is None]
    if silent:
        raise UndeclaredAccess(silent)
