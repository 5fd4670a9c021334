"""Everything the feature registry holds, made from a compiled catalogue.

`feast apply` at the root finds the definitions here: the names of this module are worked out when
they are first asked for, so that importing it reads nothing.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from catalog.catalogue import Catalogue


def build_definitions(catalogue: Catalogue, offline: Path) -> list[Any]:
    """Entities, feature views and feature services for this catalogue, histories under `offline`."""
    from features.acts import acts_views
    from features.entities import build_entities
    from features.feature_services import build_services
    from features.views import named_views, profile_views

    named = named_views(catalogue, offline)
    profiles = profile_views(catalogue, offline)
    acts = acts_views(offline)
    return [*build_entities().values(), *profiles, *acts, *named, *build_services(named)]


@lru_cache(maxsize=1)
def _compiled() -> dict[str, Any]:
    """The definitions of the catalogue compiled under QIANMIAN_HOME, by a Python name each."""
    from catalog.artefact import load

    home = Path(os.environ.get("QIANMIAN_HOME", "var")).absolute()
    catalogue = load(home / "catalogue" / "catalogue.msgpack")
    found = build_definitions(catalogue, home / "offline")
    return {f"{thing.name}_{type(thing).__name__.lower()}": thing for thing in found}


def __dir__() -> list[str]:
    return [*globals(), *_compiled()]


def __getattr__(name: str) -> Any:
    if name.startswith("_") or name not in _compiled():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _compiled()[name]
