"""The context of a homepage: everything its template may say, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.catalogue import Catalogue
from catalog.vocabulary import Names, SubjectKind
from models.policy_package.package import PolicyPackage
from models.recommendation import Homepage, Urgency
from serving.inbox.page_context import InboxPart
from serving.pages.cards import Reader
from serving.pages.events import EventCard, event_card
from serving.pages.feedback_form import FeedbackForm
from serving.pages.frame import Frame
from serving.pages.invitations_context import InvitedPanel
from serving.pages.package_context import PackageSummary, package_summary
from serving.pages.questions_context import NextQuestion
from serving.pages.sections import Section, ThemePanel, sections, theme_panels
from serving.wording import Mode, Words

EVENTS_SHOWN: dict[Mode, int] = {"standard": 3, "elder": 1}
"""How many events stand open; the others are folded."""
COUNTED = ("should_do", "ready", "can_do", "upcoming")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the summary strip and the section it leads to."""

    text: str
    n: int
    url: str


@dataclass(frozen=True, slots=True)
class HomepageContext:
    """What homepage.html is rendered from."""

    t: Words
    frame: Frame
    kind: SubjectKind
    heading: str
    subject_id: str
    sentence: str
    overdue: str | None
    figures: tuple[Figure, ...]
    main_sections: tuple[Section, ...]
    side_sections: tuple[Section, ...]
    question: NextQuestion | None
    events: tuple[EventCard, ...]
    more_events: tuple[EventCard, ...]
    more_events_text: str
    package: PackageSummary | None
    themes_lead: str
    themes: tuple[ThemePanel, ...]
    notices: tuple[str, ...]
    every_item_url: str
    ordered_by: str
    inbox: InboxPart | None = None
    """What the subject was told last."""
    undo: FeedbackForm | None = None
    """How to take back what was just said."""
    invited: InvitedPanel | None = None
    """What is proposed and agreed on; None where there is nothing."""


def homepage_context(
    page: Homepage,
    catalogue: Catalogue,
    reader: Reader,
    page_frame: Frame,
    package: PolicyPackage | None = None,
    question: NextQuestion | None = None,
    impossible: tuple[Names, ...] = (),
) -> HomepageContext:
    """A homepage in the reader's words; an enterprise's with its policy package.

    `question` is what is best asked next, `impossible` what the records say that cannot be so.
    """
    events = tuple(event_card(progress, catalogue, reader) for progress in page.events)
    room = EVENTS_SHOWN[reader.mode]
    words, shown = reader.words, sections(page, catalogue, reader)
    main = tuple(shown[name] for name in ("should_do", "ready", "can_do"))
    side = tuple(
        shown[name] for name in ("upcoming", "needs_information", "in_progress", "done") if shown[name].total
    )
    return HomepageContext(
        t=words,
        frame=page_frame,
        kind=page.kind,
        heading=words(f"subject.page_title_{page.kind.value}"),
        subject_id=page.subject,
        sentence=_sentence(shown, words),
        overdue=_overdue(page, words),
        figures=tuple(_figure(shown[name], name, words) for name in COUNTED),
        main_sections=main,
        side_sections=side,
        question=question,
        events=events[:room],
        more_events=events[room:],
        more_events_text=words("event.more", n=len(events) - room),
        package=package_summary(package, catalogue, reader) if package else None,
        themes_lead=words(f"section.themes.lead_{page.kind.value}"),
        themes=theme_panels(page, catalogue, reader),
        notices=(*_notices(page, page_frame, words), *_impossible(impossible, words)),
        every_item_url=f"{reader.home_url}/every-item",
        ordered_by=_ordered_by(page, words),
    )


def _sentence(shown: dict[str, Section], words: Words) -> str:
    duties, ready = shown["should_do"].total, shown["ready"].total
    if duties and ready:
        return words("summary.both", n=duties, ready=ready)
    if duties:
        return words("summary.duties_only", n=duties)
    return words("summary.ready_only", n=ready) if ready else words("summary.nothing")


def _overdue(page: Homepage, words: Words) -> str | None:
    late = sum(entry.urgency is Urgency.OVERDUE for entry in page.should_do)
    return words("summary.overdue", n=late) if late else None


def _impossible(impossible: tuple[Names, ...], words: Words) -> tuple[str, ...]:
    return tuple(words("notice.impossible", what=words.name(names)) for names in impossible)


def _notices(page: Homepage, page_frame: Frame, words: Words) -> tuple[str, ...]:
    """What is amiss with this page alone; what is amiss with all stands above every page."""
    return tuple(notice(code, words) for code in page.degraded if code not in page_frame.degraded)


def _figure(section: Section, name: str, words: Words) -> Figure:
    return Figure(text=words(f"summary.count_{name}"), n=section.total, url=f"#{section.id}")


def notice(code: str, words: Words) -> str:
    """What a `degraded` code means to the reader."""
    name, _, register = code.partition(":")
    if words.has(f"notice.{name}"):
        return words(f"notice.{name}", register=register)
    return words("notice.part_missing", code=code)


def _ordered_by(page: Homepage, words: Words) -> str:
    if page.ordered_by == "rules":
        return words("notice.ordered_by_rules")
    return words("notice.ordered_by_model", model=page.ordered_by)
