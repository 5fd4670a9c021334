"""A chance for items that few have seen: now and then one of them gets one of a list's last places.

Only whoever draws knows how probable it was, so the propensities are worked out here, over every page
that could have come of the draw, and are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from models.feedback.chance import Exposure, chances_of_best
from models.feedback.terms import Exploration
from models.recommendation import Entry


@dataclass(frozen=True, slots=True)
class Shown:
    """A list as it is to be shown, and the probability that each shown entry came to stand at its place."""

    entries: tuple[Entry, ...]
    """All of them, in order; the first `len(propensity)` are seen."""
    propensity: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page that the draw may bring: which entry (by index) is moved to which place, how probably."""

    probability: float
    moved: int | None
    place: int


def explore(
    entries: Sequence[Entry],
    room: int,
    may_move: Callable[[Entry], bool],
    exposures: Mapping[str, Exposure],
    budget: Exploration,
    point: float,
) -> Shown:
    """The list with, by chance, one new entry from beyond its room in one of the last places within it.

    `point` is a uniform draw from 0 to 1 (1 excluded) and decides alone which page it is. Entries that
    `may_move` denies (duties, what the subject set aside) neither gain nor lose a place.
    """
    pages = _pages(entries, room, may_move, exposures, budget)
    drawn = _drawn(pages, point)
    seen = min(room, len(entries))
    order = _order(len(entries), drawn)
    chance = [sum(p.probability for p in pages if _at(p, k) == order[k]) for k in range(seen)]
    return Shown(tuple(entries[n] for n in order), tuple(min(p, 1.0) for p in chance))


def _pages(
    entries: Sequence[Entry],
    room: int,
    may_move: Callable[[Entry], bool],
    exposures: Mapping[str, Exposure],
    budget: Exploration,
) -> list[Page]:
    """Every page that could be, the one without exploration first; the probabilities sum to 1."""
    unmoved = Page(1.0, None, 0)
    # Whatever lies between the place and where the new entry stood is moved down by one.
    held = [n for n in range(len(entries)) if not may_move(entries[n])]
    below = next((n for n in held if n >= room), len(entries))
    above = max((n for n in held if n < room), default=-1)
    fresh = [
        n for n in range(room, below) if exposures.get(entries[n].item, Exposure()).shown < budget.fresh_below
    ][: budget.candidates]
    places = [n for n in range(max(room - budget.places, 1), room) if n > above]
    if not fresh or not places or budget.share <= 0:
        return [unmoved]
    chances = chances_of_best(tuple(exposures.get(entries[n].item, Exposure()) for n in fresh), budget.prior)
    each = budget.share / len(places)
    moved = [Page(each * float(p), n, at) for n, p in zip(fresh, chances, strict=True) for at in places]
    return [Page(1.0 - budget.share, None, 0), *moved]


def _drawn(pages: Sequence[Page], point: float) -> Page:
    reached = 0.0
    for page in pages:
        reached += page.probability
        if point < reached:
            return page
    return pages[0]


def _order(count: int, page: Page) -> list[int]:
    return [_at(page, n) for n in range(count)]


def _at(page: Page, place: int) -> int:
    """Which entry (by its index in the given order) stands at a place of a page."""
    if page.moved is None or place < page.place or place > page.moved:
        return place
    return page.moved if place == page.place else place - 1
