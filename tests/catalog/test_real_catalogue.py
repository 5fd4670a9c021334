"""The catalogue itself: all of it is there, and every entry is fit to be judged and shown."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from catalog.artefact import load, save
from catalog.catalogue import Catalogue, Item
from catalog.deadline import anchor_of
from catalog.derivation import parse_derivation, reads
from catalog.event import LifeEvent
from catalog.expression import parse_condition
from catalog.loader import load_catalogue
from catalog.predicate import attributes_of, presence
from catalog.vocabulary import (
    Confidence,
    Nature,
    Origin,
    Proactive,
    Scope,
    Sensitivity,
    Status,
    SubjectKind,
    ValueType,
)

DATA = Path(__file__).resolve().parents[2] / "catalog" / "data"


def everything(catalogue: Catalogue) -> list[Item | LifeEvent]:
    return [*catalogue.items.values(), *catalogue.events.values()]


def test_the_counts_come_out(real: Catalogue) -> None:
    confirmed = [each for each in everything(real) if each.status is Status.CONFIRMED]
    counts = Counter((type(each).__name__, each.subject) for each in confirmed)
    assert counts == {
        ("PublicService", SubjectKind.CITIZEN): 209,
        ("PublicService", SubjectKind.ENTERPRISE): 172,
        ("SupportPolicy", SubjectKind.ENTERPRISE): 76,
        ("LifeEvent", SubjectKind.CITIZEN): 38,
        ("LifeEvent", SubjectKind.ENTERPRISE): 31,
    }


def test_only_what_a_kept_row_needs_is_unverified(real: Catalogue) -> None:
    unverified = {each.id for each in everything(real) if each.status is Status.UNVERIFIED}
    steps = {step.service for event in real.events.values() for stage in event.stages for step in stage}
    related = {name for policy in real.support_policies.values() for name in policy.related_services}
    assert len(unverified) == 6
    assert unverified <= steps | related
    for each in everything(real):
        assert (each.confidence is Confidence.LOW) == (each.id in unverified), each.id


def test_it_loads_in_under_three_seconds() -> None:
    start = time.process_time()
    load_catalogue(DATA)
    assert time.process_time() - start < 3


def test_it_survives_being_compiled(real: Catalogue, tmp_path: Path) -> None:
    save(real, tmp_path / "catalogue.msgpack")
    assert load(tmp_path / "catalogue.msgpack") == real


def test_the_same_files_make_the_same_version(real: Catalogue) -> None:
    assert load_catalogue(DATA).version == real.version


def test_everything_has_names_a_law_and_a_theme(real: Catalogue) -> None:
    for each in everything(real):
        theme = each.category if not isinstance(each, LifeEvent) and hasattr(each, "category") else each.theme
        assert real.themes[theme].subject == each.subject
        assert each.names.zh.strip()
        assert each.names.en.isascii() or "’" in each.names.en, each.names.en
        assert each.legal_basis.strip()
        assert each.source
        assert all(criterion.legal_source.strip() for criterion in each.criteria)
    for policy in real.support_policies.values():
        assert policy.benefit.zh.strip()
        assert policy.benefit.en.strip()


def test_no_two_things_of_a_kind_share_an_english_name(real: Catalogue) -> None:
    for table in (
        real.public_services,
        real.support_policies,
        real.events,
        real.attributes,
        real.evidence_types,
    ):
        shared = {name for name, n in Counter(each.names.en for each in table.values()).items() if n > 1}
        named_alike = {each.names.zh for each in table.values() if each.names.en in shared}
        assert len(named_alike) <= len(shared), f"tell these apart in English: {named_alike}"


def test_no_theme_is_empty_and_no_event_is_trivial(real: Catalogue) -> None:
    used = {getattr(each, "theme", None) or getattr(each, "category", None) for each in everything(real)}
    assert used == set(real.themes)
    for event in real.events.values():
        assert sum(len(stage) for stage in event.stages) >= 2, event.id


def test_rules_read_their_own_scope_and_its_owner(real: Catalogue) -> None:
    for each in everything(real):
        read = {name for criterion in each.criteria for name in attributes_of(criterion.predicate)}
        anchor = None if each.duty is None else anchor_of(each.duty.rule)
        for name in read | ({anchor} if anchor else set()):
            if name in real.parameters:
                continue
            attribute = real.attributes[name]
            assert attribute.subject == each.subject, f"{each.id} reads {name}"
            assert attribute.scope in (each.scope, Scope.SELF), f"{each.id} reads {name}"


def test_every_scope_is_lived_in(real: Catalogue) -> None:
    by_scope = defaultdict(set)
    for each in everything(real):
        by_scope[each.subject].add(each.scope)
    assert by_scope[SubjectKind.CITIZEN] == {
        Scope.SELF,
        Scope.CHILD,
        Scope.HOUSEHOLD,
        Scope.VEHICLE,
        Scope.PROPERTY,
    }
    assert by_scope[SubjectKind.ENTERPRISE] == {
        *(Scope.SELF, Scope.EMPLOYEE, Scope.PERMIT, Scope.PROJECT, Scope.SITE, Scope.PROPERTY)
    }


def test_every_attribute_is_named_and_typed(real: Catalogue) -> None:
    for attribute in real.attributes.values():
        assert attribute.names.zh.strip()
        assert attribute.names.en[0].isupper(), attribute.name
        assert attribute.register
        assert (attribute.type is ValueType.NUMBER) == (attribute.unit is not None)
        assert set(attribute.allowed) == set(attribute.value_names)
        assert presence(attribute.name) not in real.attributes or not attribute.optional


def test_what_is_delicate_or_declared_needs_consent(real: Catalogue) -> None:
    for attribute in real.attributes.values():
        delicate = attribute.sensitivity is not Sensitivity.ORDINARY or attribute.origin is Origin.DECLARED
        assert (attribute.consent_group is not None) == delicate, attribute.name
    for each in everything(real):
        read = {name for criterion in each.criteria for name in attributes_of(criterion.predicate)}
        needing = {n for n in read if n in real.attributes and real.attributes[n].consent_group is not None}
        assert set(each.consent_attributes) == needing


def test_what_is_derived_is_as_guarded_as_its_sources(real: Catalogue) -> None:
    derived = [attribute for attribute in real.attributes.values() if attribute.derived is not None]
    assert {"age", "child_age", "statutory_retirement_date"} <= {attribute.name for attribute in derived}
    for attribute in derived:
        for source in (real.attributes[name] for name in reads(parse_derivation(attribute.derived or ""))):
            assert source.consent_group is None or attribute.consent_group is not None


def test_registers_are_few_enough_to_be_packed(real: Catalogue) -> None:
    for subject in SubjectKind:
        registers = {each.register for each in real.attributes.values() if each.subject == subject}
        assert len(registers) <= 12


@pytest.mark.parametrize(
    "name",
    [
        *("cs-divorce-application", "cs-divorce-certificate", "cs-adoption-registration", "cs-legal-aid"),
        "le-serious-illness",
    ],
)
def test_what_must_not_be_told_unasked_is_only_found_by_search(name: str, real: Catalogue) -> None:
    assert {**real.items, **real.events}[name].proactive is Proactive.SEARCH_ONLY


def test_no_duty_is_hidden_behind_the_search(real: Catalogue) -> None:
    for service in real.public_services.values():
        if service.nature is Nature.OBLIGATION:
            assert service.proactive is not Proactive.SEARCH_ONLY, service.id


@pytest.mark.parametrize(
    ("name", "deadline"),
    [
        # 居民身份证法 7: three months, and only for the first card at 16.
        ("cs-id-first", "within(birthday16_date,+3M)"),
        # 户口登记条例 7, 8, 13.
        ("cs-birth-registration", "within(child_birth_date,+1M)"),
        ("cs-death-registration", "before(deceased_burial_date)"),
        ("cs-hukou-move-in", "within(arrival_new_hukou_date,+3D)"),
        # 社会保险法 57, 58.
        ("es-si-registration", "within(established_date,+30D)"),
        ("es-employee-si", "within(hire_date,+30D)"),
        # 企业信息公示暂行条例 8.
        ("es-annual-report", "annual(01-01..06-30)"),
        ("es-food-permit-renewal", "window(food_permit_expiry_date,-90WD,-15WD)"),
    ],
)
def test_statutory_deadlines_are_those_of_the_law(name: str, deadline: str, real: Catalogue) -> None:
    duty = real.public_services[name].duty
    assert duty is not None
    assert duty.expression == deadline


def test_tax_windows_roll_over_holidays_and_police_windows_do_not(real: Catalogue) -> None:
    for name, rolls in (("es-vat-monthly", True), ("cs-iit-annual", True), ("cs-birth-registration", False)):
        duty = real.public_services[name].duty
        assert duty is not None
        assert duty.rolls is rolls


def test_the_contribution_months_rise_by_six_a_year_from_2030(real: Catalogue) -> None:
    values = {value.valid_from: value.value for value in real.parameters["param_min_pension_months"].values}
    assert values["2011-07-01"] == 180
    assert [values[f"{year}-01-01"] for year in range(2030, 2040)] == list(range(186, 241, 6))


def test_a_parameter_without_a_source_has_no_value(real: Catalogue) -> None:
    assert real.parameters["param_low_income_line_month"].values == ()
    assert all(value.source for each in real.parameters.values() for value in each.values)


def test_exclusions_and_amounts_are_only_those_a_text_states(real: Catalogue) -> None:
    related = {(p.id, r.policy): r for p in real.support_policies.values() for r in p.relations}
    assert set(related) == {("ep-rd-120-ic", "ep-rd-100")}
    stated = {p.id: p.amount for p in real.support_policies.values() if p.amount is not None}
    assert set(stated) == {"ep-hire-key-group", "ep-hire-veteran"}
    assert all(amount.yuan == 6000 and amount.source for amount in stated.values())


def test_the_hotline_is_for_everyone(real: Catalogue) -> None:
    (criterion,) = real.public_services["cs-hotline-12345"].criteria
    assert criterion.predicate == parse_condition("TRUE")


def test_papers_that_government_can_fetch_say_who_yields_them(real: Catalogue) -> None:
    for kind in real.evidence_types.values():
        if kind.fetchable:
            assert kind.issued_by, kind.id
            assert kind.issuing_authority, kind.id


def test_the_gaps_are_written_down(real: Catalogue) -> None:
    gaps = (DATA.parents[1] / "docs" / "catalogue-gaps.md").read_text(encoding="utf8")
    told = {each.id for each in everything(real) if each.status is Status.UNVERIFIED}
    told |= {each.name for each in real.parameters.values() if not each.values}
    assert all(f"`{name}`" in gaps for name in told)
