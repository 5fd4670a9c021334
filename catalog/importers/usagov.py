"""The USAGov benefit finder, imported: its benefits, criteria and life events as a catalogue's folder."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Final

from catalog.importers.folder import write_sheet
from catalog.importers.report import Finding, ImportReport
from catalog.importers.usagov_conditions import (
    SourceCriterion,
    UnreadableConditionError,
    condition,
    slug,
)
from catalog.importers.usagov_source import Benefit, Content, read_content
from catalog.sheets import (
    AttributeSheet,
    AuthoritySheet,
    ConsentGroupsSheet,
    CriterionSheet,
    EventSheet,
    PublicServiceSheet,
    StepSheet,
    ThemeSheet,
    ThemesSheet,
)
from catalog.vocabulary import (
    Confidence,
    Level,
    Names,
    Nature,
    Origin,
    Procedure,
    Scope,
    Sensitivity,
    SubjectKind,
    ValueType,
)

_SOURCE: Final = "USAGov Benefit Finder"
_NOTE: Final = "Imported; texts are in English only. Additional criteria may apply: see the agency's page."
_GROUP: Final = "answers"
_THEME: Final = "federal-benefits"


def import_usagov(source: Path, out: Path) -> ImportReport:
    """Write the content of `source` as a catalogue's folder at `out`, ready for the loader.

    Raises FileNotFoundError or ValueError when the source is not such a content folder.
    """
    content = read_content(source)
    findings: list[Finding] = []
    services, kept = _services(content, findings)
    for service in services:
        write_sheet(service, out / "public_services" / f"{service.id}.yaml")
    attributes = _attributes(content, findings)
    events = _events(content, findings)
    for event in events:
        write_sheet(event, out / "events" / f"{event.id}.yaml")
        attributes[event.trigger] = _attribute(event.names.en, ValueType.BOOLEAN)
    _write_register(attributes, out)
    return ImportReport(
        items=len(services),
        events=len(events),
        conditions=sum(len(benefit.conditions) for benefit in content.benefits),
        kept=kept,
        findings=tuple(sorted(findings)),
    )


def _services(content: Content, findings: list[Finding]) -> tuple[list[PublicServiceSheet], int]:
    services, kept = [], 0
    for benefit in content.benefits:
        criteria = tuple(_criteria(benefit, content, findings))
        kept += len(criteria)
        services.append(
            PublicServiceSheet(
                id=_item_id(benefit.id),
                names=_names(benefit.title),
                subject=SubjectKind.CITIZEN,
                scope=Scope.SELF,
                theme=_THEME,
                authority=benefit.agency,
                level=Level.STATE,
                nature=Nature.BENEFIT,
                procedure=Procedure.BENEFIT,
                criteria=criteria,
                legal_basis=benefit.link,
                confidence=Confidence.MEDIUM,
                source=_SOURCE,
                note=_NOTE,
            )
        )
    return services, kept


def _item_id(source_id: str) -> str:
    return source_id.replace("_", "-").lower()


def _criteria(benefit: Benefit, content: Content, findings: list[Finding]) -> list[CriterionSheet]:
    criteria = []
    for key, accepted in benefit.conditions:
        try:
            when = condition(content.criteria[key], accepted)
        except KeyError:
            findings.append(Finding(benefit.id, f"criterion `{key}` is not in criteria.csv", "not kept"))
        except UnreadableConditionError as error:
            findings.append(Finding(benefit.id, f"criterion `{key}`: {error}", "not kept"))
        else:
            criteria.append(CriterionSheet(id=key.replace("_", "-").lower(), when=when))
    return criteria


def _attributes(content: Content, findings: list[Finding]) -> dict[str, AttributeSheet]:
    used: dict[str, set[str]] = defaultdict(set)
    for benefit in content.benefits:
        for key, accepted in benefit.conditions:
            used[key].update(str(value) for value in accepted)
    attributes: dict[str, AttributeSheet] = {}
    for key in sorted(used.keys() & content.criteria.keys()):
        criterion = content.criteria[key]
        if criterion.type == "boolean":
            attributes[criterion.attribute] = _attribute(criterion.label, ValueType.BOOLEAN)
        elif criterion.type == "date":
            attributes |= _dated(criterion)
        else:
            attributes[criterion.attribute] = _choice(criterion, used[key], findings)
    return attributes


def _attribute(label: str, kind: ValueType, **more: object) -> AttributeSheet:
    return AttributeSheet(
        names=_names(label),
        subject=SubjectKind.CITIZEN,
        scope=Scope.SELF,
        type=kind,
        origin=Origin.DERIVED if "derived" in more else Origin.DECLARED,
        # The source asks nobody's register: what a person answers is theirs, and needs their consent.
        sensitivity=Sensitivity.SENSITIVE,
        consent_group=_GROUP,
        **more,  # type: ignore[arg-type]  # the optional fields of the sheet, passed on
    )


def _dated(criterion: SourceCriterion) -> dict[str, AttributeSheet]:
    years = f"years_between({criterion.attribute}, on)"
    return {
        criterion.attribute: _attribute(criterion.label, ValueType.DATE),
        criterion.age: _attribute(criterion.label, ValueType.NUMBER, derived=years, unit="years"),
    }


def _choice(criterion: SourceCriterion, used: set[str], findings: list[Finding]) -> AttributeSheet:
    for answer in sorted(used - set(criterion.answers)):
        what = f"`{answer}` is accepted by a benefit but not offered as an answer"
        findings.append(Finding(f"criteria.csv: {criterion.key}", what, "kept as one more answer"))
    answers = (*criterion.answers, *sorted(used - set(criterion.answers)))
    return _attribute(
        criterion.label, ValueType.ENUM, values={slug(answer): _names(answer) for answer in answers}
    )


def _events(content: Content, findings: list[Finding]) -> list[EventSheet]:
    members: dict[str, list[str]] = defaultdict(list)
    for benefit in content.benefits:
        for tag in benefit.life_events:
            if tag in content.life_events:
                members[tag].append(_item_id(benefit.id))
            elif tag.replace("_", "-") != tag:
                findings.append(Finding(benefit.id, f"the tag `{tag}` is misspelt", "read with hyphens"))
    return [_event(tag, title, members[tag]) for tag, title in content.life_events.items()]


def _event(tag: str, title: str, members: list[str]) -> EventSheet:
    trigger = f"faces_{tag.replace('-', '_')}"
    return EventSheet(
        id=tag,
        names=_names(title),
        subject=SubjectKind.CITIZEN,
        scope=Scope.SELF,
        theme=_THEME,
        trigger=trigger,
        criteria=(CriterionSheet(id="announced", when=f"{trigger} = TRUE"),),
        # The source bundles without an order: everything may be done side by side.
        stages=(tuple(StepSheet(service=member, optional=True) for member in members),),
        lead_authority="USAGov",
        list_source=_SOURCE,
        legal_basis=_SOURCE,
        confidence=Confidence.MEDIUM,
        source=_SOURCE,
        note=_NOTE,
    )


def _write_register(attributes: dict[str, AttributeSheet], out: Path) -> None:
    registers = {SubjectKind.CITIZEN: "declared"}
    sheet = AuthoritySheet(authority="self-declared", registers=registers, attributes=attributes)
    write_sheet(sheet, out / "attributes" / "declared.yaml")
    theme = ThemeSheet(id=_THEME, names=_names("Federal benefits"), subject=SubjectKind.CITIZEN)
    write_sheet(ThemesSheet(themes=(theme,)), out / "themes.yaml")
    group = ThemeSheet(id=_GROUP, names=_names("Your answers"), subject=SubjectKind.CITIZEN)
    write_sheet(ConsentGroupsSheet(consent_groups=(group,)), out / "consent_groups.yaml")


def _names(text: str) -> Names:
    """The source has no Chinese: its own words stand in both places rather than a translation we made up."""
    return Names(text, text)
