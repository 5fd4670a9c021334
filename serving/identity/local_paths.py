"""Addresses to go on to after signing in: paths of this server, never of another."""

from __future__ import annotations

import re
from typing import Final

_PATH: Final = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
LONGEST: Final = 2000


def is_local(path: str) -> bool:
    """Whether an address is a path of this server, with nothing a browser might read as another's."""
    return len(path) <= LONGEST and _PATH.fullmatch(path) is not None
