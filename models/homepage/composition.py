"""From what two purposes may know of a subject to the homepage of one day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from catalog.catalogue import Catalogue
from features.schema import MaskedProfile
from models.event_progress.progress import progress
from models.homepage.arrangement import RULES, Ordering, Page, arrange
from models.recommendation import Entry, Homepage, Judgement
from models.standing.standing import stand
from models.standing.working_days import WorkingCalendar


class Ranker(Protocol):
    """Whoever orders what the rules admitted."""

    @property
    def ordered_by(self) -> str:
        """The name and version a page gives as its order."""
        ...

    def scores(
        self, profile: MaskedProfile, entries: Sequence[Entry], catalogue: Catalogue, judgement: Judgement
    ) -> Mapping[tuple[str, str], float]:
        """Scores by (scope item, item), higher is better; an entry may be left without one."""
        ...


def compose(
    profile: MaskedProfile,
    rank_profile: MaskedProfile | None,
    catalogue: Catalogue,
    judgement: Judgement,
    calendar: WorkingCalendar,
    ranker: Ranker | None = None,
) -> Homepage:
    """The homepage of the day of judgement.

    `profile` is masked to assess and decides what is shown; `rank_profile` is masked to rank and decides
    the order alone: None where the subject opened nothing to that purpose. Without a ranker the page is
    in rule order and says `model_missing`. Raises ValueError for profiles of another purpose or subject.
    """
    _check(profile, rank_profile)
    entries = stand(profile, catalogue, judgement, calendar)
    page = Page(profile.subject, profile.kind, judgement.on)
    ordering = _ordering(rank_profile, entries, catalogue, judgement, ranker)
    events = progress(profile, entries, catalogue, judgement)
    return arrange(page, entries, events, catalogue, ordering)


def _check(profile: MaskedProfile, rank_profile: MaskedProfile | None) -> None:
    if rank_profile is not None and (rank_profile.purpose, rank_profile.subject) != ("rank", profile.subject):
        raise ValueError(
            f"to order the page of {profile.subject} its own profile masked to rank is needed, "
            f"not that of {rank_profile.subject} masked to {rank_profile.purpose}"
        )


def _ordering(
    rank_profile: MaskedProfile | None,
    entries: Sequence[Entry],
    catalogue: Catalogue,
    judgement: Judgement,
    ranker: Ranker | None,
) -> Ordering:
    if ranker is None:
        return Ordering(scores={}, ordered_by=RULES.ordered_by, degraded=("model_missing",))
    if rank_profile is None:
        return RULES
    return Ordering(ranker.scores(rank_profile, entries, catalogue, judgement), ranker.ordered_by)
