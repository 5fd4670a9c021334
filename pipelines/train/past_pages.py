"""Past pages to learn their order from: what stood on them, and what was taken up in the quarter after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from features.schema import MaskedProfile
from features.statements import end_of
from models.eligibility.rule_book import RuleBook
from models.homepage import LearnedSignals
from models.ranking.fitting import Example
from models.ranking.ranker import one_a_pair
from models.recommendation import Entry
from models.standing.standing import stand
from models.standing.working_days import WorkingCalendar
from pipelines.train.ground import PURPOSE, Ground
from privacy.consent import Consent
from privacy.mask import mask
from privacy.tags import PAST, theme_tag, without_tags
from records.past_profiles import PastProfiles, known_by_then

QUARTER = dt.timedelta(days=90)
Pair = tuple[str, str]


@dataclass(frozen=True)
class PastPages:
    """Pages of those who let what they did be trained on, through the same mask, rules and signals."""

    ground: Ground
    signals: LearnedSignals
    calendar: WorkingCalendar

    def examples(self, days: Sequence[dt.date], pages: int, seed: int) -> Iterator[Example]:
        """Examples from about so many pages, spread evenly over the days; whom, is drawn by the seed."""
        for _, examples in self.by_subject(days, pages, seed):
            yield from examples

    def by_subject(
        self, days: Sequence[dt.date], pages: int, seed: int
    ) -> Iterator[tuple[str, tuple[Example, ...]]]:
        """The same page by page, with whose it was."""
        subjects = self.subjects()
        if not len(subjects) or not len(days):
            return
        rng = np.random.default_rng(seed)
        book = RuleBook(self.ground.catalogue)
        each = min(-(-pages // len(days)), len(subjects))
        for day in days:
            drawn = subjects.gather(np.sort(rng.choice(len(subjects), each, replace=False)))
            taken_up = self.taken_up(day)
            for profile in self.profiles(drawn, day).values():
                entries = stand(profile, self.ground.catalogue, book.judge(profile, day), self.calendar)
                yield profile.subject, tuple(self._of_page(profile, one_a_pair(entries), taken_up, day))

    def _of_page(
        self, profile: MaskedProfile, entries: tuple[Entry, ...], taken_up: frozenset[Pair], day: dt.date
    ) -> Iterator[Example]:
        terms = self.signals.terms(profile, day).over(entries)
        deleted = self._deleted.get(profile.subject, frozenset())
        for entry in entries:
            # Where cases may not be seen, that none is seen tells nothing.
            unseen = theme_tag(PAST, entry.item, self.ground.catalogue) in deleted
            if not unseen and f"case:{entry.item}" not in profile.withheld:
                yield Example(terms.of(entry), (entry.scope_item, entry.item) in taken_up)

    @cached_property
    def _deleted(self) -> dict[str, frozenset[str]]:
        return self.ground.tags_deleted_by(self.subjects())

    def subjects(self) -> pl.Series:
        """Those whose acts training may see, in id order."""
        observed = self.ground.records.observed
        return observed.filter(pl.col("interactions").fill_null(False))["subject"].sort()

    def profiles(self, subjects: pl.Series, day: dt.date) -> Mapping[str, MaskedProfile]:
        """Their profiles as a day begins, masked to train."""
        ground = self.ground
        past = PastProfiles(ground.raw, ground.history)
        own = ground.consents.filter(pl.col("purpose") == PURPOSE).join(
            pl.DataFrame({"subject": subjects}), on="subject", how="semi"
        )
        consents: dict[str, list[Consent]] = {}
        columns = ("subject", "purpose", "target", "granted_at", "withdrawn_at", "text_version")
        for row in own.select(columns).iter_rows():
            consents.setdefault(row[0], []).append(Consent(*row))
        masked = {
            subject: mask(profile, PURPOSE, consents.get(subject, ()), ground.catalogue, ground.at)
            for subject, profile in past.read(subjects.to_list(), day - dt.timedelta(days=1)).items()
        }
        return {
            subject: known_by_then(without_tags(one, self._deleted.get(subject, ()), ground.catalogue))
            for subject, one in masked.items()
        }

    def taken_up(self, day: dt.date) -> frozenset[Pair]:
        """The pairs a case was opened for in the quarter that begins on a day."""
        start = end_of(day - dt.timedelta(days=1))
        then = self.ground.records.cases.filter(
            pl.col("opened_at") > start, pl.col("opened_at") <= start + QUARTER
        )
        return frozenset(then.select("scope_item", "item").unique().iter_rows())
