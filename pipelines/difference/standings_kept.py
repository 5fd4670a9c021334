"""Where subjects stood when they were judged last, so that what came since is all that is judged anew."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from catalog.catalogue import Catalogue
from features.schema import MaskedProfile, UseName
from models.eligibility.rule_book import RuleBook
from models.recommendation import Entry
from models.standing.standing import settled
from models.standing.working_days import WorkingCalendar
from pipelines.difference.concerned import Concerns, Pairs

MOST: Final = 512
"""How many subjects (by use) are kept in mind."""
LONGEST: Final = dt.timedelta(hours=1)
"""After so long without a word of somebody they are let go: nobody's data are kept in mind for the day."""


@dataclass(frozen=True, slots=True)
class _Kept:
    known: MaskedProfile
    on: dt.date
    at: dt.datetime
    entries: tuple[Entry, ...]


@dataclass(slots=True)
class KeptStandings:
    """Judges subjects by one catalogue; who was judged on the same day keeps what nothing new concerns.

    What changed is read off what may be known of the subject now and then, not taken on trust from whatever
    came, so the outcome is that of judging everything. On another day windows and ages are others, and all
    is judged again; by another catalogue too, which has a `KeptStandings` of its own.
    """

    catalogue: Catalogue
    book: RuleBook
    calendar: WorkingCalendar
    judged: int = 0
    """How many pairs of scope item and item were judged by now."""
    _concerns: Concerns = field(init=False)
    _kept: OrderedDict[tuple[str, UseName], _Kept] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self._concerns = Concerns(self.catalogue)

    def standings(self, known: MaskedProfile, on: dt.date, at: dt.datetime) -> tuple[Entry, ...]:
        """What `models.standing.settled` makes of a subject on a day, by what a use may know then."""
        key = (known.subject, known.purpose)
        self._let_go(at)
        before = self._kept.pop(key, None)
        entries = self._all(known, on) if before is None or before.on != on else self._since(before, known)
        self._kept[key] = _Kept(known, on, at, entries)
        return entries

    def _all(self, known: MaskedProfile, on: dt.date) -> tuple[Entry, ...]:
        self.judged += sum(
            len(self.catalogue.items_for(known.kind, each.scope)) for each in known.scope_items
        )
        return settled(known, self.catalogue, self.book.judge(known, on), self.calendar)

    def _since(self, before: _Kept, known: MaskedProfile) -> tuple[Entry, ...]:
        scopes = {each.scope for each in known.scope_items}
        rules = {scope: self.book.rules(known.kind, scope, before.on) for scope in scopes}
        concerned = self._concerns.between(before.known, known, rules)
        self.judged += len(concerned)
        anew: tuple[Entry, ...] = ()
        if concerned:
            judgement = self.book.judge(known, before.on)
            anew = settled(known, self.catalogue, judgement, self.calendar, concerned)
        return _in_order(known, (*_untouched(before, known, concerned), *anew))

    def _let_go(self, at: dt.datetime) -> None:
        """Of those heard of longest ago, whoever is one too many or was not heard of for long."""
        while self._kept:
            oldest = next(iter(self._kept))
            if len(self._kept) < MOST and at - self._kept[oldest].at < LONGEST:
                return
            del self._kept[oldest]


def _untouched(before: _Kept, known: MaskedProfile, concerned: Pairs) -> tuple[Entry, ...]:
    there = {each.id for each in known.scope_items}
    return tuple(
        entry
        for entry in before.entries
        if entry.scope_item in there and (entry.scope_item, entry.item) not in concerned
    )


def _in_order(known: MaskedProfile, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """In the profile's order, then by item; the turns of one item stay as they are."""
    places = {each.id: place for place, each in enumerate(known.scope_items)}
    return tuple(sorted(entries, key=lambda entry: (places[entry.scope_item], entry.item)))
