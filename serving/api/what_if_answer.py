"""The answer to a what-if question: three pages composed, compared, and each difference explained."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from catalog.catalogue import Catalogue, Item
from catalog.deadline import anchor_of
from catalog.derivation import parse_derivation, reads
from catalog.predicate import attributes_of
from catalog.vocabulary import SubjectKind
from features.schema import MaskedProfile
from models.eligibility.assessment import criterion_verdicts
from models.eligibility.rule_book import RuleBook, SubjectJudgement
from models.homepage import compose, package_for
from models.homepage.what_if import Change, compare
from models.policy_package.package import PolicyPackage
from models.recommendation import Entry, EventProgress, Homepage, Standing, Verdict
from models.standing.standing import stand
from serving.api.homepage_schemas import EntrySchema, EventProgressSchema, ReasonSchema, named_attributes
from serving.api.schema import NamedSchema, NamesSchema
from serving.api.what_if_reading import Supposition
from serving.api.what_if_schemas import (
    EntryChangeSchema,
    EventChangeSchema,
    Holds,
    PackageChangeSchema,
    SupposedEventSchema,
    UnmetSchema,
    WhatIfSchema,
)
from serving.parts import Parts

HOLDS: dict[Verdict, Holds] = {
    Verdict.TRUE: "holds",
    Verdict.FALSE: "does_not_hold",
    Verdict.UNKNOWN: "unknown",
}


@dataclass(frozen=True)
class Case:
    """One profile as judged on one day."""

    profile: MaskedProfile
    judgement: SubjectJudgement
    parts: Parts

    @cached_property
    def page(self) -> Homepage:
        """Its homepage, in rule order."""
        return compose(self.profile, None, self.parts.catalogue, self.judgement, self.parts.desk.calendar)

    @cached_property
    def refusals(self) -> dict[tuple[str, str], Entry]:
        """What it is refused, by item and scope item."""
        every = stand(
            self.profile, self.parts.catalogue, self.judgement, self.parts.desk.calendar, with_refused=True
        )
        return {(e.item, e.scope_item): e for e in every if e.standing is Standing.NOT_ELIGIBLE}

    def package(self) -> PolicyPackage:
        """Its policy package, weighed by the rules."""
        return package_for(self.profile, self.parts.catalogue, self.judgement, self.parts.desk.calendar)


def answer(now: Case, supposition: Supposition) -> WhatIfSchema:
    """What would differ from now, were the supposition so."""
    parts, catalogue = now.parts, now.parts.catalogue
    parts.desk.check_whole()
    # Another day's rules are compiled for this answer alone, so that questions crowd out no page's.
    today = supposition.on == now.judgement.on
    judge = parts.desk.judge if today else RuleBook(catalogue)
    then = now if today else _case(now.profile, judge, supposition.on, parts)
    supposed = _case(supposition.profile, judge, supposition.on, parts)
    found = compare(now.page, then.page, supposed.page)
    lines = [_line(change, supposed, supposition.attributes) for change in found.entries]
    return WhatIfSchema(
        on=supposition.on,
        catalogue_version=catalogue.version,
        subject=now.profile.subject,
        kind=now.profile.kind.value,
        today=now.judgement.on,
        appears=[line for line in lines if line.before is None],
        disappears=[line for line in lines if line.after is None],
        changes=[line for line in lines if line.before is not None and line.after is not None],
        events=[_event_line(change, catalogue) for change in found.events],
        supposed_events=[_supposed_event(*event, supposed) for event in supposition.events],
        policy_package=_package_change(now, supposed),
        contradictions=[NamesSchema.of(names) for names in supposed.judgement.impossible()],
    )


def _case(profile: MaskedProfile, judge: RuleBook, on: dt.date, parts: Parts) -> Case:
    return Case(profile, judge.judge(profile, on), parts)


def _line(change: Change[Entry], supposed: Case, named: frozenset[str]) -> EntryChangeSchema:
    catalogue, before, after = supposed.parts.catalogue, change.before, change.after
    gone = before if after is None else None
    refused = supposed.refusals.get((gone.item, gone.scope_item)) if gone else None
    item = (after or before).item  # type: ignore[union-attr]
    return EntryChangeSchema(
        before=EntrySchema.of(before, catalogue) if before else None,
        after=EntrySchema.of(after, catalogue) if after else None,
        changed=list(change.fields),
        cause=change.cause,
        rests_on=sorted(named & _read_by(catalogue.items[item], catalogue)),
        unmet=_unmet(gone.item, gone.scope_item, supposed) if gone else [],
        reasons=[_reason_schema(refused)] if refused else [],
    )


def _reason_schema(entry: Entry) -> ReasonSchema:
    reason = entry.reasons[0]
    return ReasonSchema(code=reason.code, text=NamesSchema.of(reason.text))


def _read_by(item: Item, catalogue: Catalogue) -> frozenset[str]:
    """The attributes an item reads: in its conditions, as its deadline's anchor, and behind derived ones."""
    waiting = [name for criterion in item.criteria for name in attributes_of(criterion.predicate)]
    if item.duty and (anchor := anchor_of(item.duty.rule)):
        waiting.append(anchor)
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        attribute = catalogue.attributes.get(name)
        if name in found or attribute is None:
            continue
        found.add(name)
        if attribute.derived is not None:
            waiting += reads(parse_derivation(attribute.derived))
        if attribute.implied_by is not None:
            waiting.append(attribute.implied_by.attribute)
    return frozenset(found)


def _unmet(id_: str, scope_item: str, supposed: Case) -> list[UnmetSchema]:
    """The conditions of an item or event that do not hold, or of which it is not known."""
    return [
        UnmetSchema(
            criterion=judged.criterion,
            holds=HOLDS[judged.verdict],
            expression=judged.expression,
            legal_source=judged.legal_source,
            unknown=named_attributes(judged.unknown, supposed.parts.catalogue),
        )
        for judged in criterion_verdicts(supposed.judgement, scope_item, id_)
        if judged.verdict is not Verdict.TRUE
    ]


def _event_line(change: Change[EventProgress], catalogue: Catalogue) -> EventChangeSchema:
    return EventChangeSchema(
        before=EventProgressSchema.of(change.before, catalogue) if change.before else None,
        after=EventProgressSchema.of(change.after, catalogue) if change.after else None,
        changed=list(change.fields),
        cause=change.cause,
    )


def _supposed_event(event: str, scope_item: str, supposed: Case) -> SupposedEventSchema:
    return SupposedEventSchema(
        event=event,
        names=NamesSchema.of(supposed.parts.catalogue.events[event].names),
        scope_item=scope_item,
        holds=HOLDS[supposed.judgement.verdicts(scope_item)[event]],
        unmet=_unmet(event, scope_item, supposed),
    )


def _package_change(now: Case, supposed: Case) -> PackageChangeSchema | None:
    """By item and scope item, whatever else of an entry changes; its dates are among the lines."""
    if now.profile.kind is not SubjectKind.ENTERPRISE:
        return None
    before, after = now.package(), supposed.package()
    held = {(entry.item, entry.scope_item) for entry in before.entries}
    holds = {(entry.item, entry.scope_item) for entry in after.entries}
    catalogue = now.parts.catalogue
    return PackageChangeSchema(
        enters=_named(((e.item, e.scope_item) for e in after.entries), held, catalogue),
        leaves=_named(((e.item, e.scope_item) for e in before.entries), holds, catalogue),
        total_before=NamesSchema.of(before.total.text),
        total_after=NamesSchema.of(after.total.text),
    )


def _named(
    keys: Iterable[tuple[str, str]], without: set[tuple[str, str]], catalogue: Catalogue
) -> list[NamedSchema]:
    items = dict.fromkeys(key[0] for key in keys if key not in without)
    return [NamedSchema(id=id_, names=NamesSchema.of(catalogue.items[id_].names)) for id_ in items]
