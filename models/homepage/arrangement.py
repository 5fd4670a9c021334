"""Where the decided and the learned meet: one subject's homepage, ranked inside the fence of the rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from catalog.catalogue import Catalogue
from catalog.vocabulary import Delicacy, Nature, Proactive, Status, SubjectKind
from models.recommendation import Entry, EventProgress, Homepage, Standing, ThemeSection, Urgency

URGENCY_ORDER = (Urgency.OVERDUE, Urgency.OBLIGATION, Urgency.PROMPTLY, Urgency.LAPSING)
IN_THEMES = (Standing.SHOULD_DO, Standing.CAN_DO, Standing.UPCOMING, Standing.IN_PROGRESS)
"""What a theme section holds; undetermined and finished items keep to their own sections."""

SortKey = tuple[float | int | str | dt.date, ...]


@dataclass(frozen=True, slots=True)
class Ordering:
    """What a ranker says of the admitted entries: a score for each (scope item, item), and who scored.

    An entry without a score follows those that have one. `RULES` is the order without a ranker.
    """

    scores: Mapping[tuple[str, str], float]
    ordered_by: str
    degraded: tuple[str, ...] = ()


RULES = Ordering(scores={}, ordered_by="rules")


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
    ordering: Ordering = RULES,
) -> Homepage:
    """The homepage made of a subject's standings: sections in order, scores noted, nothing added.

    A score moves an entry only among its equals under the rules; a duty's place never depends on one.
    Raises KeyError when an entry names an item the catalogue does not have.
    """
    shown = [_scored(entry, ordering) for entry in entries if _may_show(entry, catalogue)]
    by_standing = {
        standing: tuple(sorted((e for e in shown if e.standing is standing), key=_order(standing, catalogue)))
        for standing in Standing
    }
    return Homepage(
        subject=page.subject,
        kind=page.kind,
        on=page.on,
        catalogue_version=catalogue.version,
        should_do=by_standing[Standing.SHOULD_DO],
        can_do=by_standing[Standing.CAN_DO],
        upcoming=by_standing[Standing.UPCOMING],
        needs_information=by_standing[Standing.NEEDS_INFORMATION],
        in_progress=by_standing[Standing.IN_PROGRESS],
        done=by_standing[Standing.DONE],
        themes=_theme_sections(by_standing, catalogue),
        events=tuple(sorted((e for e in events if _may_show_event(e, catalogue)), key=_event_order)),
        ordered_by=ordering.ordered_by,
        degraded=ordering.degraded,
    )


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


def _event_order(progress: EventProgress) -> SortKey:
    """Announced before guessed, begun before not begun, then by the date and a fixed order of ids."""
    return (
        progress.probability is not None,
        -(progress.probability or 0.0),
        not progress.enrolled,
        progress.due_on or dt.date.max,
        progress.event,
        progress.scope_item,
    )


def _scored(entry: Entry, ordering: Ordering) -> Entry:
    score = ordering.scores.get((entry.scope_item, entry.item))
    return entry if score is None else replace(entry, score=score)


def _order(standing: Standing, catalogue: Catalogue) -> Callable[[Entry], SortKey]:
    """The sort key of one section: rules first, then the score, then a fixed order of ids."""

    def key(entry: Entry) -> SortKey:
        tie = (entry.item, entry.scope_item, entry.cycle)
        nature = _nature(entry, catalogue)
        match standing:
            case Standing.SHOULD_DO:
                urgency = URGENCY_ORDER.index(entry.urgency) if entry.urgency else len(URGENCY_ORDER)
                return (urgency, entry.due_on or dt.date.max, *tie)
            case Standing.CAN_DO:
                brings_something = nature is Nature.BENEFIT
                due = entry.due_on or dt.date.max
                return (not entry.ready, *_by_score(entry), not brings_something, due, *tie)
            case Standing.UPCOMING:
                return (entry.opens_on or dt.date.max, *_by_score(entry), *tie)
            case Standing.NEEDS_INFORMATION:
                return (nature is not Nature.OBLIGATION, *_by_score(entry), len(entry.unknown), *tie)
            case _:
                return (entry.due_on or dt.date.max, *tie)

    return key


def _by_score(entry: Entry) -> SortKey:
    return (1, 0.0) if entry.score is None else (0, -entry.score)


def _nature(entry: Entry, catalogue: Catalogue) -> Nature:
    """A support policy is a benefit by its kind; a public service says what it is."""
    service = catalogue.public_services.get(entry.item)
    return Nature.BENEFIT if service is None else service.nature


def theme_of(entry: Entry, catalogue: Catalogue) -> str:
    """The theme slug of an entry's item."""
    service = catalogue.public_services.get(entry.item)
    return catalogue.support_policies[entry.item].category if service is None else service.theme


def _theme_sections(
    by_standing: Mapping[Standing, tuple[Entry, ...]], catalogue: Catalogue
) -> tuple[ThemeSection, ...]:
    """The themes in catalogue order, none of them empty."""
    grouped: dict[str, list[Entry]] = {}
    for standing in IN_THEMES:
        for entry in by_standing[standing]:
            grouped.setdefault(theme_of(entry, catalogue), []).append(entry)
    return tuple(
        ThemeSection(theme=theme.id, names=theme.names, entries=tuple(grouped[theme.id]))
        for theme in catalogue.themes.values()
        if theme.id in grouped
    )
