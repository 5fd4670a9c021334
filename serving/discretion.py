"""What a shared screen, or somebody who acts for another, is not shown: one place for all answers.

Kept back is what is delicate or reveals illness, disability, low income, bereavement, divorce, violence or
debt (unless the subject asked for it to be shown), and whatever lies beyond what was granted.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Final

import yaml

from catalog.catalogue import Catalogue, Item
from catalog.event import LifeEvent
from catalog.predicate import attributes_of
from catalog.vocabulary import Delicacy, Names, SubjectKind
from features.schema import UseName
from models.policy_package.package import PolicyPackage, Total
from models.recommendation import Assessment, Entry, EventProgress, Homepage
from serving.desk import REMIND, Desk, Known
from serving.identity.actor import Actor
from serving.identity.refusals import KeptBack
from serving.parts import Parts

NOT_TOLD: Final = Names(zh="合计不在这里显示。", en="The total is not shown here.")


@cache
def _revealing_groups() -> frozenset[str]:
    told = yaml.safe_load((Path(__file__).parent / "discretion.yaml").read_text("utf-8"))
    return frozenset(told["revealing"])


def is_delicate(thing: Item | LifeEvent, catalogue: Catalogue) -> bool:
    """Whether showing an item or event says what a stranger should not read."""
    if thing.delicacy is not Delicacy.NORMAL:
        return True
    read = {name for criterion in thing.criteria for name in attributes_of(criterion.predicate)}
    groups = {catalogue.attributes[name].consent_group for name in read if name in catalogue.attributes}
    return bool(groups & _revealing_groups())


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscreetDesk(Desk):
    """The desk as one actor may look at it: everything it answers has been through the same sieve."""

    actor: Actor
    delicate: frozenset[str] = field(default=frozenset())
    """Items and events that are kept back here."""

    def known(self, kind: SubjectKind, subject: str) -> Known:
        """What today's answers may rest on; what others look at is never kept as the subject's doing."""
        # The zero-argument super() does not work in a class with slots.
        known = Desk.known(self, kind, subject)
        return replace(known, entries=self._sieved(known.entries), watched=False)

    def homepage_of(self, known: Known) -> Homepage:
        """The homepage, less what is kept back."""
        return self._page(Desk.homepage_of(self, known))

    def reminder_page(self, kind: SubjectKind, subject: str, use: UseName = REMIND) -> Homepage:
        """What reminders rest on, less what is kept back."""
        return self._page(Desk.reminder_page(self, kind, subject, use))

    def assessments_of(self, known: Known, item: Item) -> tuple[Assessment, ...]:
        """Why and why not, for what was granted. Raises KeptBack for what is not shown here."""
        self.check_shown(item)
        found = Desk.assessments_of(self, known, item)
        return tuple(one for one in found if self.actor.covers(item, one.scope_item))

    def standings_of(self, known: Known, item: Item) -> tuple[Entry, ...]:
        """Where the subject stands with an item. Raises KeptBack for what is not shown here."""
        self.check_shown(item)
        return self._sieved(Desk.standings_of(self, known, item))

    def package_of(self, known: Known) -> PolicyPackage:
        """The package, less what is kept back; a total that would tell of it is not told."""
        whole = Desk.package_of(self, known)
        groups = tuple(
            replace(group, entries=shown)
            for group in whole.groups
            if (shown := tuple(entry for entry in group.entries if self._shows(entry.item, entry.scope_item)))
        )
        less = replace(
            whole,
            groups=groups,
            given_up=tuple(one for one in whole.given_up if self._shows(one.item, one.scope_item)),
            near_misses=tuple(one for one in whole.near_misses if self._shows(one.item, one.scope_item)),
        )
        return whole if less == whole else _without_traces(less, self.delicate)

    def check_shown(self, thing: Item | LifeEvent) -> None:
        """Raise KeptBack for what is not shown here, whatever the subject has to do with it."""
        if thing.id in self.delicate:
            raise KeptBack

    def check_whole(self) -> None:
        """Raise KeptBack: not everything is shown here."""
        raise KeptBack

    def shows_scope_item(self, thing: Item | LifeEvent, scope_item: str) -> bool:
        """Whether what was granted reaches a thing for a scope item."""
        return self.actor.covers(thing, scope_item)

    def _page(self, page: Homepage) -> Homepage:
        themes = (replace(theme, entries=self._sieved(theme.entries)) for theme in page.themes)
        return replace(
            page,
            should_do=self._sieved(page.should_do),
            can_do=self._sieved(page.can_do),
            upcoming=self._sieved(page.upcoming),
            needs_information=self._sieved(page.needs_information),
            in_progress=self._sieved(page.in_progress),
            done=self._sieved(page.done),
            themes=tuple(theme for theme in themes if theme.entries),
            events=tuple(self._event(one) for one in page.events if self._shows_event(one)),
        )

    def _shows_event(self, one: EventProgress) -> bool:
        return one.event not in self.delicate and self.actor.covers(
            self.catalogue.events[one.event], one.scope_item
        )

    def _event(self, one: EventProgress) -> EventProgress:
        return replace(
            one,
            done=self._steps(one.done),
            open=self._steps(one.open),
            waiting=self._steps(one.waiting),
            in_progress=self._steps(one.in_progress),
        )

    def _steps(self, services: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(service for service in services if service not in self.delicate)

    def _sieved(self, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return tuple(entry for entry in entries if self._shows(entry.item, entry.scope_item))

    def _shows(self, item: str, scope_item: str) -> bool:
        return item not in self.delicate and self.actor.covers(self.catalogue.items[item], scope_item)


def seen_by(parts: Parts, actor: Actor) -> Parts:
    """The parts as an actor may use them: the subject alone, at their own screen, uses them whole."""
    if actor.is_subject and actor.shows_delicate and actor.has_everything:
        return parts
    catalogue = parts.catalogue
    kept = frozenset[str]() if actor.shows_delicate else delicate_in(catalogue)
    desk = {each.name: getattr(parts.desk, each.name) for each in fields(Desk)}
    return replace(parts, desk=DiscreetDesk(**desk, actor=actor, delicate=kept))


_KEPT: dict[str, frozenset[str]] = {}


def delicate_in(catalogue: Catalogue) -> frozenset[str]:
    """The delicate items and events of a catalogue; worked out once a version."""
    if catalogue.version not in _KEPT:
        things: dict[str, Item | LifeEvent] = {**catalogue.items, **catalogue.events}
        _KEPT[catalogue.version] = frozenset(
            id_ for id_, thing in things.items() if is_delicate(thing, catalogue)
        )
    return _KEPT[catalogue.version]


def _without_traces(package: PolicyPackage, kept: frozenset[str]) -> PolicyPackage:
    """No sum and no list that would let what was left out be guessed."""
    groups = tuple(
        replace(
            group,
            entries=tuple(
                replace(
                    entry,
                    combinable_with=tuple(one for one in entry.combinable_with if one not in kept),
                    not_confirmed_with=tuple(one for one in entry.not_confirmed_with if one not in kept),
                )
                for entry in group.entries
            ),
        )
        for group in package.groups
    )
    left = tuple(
        replace(one, chosen_instead=tuple(each for each in one.chosen_instead if each not in kept))
        for one in package.given_up
    )
    total = Total(yuan=None, counted=(), not_summed=(), unknown=0, text=NOT_TOLD)
    return replace(package, groups=groups, given_up=left, total=total, papers=0)
