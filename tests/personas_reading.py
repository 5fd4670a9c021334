"""Personas as officials write them: one YAML file a person or firm, read whole, every fault named.

A persona says what is known on a day (`otherwise: none` when the registers know of nothing else:
every yes-or-no question is then no, every date that need not exist does not; numbers stay unknown)
and what follows from the law: standings, what must not be shown, events, a firm's policy package.
Each expectation says why in words and names the article; an article the catalogue does not cite for
the item is a fault of the file.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from catalog.catalogue import Catalogue, Item
from catalog.event import LifeEvent
from catalog.support_policy import ApplyMode
from catalog.vocabulary import SCOPES_OF, Scope, SubjectKind
from features.plain_values import read_values
from features.schema import CaseStatus, PurposeName
from models.recommendation import Standing, Urgency, Verdict

A_YEAR = dt.timedelta(days=365)
FOLDER = Path(__file__).parent / "personas"
Text = Annotated[str, Field(min_length=2)]


class PersonaFault(ValueError):
    """A persona file that cannot be followed; names every fault in it."""


class Part(BaseModel):
    """Part of a persona's file: nothing unknown let in."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Said(Part):
    """A plain sentence in both languages."""

    zh: Text
    en: Text


class Paper(Part):
    """A paper that is held."""

    type: str
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    source: Literal["authority", "upload"] = "authority"


class Run(Part):
    """A case with an authority."""

    item: str
    status: CaseStatus
    opened: dt.date
    closed: dt.date | None = None
    cycle: str = "once"


class Thing(Part):
    """A child, vehicle, household, permit ... of the subject's."""

    label: Text
    scope: Scope
    told: dict[str, Any] = {}
    evidence: tuple[Paper | str, ...] = ()
    cases: tuple[Run, ...] = ()


class Expectation(Part):
    """What follows for one item or event: whose, why, and by which article."""

    of: str | None = None
    """The label of a scope item; without one, the subject itself."""
    why: Said
    law: Text


class StandingExpected(Expectation):
    """Where a scope item stands with an item. What is left out is not asked."""

    item: str
    standing: Standing = Field(alias="is")
    urgency: Urgency | None = None
    ready: bool | None = None
    cycle: str | None = None
    opens_on: dt.date | None = None
    due_on: dt.date | None = None
    provisional: bool = False
    missing: tuple[str, ...] | None = None
    unknown: tuple[str, ...] | None = None


class NotShown(Expectation):
    """An item that must not be on the page, and what the rules nevertheless say of it."""

    item: str
    verdict: Literal["ineligible", "eligible", "undetermined"]

    @property
    def judged(self) -> Verdict:
        """The verdict in the engine's words."""
        words = {"ineligible": Verdict.FALSE, "undetermined": Verdict.UNKNOWN, "eligible": Verdict.TRUE}
        return words[self.verdict]


class EventExpected(Expectation):
    """How far the subject is with an event. What is left out is not asked."""

    event: str
    done: tuple[str, ...] | None = None
    in_progress: tuple[str, ...] | None = None
    open: tuple[str, ...] | None = None
    waiting: tuple[str, ...] | None = None
    due_on: dt.date | None = None


class EventNotShown(Expectation):
    """An event that must not be on the page."""

    event: str


class Member(Expectation):
    """An item of the policy package and how it is taken up."""

    item: str
    mode: ApplyMode
    yuan: float | None = None


class LeftOut(Expectation):
    """An item kept out of the package by chosen ones."""

    item: str
    instead: tuple[str, ...]


class Near(Expectation):
    """An item that waiting, an answer or a consent would bring into the package."""

    item: str
    eligible_from: dt.date | None = None
    settles: tuple[tuple[str, ...], ...] | None = None


class PackageExpected(Part):
    """What a firm's policy package holds, gives up and nearly holds."""

    members: tuple[Member, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    near: tuple[Near, ...] = ()
    absent: tuple[NotShown, ...] = ()
    at_least_yuan: float | None = None


class Expected(Part):
    """All that follows."""

    standings: tuple[StandingExpected, ...]
    not_shown: tuple[NotShown, ...] = ()
    events: tuple[EventExpected, ...] = ()
    no_events: tuple[EventNotShown, ...] = ()
    package: PackageExpected | None = None

    @property
    def items(self) -> tuple[StandingExpected | NotShown | Member | LeftOut | Near, ...]:
        """Every expectation about an item."""
        package = self.package or PackageExpected()
        return (
            *(*self.standings, *self.not_shown),
            *(*package.members, *package.left_out, *package.near, *package.absent),
        )

    @property
    def of_events(self) -> tuple[EventExpected | EventNotShown, ...]:
        """Every expectation about an event."""
        return (*self.events, *self.no_events)


class Persona(Part):
    """One situation on one day, and what follows from it."""

    id: str
    situation: Said
    date: dt.date
    subject: SubjectKind
    otherwise: Literal["none", "unknown"]
    """What is not told: `none`, the registers know there is none; `unknown`, nobody has told."""
    withheld: tuple[str, ...] = ()
    """Consent targets the subject has not consented to; everything else is consented to."""
    refused_purposes: tuple[PurposeName, ...] = ()
    """Purposes the subject has consented to nothing for."""
    told: dict[str, Any] = {}
    evidence: tuple[Paper | str, ...] = ()
    cases: tuple[Run, ...] = ()
    scope_items: tuple[Thing, ...] = ()
    expect: Expected

    @property
    def itself(self) -> Thing:
        """The subject as a scope item of its own."""
        return Thing(
            label=self.id, scope=Scope.SELF, told=self.told, evidence=self.evidence, cases=self.cases
        )

    def scope_item(self, label: str | None) -> str:
        """The id of what a label names; of the subject without one."""
        labels = [thing.label for thing in self.scope_items]
        return self.id if label is None else f"{self.id}-{labels.index(label) + 1}"

    def scope_of(self, label: str | None) -> Scope | None:
        """The scope of what a label names; None where nothing is called so."""
        if label is None:
            return Scope.SELF
        return next((thing.scope for thing in self.scope_items if thing.label == label), None)


def read_personas(catalogue: Catalogue, folder: Path = FOLDER) -> tuple[Persona, ...]:
    """Every persona of a folder. PersonaFault with all the faults of all files."""
    personas: list[Persona] = []
    faults: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            personas.append(read_persona(path, catalogue))
        except PersonaFault as fault:
            faults.append(str(fault))
    if faults:
        raise PersonaFault("\n".join(faults))
    return tuple(personas)


def read_persona(path: Path, catalogue: Catalogue) -> Persona:
    """The persona of a file. PersonaFault with every fault of its form, else of what it refers to."""
    written = yaml.safe_load(path.read_text(encoding="utf8"))
    if not isinstance(written, dict):
        raise PersonaFault(f"{path.name}: write a persona as a mapping of `situation`, `date`, `subject` ...")
    try:
        persona = Persona.model_validate({"id": path.stem, **written})
    except ValidationError as wrong:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in wrong.errors()]
    else:
        faults = list(faults_of(persona, catalogue))
    if faults:
        raise PersonaFault("\n".join(f"{path.name}: {fault}" for fault in faults))
    return persona


def faults_of(persona: Persona, catalogue: Catalogue) -> Iterator[str]:
    """Everything a persona refers to that is not so."""
    labels = [thing.label for thing in persona.scope_items]
    yield from (f"scope_items: two are called {label!r}" for label in set(labels) if labels.count(label) > 1)
    for thing in (persona.itself, *persona.scope_items):
        if thing.scope not in SCOPES_OF[persona.subject]:
            yield f"{thing.label}: a {persona.subject} has no scope items of scope {thing.scope}"
        _, refusals = read_values(thing.told, catalogue, persona.subject, thing.scope)
        yield from (f"{thing.label}.told.{refusal.attribute}: {refusal.message}" for refusal in refusals)
        yield from _record_faults(thing, persona, catalogue)
    for expected in persona.expect.items:
        yield from _expectation_faults(expected, expected.item, persona, catalogue.items)
    for event in persona.expect.of_events:
        yield from _expectation_faults(event, event.event, persona, catalogue.events)
        yield from _step_faults(event, catalogue.events.get(event.event))
    if persona.expect.package is not None and persona.subject is not SubjectKind.ENTERPRISE:
        yield "expect.package: only an enterprise has a policy package"


def _record_faults(thing: Thing, persona: Persona, catalogue: Catalogue) -> Iterator[str]:
    for paper in papers_of(thing, persona.date):
        if paper.type not in catalogue.evidence_types:
            yield f"{thing.label}.evidence: the catalogue has no evidence type {paper.type!r}"
    for run in thing.cases:
        item = catalogue.items.get(run.item)
        if item is None or item.subject is not persona.subject or item.scope is not thing.scope:
            yield f"{thing.label}.cases: {run.item!r} is no item of a {persona.subject}'s {thing.scope}"
        if run.opened > persona.date or (run.closed or run.opened) < run.opened:
            yield f"{thing.label}.cases: {run.item}: opened, closed and the persona's date are out of order"


def papers_of(thing: Thing, on: dt.date) -> Iterator[Paper]:
    """The papers held on a day; a bare name is a valid paper of a year ago, without an end."""
    for paper in thing.evidence:
        yield Paper(type=paper, valid_from=on - A_YEAR) if isinstance(paper, str) else paper


def _expectation_faults(
    expected: Expectation, id: str, persona: Persona, things: Mapping[str, Item] | Mapping[str, LifeEvent]
) -> Iterator[str]:
    scope = persona.scope_of(expected.of)
    if scope is None:
        yield f"expect: {id}: nothing of this persona is called {expected.of!r}"
    thing = things.get(id)
    if thing is None:
        yield f"expect: the catalogue has no {id!r}"
        return
    if scope is not None and (thing.subject, thing.scope) != (persona.subject, scope):
        yield f"expect: {id} ranges over {thing.subject}.{thing.scope}, not {persona.subject}.{scope}"
    cited = citations(thing.legal_basis, *(criterion.legal_source for criterion in thing.criteria))
    for law in sorted(citations(expected.law) - cited):
        yield f"expect: {id}: the catalogue does not cite {''.join(law)}"


def _step_faults(expected: EventExpected | EventNotShown, event: LifeEvent | None) -> Iterator[str]:
    if event is None or isinstance(expected, EventNotShown):
        return
    steps = {step.service for stage in event.stages for step in stage}
    named = (expected.done, expected.in_progress, expected.open, expected.waiting)
    for step in sorted({id for ids in named for id in ids or ()} - steps):
        yield f"expect: {step} is no step of {event.id}"


def citations(*texts: str) -> frozenset[tuple[str, str]]:
    """The articles some citations name, one by one: 居民身份证法第2、7条 is article 2 and article 7."""
    found: set[tuple[str, str]] = set()
    for text in texts:
        for each in re.split("[;；]", text):
            law, _, articles = each.partition("第") if re.search(r"第\d", each) else (each, "", "")
            found |= {(law.strip(), number) for number in _numbers(articles)} | {(law.strip(), "")}
    return frozenset(found)


def _numbers(articles: str) -> Iterable[str]:
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", articles):
        yield from map(str, range(int(first), int(last or first) + 1))
