"""A persona's day: what is held on it, what each purpose may know, and all that the engine says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from catalog.catalogue import Catalogue
from catalog.loader import load_catalogue
from catalog.vocabulary import SubjectKind, ValueType
from features.plain_values import read_values
from features.registers import stored_attributes
from features.schema import ABSENT, Case, Evidence, MaskedProfile, Profile, PurposeName, ScopeItem, Value
from models.eligibility.rule_book import RuleBook, SubjectJudgement
from models.event_progress.progress import progress
from models.homepage import Signaller, compose, package_for
from models.policy_package.package import PolicyPackage
from models.recommendation import Entry, EventProgress, Homepage
from models.standing.standing import stand
from models.standing.working_days import published_calendar
from privacy.consent import Consent
from privacy.gate import targets
from privacy.mask import mask
from privacy.policy_file import default_policy
from tests.personas_reading import Persona, Thing, papers_of, read_personas

ROOT = Path(__file__).resolve().parents[1]
CONSENTED: tuple[PurposeName, ...] = ("assess", "rank", "remind")
NONE = "none"


@lru_cache(maxsize=1)
def real_catalogue() -> Catalogue:
    """The catalogue of the product."""
    return load_catalogue(ROOT / "catalog" / "data")


@lru_cache(maxsize=1)
def everybody() -> tuple[Persona, ...]:
    """Every persona. PersonaFault with all the faults of all files."""
    return read_personas(real_catalogue())


@lru_cache(maxsize=1)
def _judge() -> RuleBook:
    return RuleBook(real_catalogue())


def named(persona: Persona) -> str:
    """The situation, as the name of a test."""
    return persona.situation.en.replace("[", "(").replace("]", ")")


def noon(day: dt.date) -> dt.datetime:
    """Midday in Beijing, in UTC."""
    return dt.datetime.combine(day, dt.time(4), dt.UTC)


def told_of(persona: Persona, thing: Thing, catalogue: Catalogue) -> dict[str, Value]:
    """What the registers say of a scope item; with `otherwise: none`, of all the rest that it is not so."""
    told, refusals = read_values(thing.told, catalogue, persona.subject, thing.scope)
    if refusals:
        raise ValueError(f"{persona.id}: {refusals}")
    if persona.otherwise == NONE:
        for attribute in stored_attributes(catalogue, persona.subject, thing.scope):
            if attribute.name in told:
                continue
            if attribute.optional:
                told[attribute.name] = ABSENT
            elif attribute.type is ValueType.BOOLEAN:
                told[attribute.name] = False
            elif NONE in attribute.allowed:
                told[attribute.name] = NONE
    return told


def evidence_of(thing: Thing, id: str, on: dt.date) -> Iterator[Evidence]:
    """The papers held, numbered."""
    for number, paper in enumerate(papers_of(thing, on)):
        yield Evidence(f"{id}/paper-{number}", id, paper.type, paper.valid_from, paper.valid_to, paper.source)


def cases_of(thing: Thing, id: str) -> Iterator[Case]:
    """The cases, numbered."""
    for number, run in enumerate(thing.cases):
        closed = None if run.closed is None else noon(run.closed)
        yield Case(
            f"{id}/case-{number}", id, run.item, run.cycle, run.status, "online", noon(run.opened), closed
        )


def things_of(persona: Persona) -> Iterator[tuple[str, Thing]]:
    """The subject itself, then what is theirs, with the id of each."""
    yield persona.id, persona.itself
    for thing in persona.scope_items:
        yield persona.scope_item(thing.label), thing


def profile_of(persona: Persona, catalogue: Catalogue) -> Profile:
    """All that is held on a persona."""
    heard = noon(persona.date - dt.timedelta(days=1))
    return Profile(
        subject=persona.id,
        kind=persona.subject,
        scope_items=tuple(
            ScopeItem(
                id=id,
                scope=thing.scope,
                owner=persona.id,
                label=None if id == persona.id else thing.label,
                attributes=told_of(persona, thing, catalogue),
                as_of={a.register: heard for a in stored_attributes(catalogue, persona.subject, thing.scope)},
                evidence=tuple(evidence_of(thing, id, persona.date)),
                cases=tuple(cases_of(thing, id)),
            )
            for id, thing in things_of(persona)
        ),
    )


def consents_of(persona: Persona, catalogue: Catalogue) -> tuple[Consent, ...]:
    """Everything is consented to but what the persona withholds."""
    given = noon(persona.date - dt.timedelta(days=30))
    return tuple(
        Consent(persona.id, purpose, target, given, None, "1")
        for purpose in CONSENTED
        if purpose not in persona.refused_purposes
        for target in targets(catalogue, default_policy(), persona.subject, purpose)
        if target not in persona.withheld
    )


@dataclass(frozen=True)
class Day:
    """What the engine makes of a persona on its day."""

    persona: Persona
    profile: MaskedProfile
    rank_profile: MaskedProfile
    catalogue: Catalogue
    judgement: SubjectJudgement

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every standing, refusals too."""
        return stand(self.profile, self.catalogue, self.judgement, published_calendar(), with_refused=True)

    @cached_property
    def progress(self) -> tuple[EventProgress, ...]:
        """How far the persona is with each of its events."""
        return progress(self.profile, self.entries, self.catalogue, self.judgement)

    @cached_property
    def homepage(self) -> Homepage:
        """The homepage in rule order."""
        return self.homepage_by(None)

    def homepage_by(self, signaller: Signaller | None) -> Homepage:
        """The homepage as a recommender orders it."""
        return compose(
            self.profile, self.rank_profile, self.catalogue, self.judgement, published_calendar(), signaller
        )

    def package(self, uptake: Mapping[str, float] | None = None) -> PolicyPackage:
        """A firm's policy package, weighed by an uptake."""
        return package_for(self.profile, self.catalogue, self.judgement, published_calendar(), uptake)

    @property
    def is_firm(self) -> bool:
        """Whether the persona is an enterprise."""
        return self.persona.subject is SubjectKind.ENTERPRISE


def shown(page: Homepage) -> tuple[Entry, ...]:
    """Every entry of a page, section after section."""
    return (
        *(*page.should_do, *page.can_do, *page.upcoming),
        *(*page.needs_information, *page.in_progress, *page.done),
    )


_lived: dict[str, Day] = {}


def day_of(persona: Persona) -> Day:
    """A persona's day by the real catalogue; lived once, for nothing about it ever changes."""
    if persona.id not in _lived:
        _lived[persona.id] = live(persona, real_catalogue(), _judge())
    return _lived[persona.id]


def live(persona: Persona, catalogue: Catalogue, judge: RuleBook) -> Day:
    """A persona through the mask to the judge."""
    profile, consents = profile_of(persona, catalogue), consents_of(persona, catalogue)
    at = noon(persona.date)
    known = mask(profile, "assess", consents, catalogue, at)
    return Day(
        persona=persona,
        profile=known,
        rank_profile=mask(profile, "rank", consents, catalogue, at),
        catalogue=catalogue,
        judgement=judge.judge(known, persona.date),
    )
