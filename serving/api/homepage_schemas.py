"""A homepage and its entries, as programs read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from catalog.catalogue import Catalogue
from catalog.vocabulary import Delicacy, Names, SubjectKind
from models.homepage import GeneralPage
from models.recommendation import Entry, EventProgress, Homepage, Standing, ThemeSection, Urgency
from serving.api.general_schemas import GeneralSchema, ItemKind, kind_of
from serving.api.schema import AnswerSchema, AsOfSchema, NamedSchema, NamesSchema


class ReasonSchema(AnswerSchema):
    """Why an entry is where it is."""

    code: str
    text: NamesSchema


class EntrySchema(AnswerSchema):
    """One item's standing for one scope item."""

    item: str
    item_kind: ItemKind
    names: NamesSchema
    scope_item: str
    label: str | None
    standing: Standing
    ready: bool
    urgency: Urgency | None
    cycle: str
    opens_on: dt.date | None
    due_on: dt.date | None
    provisional: bool
    missing: list[NamedSchema]
    unknown: list[NamedSchema]
    reasons: list[ReasonSchema]
    delicacy: Delicacy
    score: float | None
    set_aside: dt.date | None = None
    """Where the subject asked to be spared it: the day it is recommended again."""

    @classmethod
    def of(cls, entry: Entry, catalogue: Catalogue) -> EntrySchema:
        """The schema of an entry."""
        item = catalogue.items[entry.item]
        return cls(
            item=entry.item,
            item_kind=kind_of(entry.item, catalogue),
            names=NamesSchema.of(item.names),
            scope_item=entry.scope_item,
            label=entry.label,
            standing=entry.standing,
            ready=entry.ready,
            urgency=entry.urgency,
            cycle=entry.cycle,
            opens_on=entry.opens_on,
            due_on=entry.due_on,
            provisional=entry.provisional,
            missing=named_evidence(entry.missing, catalogue),
            unknown=named_attributes(entry.unknown, catalogue),
            reasons=[ReasonSchema(code=r.code, text=NamesSchema.of(r.text)) for r in entry.reasons],
            delicacy=item.delicacy,
            score=entry.score,
            set_aside=entry.set_aside,
        )


class EntryRefSchema(AnswerSchema):
    """An entry of the same answer, by its key."""

    item: str
    scope_item: str
    cycle: str


class ThemeSchema(AnswerSchema):
    """One theme's entries, in rank order."""

    theme: str
    names: NamesSchema
    entries: list[EntryRefSchema]

    @classmethod
    def of(cls, section: ThemeSection) -> ThemeSchema:
        """The schema of a theme section."""
        refs = [EntryRefSchema(item=e.item, scope_item=e.scope_item, cycle=e.cycle) for e in section.entries]
        return cls(theme=section.theme, names=NamesSchema.of(section.names), entries=refs)


class EventProgressSchema(AnswerSchema):
    """How far a subject is with a life or business event."""

    event: str
    names: NamesSchema
    scope_item: str
    label: str | None
    done: list[str]
    in_progress: list[str]
    open: list[str]
    waiting: list[str]
    enrolled: bool
    due_on: dt.date | None
    probability: float | None

    @classmethod
    def of(cls, progress: EventProgress, catalogue: Catalogue) -> EventProgressSchema:
        """The schema of an event's progress."""
        return cls(
            event=progress.event,
            names=NamesSchema.of(catalogue.events[progress.event].names),
            scope_item=progress.scope_item,
            label=progress.label,
            done=list(progress.done),
            in_progress=list(progress.in_progress),
            open=list(progress.open),
            waiting=list(progress.waiting),
            enrolled=progress.enrolled,
            due_on=progress.due_on,
            probability=progress.probability,
        )


class HomepageSchema(AsOfSchema):
    """All a homepage shows; every entry once by standing, and again by reference under its theme.

    Where personalised recommendation is off there is no standing, no subject is named, and `general`
    holds what is the same for all.
    """

    subject: str | None
    personalised: bool = True
    general: GeneralSchema | None = None
    kind: SubjectKind
    should_do: list[EntrySchema]
    can_do: list[EntrySchema]
    upcoming: list[EntrySchema]
    needs_information: list[EntrySchema]
    in_progress: list[EntrySchema]
    done: list[EntrySchema]
    themes: list[ThemeSchema]
    events: list[EventProgressSchema]
    ordered_by: str
    degraded: list[str]
    contradictions: list[NamesSchema]
    """What is on record and cannot be so; it is taken as unknown."""

    @classmethod
    def of(cls, page: Homepage, catalogue: Catalogue, contradictions: Iterable[Names] = ()) -> HomepageSchema:
        """The schema of a homepage."""
        return cls(
            on=page.on,
            catalogue_version=page.catalogue_version,
            subject=page.subject,
            kind=page.kind,
            should_do=entries(page.should_do, catalogue),
            can_do=entries(page.can_do, catalogue),
            upcoming=entries(page.upcoming, catalogue),
            needs_information=entries(page.needs_information, catalogue),
            in_progress=entries(page.in_progress, catalogue),
            done=entries(page.done, catalogue),
            themes=[ThemeSchema.of(section) for section in page.themes],
            events=[EventProgressSchema.of(progress, catalogue) for progress in page.events],
            ordered_by=page.ordered_by,
            degraded=list(page.degraded),
            contradictions=[NamesSchema.of(names) for names in contradictions],
        )

    @classmethod
    def for_all(cls, page: GeneralPage, catalogue: Catalogue) -> HomepageSchema:
        """The schema of the page that is the same for all."""
        empty = Homepage("", page.kind, page.on, page.catalogue_version, (), (), (), (), (), (), ())
        general = GeneralSchema.of(page, catalogue)
        nobody = {"subject": None, "personalised": False, "general": general}
        return cls.of(empty, catalogue).model_copy(update=nobody)


def entries(given: Iterable[Entry], catalogue: Catalogue) -> list[EntrySchema]:
    """The schemas of several entries, in order."""
    return [EntrySchema.of(entry, catalogue) for entry in given]


def named_evidence(ids: Iterable[str], catalogue: Catalogue) -> list[NamedSchema]:
    """Evidence types by id and name."""
    return [NamedSchema(id=id, names=NamesSchema.of(catalogue.evidence_types[id].names)) for id in ids]


def named_attributes(names: Iterable[str], catalogue: Catalogue) -> list[NamedSchema]:
    """Attributes, presence attributes and parameters by name."""
    found = []
    for name in names:
        known = catalogue.attributes.get(name) or catalogue.parameters.get(name)
        known = known or catalogue.attributes[name.removeprefix("has_")]
        found.append(NamedSchema(id=name, names=NamesSchema.of(known.names)))
    return found
