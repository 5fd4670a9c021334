"""What a page shows at which place, with what probability: the draw of new items, and the log of it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final
from uuid import uuid4

from catalog.catalogue import Catalogue
from features.schema import Interaction
from models.feedback.exploration import explore
from models.feedback.terms import Exploration, default_terms
from models.homepage.arrangement import is_duty
from models.recommendation import Entry, Homepage
from serving.desk import Known
from serving.opinions import Opinions
from serving.parts import Parts

CHANNEL: Final = "online"


@dataclass(frozen=True, slots=True)
class Exposed:
    """A page as it is to be shown, and what is to be kept of it."""

    page: Homepage
    shown: tuple[tuple[Entry, float], ...]
    """The entries of its main lists in reading order, with the probability of each to stand there."""

    def impressions(self, at: dt.datetime) -> tuple[Interaction, ...]:
        """What is kept of the page under a slate id of its own; places count from 1."""
        slate = uuid4().hex
        return tuple(
            Interaction(
                client_id=f"{slate}-{place}",
                kind="impression",
                at=at,
                item=entry.item,
                scope_item=entry.scope_item,
                channel=CHANNEL,
                slate=slate,
                position=place,
                propensity=propensity,
            )
            for place, (entry, propensity) in enumerate(self.shown, start=1)
        )


def shown_page(known: Known, parts: Parts, room: Mapping[str, int]) -> Homepage:
    """The homepage of one request as it is shown in this much room; what it shows is handed to the log.

    Only of a subject who lets that be kept, and only for them is anything drawn: nobody would learn of it.
    """
    desk = parts.desk
    page = desk.homepage_of(known)
    learns = known.watched and known.rank is not None
    budget = default_terms().exploration if learns else None
    exposed = expose(page, room, desk.catalogue, desk.opinions(), budget)
    if known.watched:
        parts.impressions.keep(page.subject, exposed.impressions(desk.clock.at()))
    return exposed.page


def expose(
    page: Homepage,
    room: Mapping[str, int],
    catalogue: Catalogue,
    opinions: Opinions,
    budget: Exploration | None,
) -> Exposed:
    """The page as it is shown in this much room, with one new item drawn in where `budget` allows it.

    Duties stand first, all of them and always. The draw depends on subject and day alone, so a page
    looks the same all day. Without a budget nothing is drawn.
    """
    shown = [(entry, 1.0) for entry in page.should_do if entry.set_aside is None]
    lists = {
        "ready": [entry for entry in page.can_do if entry.ready],
        "can_do": [entry for entry in page.can_do if not entry.ready],
    }
    movable = partial(_may_move, catalogue=catalogue)
    explored = False
    for name, entries in lists.items():
        seen = room[name]
        # One place a page: the first list with anything new has it.
        if budget is not None and opinions.counted and not explored:
            point = _point(page.subject, page.on, name)
            drawn = explore(entries, seen, movable, opinions.exposures, budget, point)
            explored = any(chance < 1.0 for chance in drawn.propensity)
            lists[name], chances = list(drawn.entries), drawn.propensity
        else:
            chances = (1.0,) * min(seen, len(entries))
        shown += [
            (entry, chance)
            for entry, chance in zip(lists[name], chances, strict=False)
            if entry.set_aside is None
        ]
    return Exposed(replace(page, can_do=(*lists["ready"], *lists["can_do"])), tuple(shown))


def _may_move(entry: Entry, catalogue: Catalogue) -> bool:
    """Whether an entry may gain or lose a place: no duty, and nothing the subject asked to be spared."""
    return entry.set_aside is None and not is_duty(entry, catalogue)


def _point(subject: str, on: dt.date, name: str) -> float:
    """A uniform number from 0 to 1 that is the same for a subject, a day and a list."""
    key = f"{subject}|{on.isoformat()}|{name}".encode()
    return int.from_bytes(hashlib.blake2b(key, digest_size=7).digest(), "big") / (1 << 56)
