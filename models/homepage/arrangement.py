"""Standings into sections: what may be shown, in the ranker's order, duties before all else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from catalog.catalogue import Catalogue
from catalog.vocabulary import Delicacy, Nature, Proactive, Status, SubjectKind
from models.feedback.wishes import NONE, Wishes, set_aside
from models.homepage.learned import theme_of_item
from models.ranking.ranker import rank
from models.ranking.signals import RankSignals
from models.recommendation import Entry, EventProgress, Homepage, Standing, ThemeSection

RULES = "rules"
"""The order of a page that no model ranked."""
IN_THEMES = (Standing.SHOULD_DO, Standing.CAN_DO, Standing.UPCOMING, Standing.IN_PROGRESS)
"""What a theme section holds; undetermined and finished items keep to their own sections."""
RECOMMENDED = (Standing.SHOULD_DO, Standing.CAN_DO, Standing.UPCOMING, Standing.NEEDS_INFORMATION)
"""What a subject may ask to be spared, duties excepted; what is under way or done only informs."""


@dataclass(frozen=True, slots=True)
class Page:
    """Whose page it is and of which day."""

    subject: str
    kind: SubjectKind
    on: dt.date


def arrange(
    page: Page,
    entries: Iterable[Entry],
    events: Iterable[EventProgress],
    catalogue: Catalogue,
    signals: RankSignals | None = None,
    degraded: tuple[str, ...] = (),
    wishes: Wishes = NONE,
) -> Homepage:
    """The homepage made of a subject's standings: in order, scores noted, nothing added.

    Signals move an entry only among its equals under the rules; a duty's place never depends on one.
    What the subject asked to be spared stands last in its section and says until when; duties never do.
    Raises KeyError when an entry names an item the catalogue does not have.
    """
    shown = [entry for entry in entries if _may_show(entry, catalogue)]
    by_standing: dict[Standing, list[Entry]] = {standing: [] for standing in Standing}
    for entry in rank(shown, signals=signals, on=page.on):
        by_standing[entry.standing].append(entry)
    # An undetermined duty may turn out to bind, so it stands before what may turn out to help.
    by_standing[Standing.NEEDS_INFORMATION].sort(key=lambda e: not is_duty(e, catalogue))
    for standing in RECOMMENDED:
        group = set_aside(by_standing[standing], wishes, lambda e: is_duty(e, catalogue), page.on)
        by_standing[standing] = list(group)
    return Homepage(
        subject=page.subject,
        kind=page.kind,
        on=page.on,
        catalogue_version=catalogue.version,
        should_do=tuple(by_standing[Standing.SHOULD_DO]),
        can_do=tuple(by_standing[Standing.CAN_DO]),
        upcoming=tuple(by_standing[Standing.UPCOMING]),
        needs_information=tuple(by_standing[Standing.NEEDS_INFORMATION]),
        in_progress=tuple(by_standing[Standing.IN_PROGRESS]),
        done=tuple(by_standing[Standing.DONE]),
        themes=_theme_sections(by_standing, catalogue),
        events=tuple(sorted((e for e in events if _may_show_event(e, catalogue)), key=_event_order)),
        ordered_by=RULES if signals is None else signals.model,
        degraded=degraded,
    )


def theme_of(entry: Entry, catalogue: Catalogue) -> str:
    """The theme slug of an entry's item."""
    return theme_of_item(entry.item, catalogue)


def _may_show(entry: Entry, catalogue: Catalogue) -> bool:
    """Whether an item may stand on the page unasked: never when ineligible, unconfirmed or search-only."""
    item = catalogue.items[entry.item]
    return (
        entry.standing is not Standing.NOT_ELIGIBLE
        and item.status is Status.CONFIRMED
        and item.proactive is not Proactive.SEARCH_ONLY
    )


def _may_show_event(progress: EventProgress, catalogue: Catalogue) -> bool:
    """As for items, while a step remains; a delicate event is shown when announced, never when guessed."""
    event = catalogue.events[progress.event]
    guessed = progress.probability is not None
    remaining = progress.open or progress.in_progress or progress.waiting
    return (
        bool(remaining)
        and event.status is Status.CONFIRMED
        and event.proactive is not Proactive.SEARCH_ONLY
        and not (guessed and event.delicacy is not Delicacy.NORMAL)
    )


def _event_order(progress: EventProgress) -> tuple[object, ...]:
    """Announced before guessed, what can be acted on first, then what is begun, then by date and id."""
    return (
        progress.probability is not None,
        -(progress.probability or 0.0),
        not (progress.open or progress.in_progress),
        not progress.enrolled,
        progress.due_on or dt.date.max,
        progress.event,
        progress.scope_item,
    )


def is_duty(entry: Entry, catalogue: Catalogue) -> bool:
    """Whether an entry's item is an obligation: a support policy never is, a public service says so."""
    service = catalogue.public_services.get(entry.item)
    return service is not None and service.nature is Nature.OBLIGATION


def _theme_sections(
    by_standing: Mapping[Standing, Iterable[Entry]], catalogue: Catalogue
) -> tuple[ThemeSection, ...]:
    """The themes in catalogue order, none of them empty."""
    grouped: dict[str, list[Entry]] = {}
    for standing in IN_THEMES:
        for entry in by_standing[standing]:
            grouped.setdefault(theme_of(entry, catalogue), []).append(entry)
    for group in grouped.values():
        group.sort(key=lambda entry: entry.set_aside is not None)
    return tuple(
        ThemeSection(theme=theme.id, names=theme.names, entries=tuple(grouped[theme.id]))
        for theme in catalogue.themes.values()
        if theme.id in grouped
    )
