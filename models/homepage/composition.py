"""From what two purposes may know of a subject to the homepage of one day."""

from __future__ import annotations

from typing import Protocol

from catalog.catalogue import Catalogue
from features.schema import MaskedProfile
from models.event_progress.progress import progress
from models.homepage.arrangement import Page, arrange
from models.homepage.event_times import timely
from models.homepage.heard import UNHEARD, Heard, weighed
from models.ranking.signals import RankSignals
from models.recommendation import Entry, Homepage, Judgement
from models.standing.standing import stand
from models.standing.working_days import WorkingCalendar


class Signaller(Protocol):
    """Whoever tells what was learned of each item for one subject."""

    def signals(self, profile: MaskedProfile, judgement: Judgement) -> RankSignals | None:
        """Signals that rest on nothing but a profile masked to rank; None where nothing was learned."""
        ...


def compose(
    profile: MaskedProfile,
    rank_profile: MaskedProfile | None,
    catalogue: Catalogue,
    judgement: Judgement,
    calendar: WorkingCalendar,
    signaller: Signaller | None = None,
    entries: tuple[Entry, ...] | None = None,
    heard: Heard = UNHEARD,
) -> Homepage:
    """The homepage of the day of judgement.

    `profile` is masked to assess and decides what is shown; `rank_profile` is masked to rank and decides
    the order alone: None where the subject opened nothing to that purpose. Without a signaller the page
    is in rule order and says `model_missing`. `entries` are the profile's standings, where already known;
    `heard` is what the subject asked to be spared and what all subjects made of the items.
    Raises ValueError for a rank profile of another purpose or subject.
    """
    signals, degraded = _signals(profile, rank_profile, judgement, signaller)
    entries = stand(profile, catalogue, judgement, calendar) if entries is None else entries
    events = timely(progress(profile, entries, catalogue, judgement), catalogue, judgement, calendar)
    page = Page(profile.subject, profile.kind, judgement.on)
    if signals is not None and rank_profile is not None:
        signals = weighed(signals, rank_profile, heard, judgement.on)
    return arrange(page, entries, events, catalogue, signals, degraded, heard.wishes)


def _signals(
    profile: MaskedProfile,
    rank_profile: MaskedProfile | None,
    judgement: Judgement,
    signaller: Signaller | None,
) -> tuple[RankSignals | None, tuple[str, ...]]:
    if signaller is None:
        return None, ("model_missing",)
    if rank_profile is None:
        return None, ()
    if (rank_profile.purpose, rank_profile.subject) != ("rank", profile.subject):
        raise ValueError(
            f"to order the page of {profile.subject} its own profile masked to rank is needed, "
            f"not that of {rank_profile.subject} masked to {rank_profile.purpose}"
        )
    signals = signaller.signals(rank_profile, judgement)
    return signals, () if signals is not None else ("model_missing",)
