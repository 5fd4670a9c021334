"""Finding what leads back to itself."""

from __future__ import annotations

from collections.abc import Mapping


def circular(links: Mapping[str, list[str]]) -> list[str]:
    """The names from which following the links leads back to themselves."""

    def returns(start: str) -> bool:
        seen: set[str] = set()
        waiting = list(links.get(start, ()))
        while waiting:
            name = waiting.pop()
            if name == start:
                return True
            if name not in seen:
                seen.add(name)
                waiting.extend(links.get(name, ()))
        return False

    return [name for name in links if returns(name)]
