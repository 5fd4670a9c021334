"""Building items and events from their sheets: conditions parsed, deadlines parsed, both checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from catalog.attribute import ConsentGroup
from catalog.catalogue import Theme
from catalog.checker import Reader, Register, anchor_misuses, misuses
from catalog.criterion import Criterion
from catalog.deadline import anchor_of, parse_deadline
from catalog.duty import Duty
from catalog.event import LifeEvent, Step
from catalog.expression import parse_condition
from catalog.faults import WordingError
from catalog.predicate import attributes_of
from catalog.public_service import PublicService
from catalog.reading import Entry
from catalog.registering import check_day
from catalog.sheets import (
    AmountSheet,
    EventSheet,
    ItemSheet,
    PublicServiceSheet,
    SupportPolicySheet,
)
from catalog.support_policy import Amount, Relation, SupportPolicy
from catalog.vocabulary import SCOPES_OF, ValueType

_YUAN = {"yuan": 1.0, "wan_yuan": 10_000.0}
_COPIED = ("id", "names", "legal_basis", "proactive", "delicacy", "status", "confidence", "source", "note")
"""What every item takes from its sheet as it stands."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What items are built on."""

    register: Register
    themes: dict[str, Theme]
    consent_groups: dict[str, ConsentGroup]


def public_services(entries: Iterable[Entry[PublicServiceSheet]], ground: Ground) -> dict[str, PublicService]:
    """The public services, by id."""
    taken = (*_COPIED, "subject", "scope", "theme", "authority", "level", "nature", "procedure", "evidence")
    more = ("outputs", "processing_limit", "channels", "valid_from", "valid_to", "item_code")
    found = {}
    for entry in entries:
        sheet = entry.sheet
        _check_item(entry, ground, sheet.theme, "theme")
        _check_validity(entry, sheet.valid_from, sheet.valid_to)
        criteria, duty = _criteria(entry, ground), _duty(entry, ground)
        found[entry.id] = PublicService(
            criteria=criteria,
            duty=duty,
            consent_attributes=_consent_attributes(criteria, ground),
            **{name: getattr(sheet, name) for name in (*taken, *more)},
        )
    return found


def support_policies(
    entries: Iterable[Entry[SupportPolicySheet]], ground: Ground
) -> dict[str, SupportPolicy]:
    """The support policies, by id."""
    taken = (*_COPIED, "subject", "scope", "category", "issuer", "level", "benefit_type", "benefit")
    more = ("apply_mode", "valid_from", "valid_to", "evidence", "related_services")
    found = {}
    for entry in entries:
        sheet = entry.sheet
        _check_item(entry, ground, sheet.category, "category")
        _check_validity(entry, sheet.valid_from, sheet.valid_to)
        criteria, duty = _criteria(entry, ground), _duty(entry, ground)
        found[entry.id] = SupportPolicy(
            criteria=criteria,
            duty=duty,
            consent_attributes=_consent_attributes(criteria, ground),
            amount=None if sheet.amount is None else _amount(entry, sheet.amount, ground),
            relations=tuple(
                Relation(each.policy, each.kind, each.source, each.prevails) for each in sheet.relations
            ),
            **{name: getattr(sheet, name) for name in (*taken, *more)},
        )
    return found


def events(entries: Iterable[Entry[EventSheet]], ground: Ground) -> dict[str, LifeEvent]:
    """The life and business events, by id."""
    taken = (*_COPIED, "subject", "scope", "theme", "trigger", "lead_authority", "list_source")
    found = {}
    for entry in entries:
        sheet = entry.sheet
        _check_item(entry, ground, sheet.theme, "theme")
        criteria, duty = _criteria(entry, ground), _duty(entry, ground)
        reader = Reader(sheet.subject, sheet.scope)
        if sheet.trigger not in ground.register.attributes:
            entry.fault(f"unknown trigger `{sheet.trigger}`", "name an attribute", "trigger")
        elif not reader.may_read(ground.register.attributes[sheet.trigger]):
            remedy = f"name an attribute of {sheet.scope} or self"
            entry.fault(f"the trigger `{sheet.trigger}` is of another scope", remedy, "trigger")
        found[entry.id] = LifeEvent(
            criteria=criteria,
            duty=duty,
            consent_attributes=_consent_attributes(criteria, ground),
            stages=tuple(
                tuple(Step(step.service, step.optional, step.another) for step in stage)
                for stage in sheet.stages
            ),
            **{name: getattr(sheet, name) for name in taken},
        )
    return found


def _check_item(
    entry: Entry[PublicServiceSheet] | Entry[SupportPolicySheet] | Entry[EventSheet],
    ground: Ground,
    theme: str,
    key: str,
) -> None:
    sheet = entry.sheet
    if not sheet.legal_basis.strip():
        entry.fault("no legal source", "cite the law in `legal_basis`", "legal_basis")
    if not sheet.names.zh.strip() or not sheet.names.en.strip():
        entry.fault("a name is empty", "give it a Chinese and an English name", "names")
    if not sheet.criteria:
        entry.fault("no criteria", 'write at least one; `when: "TRUE"` is for everyone', "criteria")
    if sheet.scope not in SCOPES_OF[sheet.subject]:
        remedy = f"use one of {', '.join(SCOPES_OF[sheet.subject])}"
        entry.fault(f"a {sheet.subject} has no scope {sheet.scope}", remedy, "scope")
    if theme not in ground.themes or ground.themes[theme].subject != sheet.subject:
        known = [each.id for each in ground.themes.values() if each.subject == sheet.subject]
        entry.fault(f"unknown {key} `{theme}`", f"use one of {', '.join(known)}", key)


def _check_validity(
    entry: Entry[PublicServiceSheet] | Entry[SupportPolicySheet], start: str | None, end: str | None
) -> None:
    check_day(start, entry, "valid_from")
    check_day(end, entry, "valid_to")
    if start and end and end < start:
        entry.fault(f"it ends on {end} before it starts on {start}", "correct one of the days", "valid_to")


def _criteria(
    entry: Entry[PublicServiceSheet] | Entry[SupportPolicySheet] | Entry[EventSheet], ground: Ground
) -> tuple[Criterion, ...]:
    sheet, found, seen = entry.sheet, [], set[str]()
    for place, each in enumerate(sheet.criteria):
        if each.id in seen:
            entry.fault(f"criterion `{each.id}` is given twice", "rename one", "criteria", place, "id")
        seen.add(each.id)
        try:
            predicate = parse_condition(each.when)
        except WordingError as error:
            entry.fault(error.what, error.remedy, "criteria", place, "when")
            continue
        for what, remedy in misuses(predicate, ground.register, Reader(sheet.subject, sheet.scope)):
            entry.fault(what, remedy, "criteria", place, "when")
        found.append(
            Criterion(
                id=each.id,
                expression=each.when,
                predicate=predicate,
                legal_source=each.legal_source or sheet.legal_basis,
            )
        )
    return tuple(found)


def _duty(
    entry: Entry[PublicServiceSheet] | Entry[SupportPolicySheet] | Entry[EventSheet], ground: Ground
) -> Duty | None:
    sheet: ItemSheet = entry.sheet
    if sheet.deadline is None:
        return None
    try:
        rule = parse_deadline(sheet.deadline)
    except WordingError as error:
        entry.fault(error.what, error.remedy, "deadline")
        return None
    if (anchor := anchor_of(rule)) is not None:
        reader = Reader(entry.sheet.subject, entry.sheet.scope)
        for what, remedy in anchor_misuses(anchor, ground.register, reader):
            entry.fault(what, remedy, "deadline")
    return Duty(expression=sheet.deadline, rule=rule, rolls=sheet.rolls, lead_days=sheet.lead_days)


def _consent_attributes(criteria: Iterable[Criterion], ground: Ground) -> tuple[str, ...]:
    """What the criteria read that may not be computed with unless the subject consents."""
    read = {name for criterion in criteria for name in attributes_of(criterion.predicate)}
    known = ground.register.attributes
    return tuple(sorted(name for name in read if name in known and known[name].consent_group is not None))


def _amount(entry: Entry[SupportPolicySheet], sheet: AmountSheet, ground: Ground) -> Amount:
    for what, remedy, key in _amount_faults(entry.sheet, sheet, ground):
        entry.fault(what, remedy, "amount", key)
    factor = _YUAN.get(sheet.unit or "", 1.0)
    return Amount(
        yuan=sheet.value * factor,
        per=sheet.per,
        cap=None if sheet.cap is None else sheet.cap * factor,
        every=sheet.every,
        source=sheet.source,
    )


def _amount_faults(
    policy: SupportPolicySheet, sheet: AmountSheet, ground: Ground
) -> Iterator[tuple[str, str, str]]:
    if sheet.unit is None:
        yield "an amount without a unit", f"add `unit` with one of {', '.join(_YUAN)}", "value"
    elif sheet.unit not in _YUAN:
        yield f"unknown unit `{sheet.unit}`", f"use one of {', '.join(_YUAN)}", "unit"
    if sheet.value <= 0 or (sheet.cap is not None and sheet.cap <= 0):
        yield "an amount of nothing", "leave out an amount the text does not state", "value"
    if not sheet.source.strip():
        yield "an amount without its source", "cite the text that states it", "source"
    per = None if sheet.per is None else ground.register.attributes.get(sheet.per)
    if sheet.per is None:
        return
    if per is None or per.type is not ValueType.NUMBER:
        yield f"`{sheet.per}` is no number of the register", "multiply by a registered number", "per"
    elif not Reader(policy.subject, policy.scope).may_read(per):
        yield f"`{sheet.per}` belongs to another scope", f"use a number of {policy.scope} or self", "per"
