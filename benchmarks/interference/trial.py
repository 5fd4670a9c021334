"""The trial: towns twice, alike but for what is masked; every answer compared byte by byte."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from msgspec.structs import replace

from benchmarks.interference.answers import WRONG, Counter
from benchmarks.interference.catalogues import random_catalogue
from benchmarks.interference.learned import random_champions
from benchmarks.interference.people import Drawing, Person
from benchmarks.interference.population import Population
from benchmarks.interference.secrets import with_other_secrets
from benchmarks.interference.town import Town, empty_records, found_town
from catalog.catalogue import Catalogue
from catalog.vocabulary import SubjectKind
from features.schema import UseName
from models.eligibility.rule_book import RuleBook

Asked = Literal["ranked", "decided", "reminded", "previewed", "invited"]
PURPOSES: Final[dict[str, tuple[UseName, ...]]] = {
    "ranked": ("assess", "rank"),
    "decided": ("assess",),
    "reminded": ("remind",),
    "previewed": ("remind_sms", "remind_email", "remind_webhook"),
    "invited": ("remind", "rank"),
    "scored": ("remind",),
    "trained_on": ("train",),
    "counted": ("aggregate",),
    "judged": ("assess",),
}
"""What each kind of answer may rest on: changed is what all of these may not know."""
SHARES: Final[tuple[Asked, ...]] = (
    "ranked",
    "reminded",
    "ranked",
    "decided",
    "ranked",
    "previewed",
    "invited",
)
"""What subjects are asked in turn."""
OF_MANY: Final = ("trained_on", "counted", "judged", "scored")
SUBJECTS: Final = 50
EVERY: Final = 10
"""One world in so many is also learned from and counted."""
REAL: Final = 50
"""One world in so many has the real catalogue."""


@dataclass(frozen=True)
class Interference:
    """An answer that shows what is masked."""

    seed: int
    subject: str
    """Empty for an answer of many."""
    answer: str


@dataclass(frozen=True)
class Trial:
    """Draws worlds over the real catalogue and smaller ones made of it."""

    real: Catalogue
    folder: Path
    empty: Path

    @classmethod
    def within(cls, real: Catalogue, folder: Path) -> Trial:
        """A trial that writes under a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(real, folder, empty_records(folder))

    def world(
        self, seed: int, subjects: int = SUBJECTS, *, population: bool | None = None
    ) -> list[Interference]:
        """What interferes in one world; `population` decides whether it is learned from and counted too."""
        rng = random.Random(seed)  # noqa: S311 - a reproducible sample, no secret
        catalogue = self.real if seed % REAL == REAL - 1 else random_catalogue(self.real, rng)
        drawing = Drawing(catalogue, rng)
        ids = [(f"{kind.value[0]}{n:03}", kind) for n in range(subjects // 2) for kind in SubjectKind]
        pairs = [(drawing.person(id_, kind, "a"), drawing.person(id_, kind, "b")) for id_, kind in ids]
        found = list(self._one_by_one(catalogue, pairs, seed))
        if seed % EVERY == 0 if population is None else population:
            found += self._many(catalogue, pairs, seed)
        return found

    def _one_by_one(
        self, catalogue: Catalogue, pairs: Sequence[tuple[Person, Person]], seed: int
    ) -> Iterator[Interference]:
        asked = [SHARES[n % len(SHARES)] for n in range(len(pairs))]
        others = [
            with_other_secrets(one, other, PURPOSES[what], catalogue)
            for (one, other), what in zip(pairs, asked, strict=True)
        ]
        judge, champions = RuleBook(catalogue), random_champions(catalogue, seed)
        with _towns(self, catalogue, [one for one, _ in pairs], others) as towns:
            counters = [Counter(town, catalogue, champions, judge) for town in towns]
            for number, ((one, _), what) in enumerate(zip(pairs, asked, strict=True)):
                told, otherwise = (
                    getattr(counter, what)(one.now.kind, one.now.subject, random.Random(number))  # noqa: S311 - no secret
                    for counter in counters
                )
                yield from (
                    Interference(seed, one.now.subject, f"{what}: {name}")
                    for name in told
                    if told[name] != otherwise[name] or told[name].startswith(WRONG.encode())
                )

    def _many(
        self, catalogue: Catalogue, pairs: Sequence[tuple[Person, Person]], seed: int
    ) -> Iterator[Interference]:
        changed = replace(
            catalogue,
            version="changed",
            public_services={
                id_: replace(service, criteria=service.criteria[1:])
                for id_, service in catalogue.public_services.items()
            },
        )
        for what in OF_MANY:
            others = [with_other_secrets(one, other, PURPOSES[what], catalogue) for one, other in pairs]
            with _towns(self, catalogue, [one for one, _ in pairs], others) as towns:
                told, otherwise = (getattr(Population(town, catalogue, changed), what)() for town in towns)
                yield from (
                    Interference(seed, "", f"{what}: {name}")
                    for name in told
                    if told[name] != otherwise[name]
                )


@contextmanager
def _towns(
    trial: Trial, catalogue: Catalogue, people: Sequence[Person], others: Sequence[Person]
) -> Iterator[tuple[Town, Town]]:
    """Both towns, gone afterwards."""
    with tempfile.TemporaryDirectory(dir=trial.folder) as folder:
        one, other = (
            found_town(Path(folder) / side, trial.empty, who, catalogue)
            for side, who in (("one", people), ("other", others))
        )
        try:
            yield one, other
        finally:
            one.close()
            other.close()
