"""Every way a catalogue can be wrong is named with file, line and remedy, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.faults import CatalogueError
from catalog.loader import load_catalogue
from tests.catalog.conftest import Break

BIRTH = "public_services/birth-registration.yaml"
CARD = "public_services/senior-card.yaml"
GRANT = "support_policies/expansion-grant.yaml"
LOAN = "support_policies/expansion-loan.yaml"
NEWBORN = "events/newborn.yaml"
POLICE = "attributes/police.yaml"
TAX = "attributes/tax.yaml"
OFFICE = "evidence_types/office.yaml"
LINE = "parameters/param_wage_line.yaml"

CASES: dict[str, tuple[str, str, str, str, str]] = {
    # what is wrong: file, a text of it, what it becomes, what stands on the line at fault, what is said
    "unknown attribute": (
        CARD,
        "when: age >= 60",
        "when: aeg >= 60",
        "when: aeg >= 60",
        "unknown attribute `aeg`",
    ),
    "type mismatch, number and word": (
        CARD,
        "when: age >= 60",
        "when: age = 'BJ'",
        "when: age = 'BJ'",
        "type mismatch",
    ),
    "type mismatch, boolean and number": (
        GRANT,
        "when: expands = TRUE",
        "when: expands >= 1",
        "when: expands >= 1",
        "type mismatch",
    ),
    "order of a boolean": (
        GRANT,
        "when: expands = TRUE",
        "when: expands >= TRUE",
        "when: expands >= TRUE",
        "in order",
    ),
    "type mismatch, boolean and parameter": (
        GRANT,
        "when: wage >= param_wage_line",
        "when: expands = param_wage_line",
        "when: expands = param_wage_line",
        "type mismatch",
    ),
    "type mismatch, two attributes": (
        CARD,
        "when: age >= 60",
        "when: age >= birth_date",
        "when: age >= birth_date",
        "type mismatch",
    ),
    "value outside the allowed set": (
        BIRTH,
        "hukou = 'BJ'",
        "hukou = 'SH'",
        "when: hukou = 'SH'",
        "has no value 'SH'",
    ),
    "value outside the allowed set, in a list": (
        BIRTH,
        "hukou = 'BJ'",
        "hukou IN ('BJ', 'SH')",
        "when: hukou IN ('BJ', 'SH')",
        "has no value 'SH'",
    ),
    "impossible date in a condition": (
        BIRTH,
        "when: child_birth_date IS NOT NULL",
        "when: child_birth_date >= '2025-02-30'",
        "when: child_birth_date >= '2025-02-30'",
        "`2025-02-30` is an impossible date",
    ),
    "outside the language": (
        CARD,
        "when: age >= 60",
        "when: age + 1 >= 60",
        "when: age + 1 >= 60",
        "is not an attribute",
    ),
    "IS TRUE": (
        GRANT,
        "when: expands = TRUE",
        "when: expands IS TRUE",
        "when: expands IS TRUE",
        "outside the language",
    ),
    "rule reading another scope": (
        CARD,
        "when: age >= 60",
        "when: child_registered",
        "when: child_registered",
        "citizen/child",
    ),
    "rule reading another subject": (
        CARD,
        "when: age >= 60",
        "when: staff > 1",
        "when: staff > 1",
        "enterprise/self",
    ),
    "presence that nobody tells": (
        BIRTH,
        "hukou = 'BJ'",
        "hukou IS NULL",
        "when: hukou IS NULL",
        "whether `hukou` exists",
    ),
    "criterion twice": (
        BIRTH,
        "id: unregistered",
        "id: born",
        "- id: born",
        "criterion `born` is given twice",
    ),
    "missing legal source": (
        CARD,
        "legal_basis: 老年人权益保障法",
        'legal_basis: ""',
        'legal_basis: ""',
        "no legal source",
    ),
    "legal source left out": (
        CARD,
        "legal_basis: 老年人权益保障法\n",
        "",
        "id: senior-card",
        "`legal_basis` is missing",
    ),
    "no criteria": (
        CARD,
        "criteria:\n  - id: age\n    when: age >= 60",
        "criteria: []",
        "criteria: []",
        "no criteria",
    ),
    "id differs from file name": (
        CARD,
        "id: senior-card",
        "id: elder-card",
        "id: elder-card",
        "differs from the file's name",
    ),
    "unknown key": (
        CARD,
        "confidence: medium",
        "confidence: medium\nowner: me",
        "owner: me",
        "unknown key `owner`",
    ),
    "unknown key within": (
        CARD,
        "when: age >= 60",
        "when: age >= 60\n    unless: TRUE",
        "unless: TRUE",
        "`unless`",
    ),
    "missing key": (CARD, "level: city\n", "", "id: senior-card", "`level` is missing"),
    "word outside a list of words": (CARD, "level: city", "level: town", "level: town", "`level`"),
    "unquoted date": (BIRTH, '"1958-01-09"', "1958-01-09", "valid_from: 1958-01-09", "as a timestamp"),
    "yes for true": (GRANT, "rolls: true", "rolls: yes", "rolls: yes", "as a bool"),
    "duplicate key": (
        CARD,
        "level: city",
        "level: city\nlevel: state",
        "level: state",
        "`level` is given twice",
    ),
    "not YAML": (CARD, "level: city", "level: [city", "nature: benefit", "not valid YAML"),
    "unknown theme": (CARD, "theme: family", "theme: leisure", "theme: leisure", "unknown theme `leisure`"),
    "theme of the other subject": (
        CARD,
        "theme: family",
        "theme: relief",
        "theme: relief",
        "unknown theme `relief`",
    ),
    "scope of the other subject": (CARD, "scope: self", "scope: site", "scope: site", "no scope site"),
    "dangling evidence": (
        CARD,
        "[m-hukou-book]",
        "[m-hukou-bok]",
        "evidence: [m-hukou-bok]",
        "unknown evidence type `m-hukou-bok`",
    ),
    "dangling output": (
        BIRTH,
        "outputs: [m-hukou-book]",
        "outputs: [m-x]",
        "outputs: [m-x]",
        "evidence type `m-x`",
    ),
    "dangling step": (
        NEWBORN,
        "service: birth-registration",
        "service: birth",
        "- - {service: birth}",
        "service `birth`",
    ),
    "step twice": (
        NEWBORN,
        "service: senior-card",
        "service: birth-registration",
        "- - {service: birth-registration, optional: true}",
        "twice",
    ),
    "empty stage": (NEWBORN, "- - {service: birth-registration}", "- []", "- []", "an empty stage"),
    "dangling related service": (
        GRANT,
        "[senior-card]",
        "[junior-card]",
        "related_services: [junior-card]",
        "service `junior-card`",
    ),
    "exclusion with an unknown id": (
        GRANT,
        "policy: expansion-loan",
        "policy: loan",
        "- {policy: ",
        "policy `loan`",
    ),
    "related to itself": (
        GRANT,
        "policy: expansion-loan",
        "policy: expansion-grant",
        "- {policy: ",
        "itself",
    ),
    "relation both ways": (
        LOAN,
        "source: law-text",
        "source: x\nrelations: [{policy: expansion-grant, kind: combinable, source: x}]",
        "relations: [",
        "elsewhere said otherwise",
    ),
    "prevails where nothing is excluded": (
        LOAN,
        "source: law-text",
        "source: x\nrelations: [{policy: expansion-grant, kind: combinable, prevails: true, source: x}]",
        "relations: [",
        "with which it is combinable",
    ),
    "amount without unit": (GRANT, "unit: wan_yuan, ", "", "amount: {", "an amount without a unit"),
    "amount in an unknown unit": (GRANT, "wan_yuan", "dollars", "amount: {", "unknown unit `dollars`"),
    "amount per no number": (GRANT, "per: staff", "per: expands", "amount: {", "`expands` is no number"),
    "amount of nothing": (GRANT, "{value: 0.1", "{value: 0", "amount: {", "an amount of nothing"),
    "end before start": (
        GRANT,
        '"2027-12-31"',
        '"2023-12-31"',
        'valid_to: "2023-12-31"',
        "ends on 2023-12-31 before it starts",
    ),
    "impossible day of validity": (
        GRANT,
        '"2027-12-31"',
        '"2027-11-31"',
        'valid_to: "2027-11-31"',
        "`2027-11-31` is an impossible",
    ),
    "deadline out of the language": (
        BIRTH,
        "within(child_birth_date,+1M)",
        "soon",
        "deadline: soon",
        "not a deadline",
    ),
    "deadline without an anchor": (
        BIRTH,
        "within(child_birth_date,",
        "within(born,",
        "deadline: within(born,+1M)",
        "attribute `born`",
    ),
    "deadline from no date": (
        BIRTH,
        "within(child_birth_date,",
        "within(hukou,",
        "deadline: within(hukou,+1M)",
        "which is no date",
    ),
    "deadline of another scope": (
        CARD,
        "legal_basis:",
        "deadline: within(child_birth_date,+1M)\nlegal_basis:",
        "deadline: within(child_birth_date,+1M)",
        "citizen/child",
    ),
    "deadline on an impossible day": (
        GRANT,
        "03-01..06-30",
        "02-30..06-30",
        "deadline: annual(02-30..06-30)",
        "`02-30` is not a day",
    ),
    "deadline that ends before it starts": (
        GRANT,
        "03-01..06-30",
        "06-30..03-01",
        "deadline: annual(06-30..03-01)",
        "ends before",
    ),
    "unknown trigger": (
        NEWBORN,
        "trigger: child_birth_date",
        "trigger: birth",
        "trigger: birth",
        "trigger `birth`",
    ),
    "trigger of another subject": (
        NEWBORN,
        "trigger: child_birth_date",
        "trigger: staff",
        "trigger: staff",
        "another scope",
    ),
    "number without a unit": (TAX, "    unit: count\n", "", "type: number", "a number without a unit"),
    "enum without values": (TAX, "type: boolean", "type: enum", "type: enum", "has type enum and 0 values"),
    "delicate without consent": (
        TAX,
        "    consent_group: plans\n",
        "",
        "sensitivity: ordinary",
        "under no consent",
    ),
    "unknown consent group": (
        TAX,
        "consent_group: plans",
        "consent_group: dreams",
        "consent_group: dreams",
        "group `dreams`",
    ),
    "derived without saying how": (
        POLICE,
        "    derived: years_between(birth_date, on)\n",
        "",
        "origin: derived",
        "disagree",
    ),
    "derivation out of the language": (
        POLICE,
        "years_between(b",
        "ages_between(b",
        "derived: ages_between(birth_date, on)",
        "outside the language",
    ),
    "derivation of the wrong type": (
        POLICE,
        "years_between(birth_date, on)",
        "add_years(birth_date, 1)",
        "derived: add_years(birth_date, 1)",
        "a date",
    ),
    "derivation from a stranger": (
        POLICE,
        "between(birth_date",
        "between(birthday",
        "derived: years_between(birthday, on)",
        "`birthday`",
    ),
    "derivation from another scope": (
        POLICE,
        "between(birth_date",
        "between(child_birth_date",
        "derived: years_between(child_birth_date, on)",
        "scope",
    ),
    "derivation in a circle": (
        POLICE,
        "years_between(birth_date, on)",
        "age + 1",
        "derived: age + 1",
        "depends on itself",
    ),
    "implied by a stranger": (
        POLICE,
        "attribute: township",
        "attribute: ward",
        "implied_by:",
        "unknown attribute",
    ),
    "implied from no value": (
        POLICE,
        "{dashilan: BJ",
        "{dashila: BJ",
        "implied_by:",
        "no values of `township`",
    ),
    "implied to no value": (POLICE, "dashilan: BJ", "dashilan: SH", "implied_by:", "none of its values"),
    "implied in a circle": (
        POLICE,
        "attribute: township",
        "attribute: hukou",
        "implied_by:",
        "depends on itself",
    ),
    "presence collision": (
        TAX,
        "  expands:",
        "  has_child_birth_date:",
        "optional: true",
        "the name of another attribute",
    ),
    "registered twice": (TAX, "  expands:", "  age:", "age:", "`age` is registered twice"),
    "scope of no subject": (
        POLICE,
        "scope: child\n    type: boolean",
        "scope: site\n    type: boolean",
        "scope: site",
        "site",
    ),
    "register of nobody": (
        TAX,
        "enterprise: tax",
        "citizen: tax",
        "subject: enterprise",
        "without a register",
    ),
    "substitute unknown": (OFFICE, "[m-hukou-page]", "[m-page]", "substitutes: [m-page]", "unknown `m-page`"),
    "substitute for itself": (
        OFFICE,
        "[m-hukou-page]",
        "[m-hukou-book]",
        "substitutes: [m-hukou-book]",
        "in a circle",
    ),
    "substitute without a source": (
        OFFICE,
        "    substitution_source: 户口办法第3条\n",
        "",
        "m-hukou-book:",
        "without a source",
    ),
    "evidence under no group": (
        OFFICE,
        "consent_group: children",
        "consent_group: kids",
        "consent_group: kids",
        "group `kids`",
    ),
    "parameter in disorder": (LINE, '"2024-01-01"', '"2026-01-01"', "values:", "not in the order"),
    "parameter on no day": (LINE, '"2024-01-01"', '"2024-13-01"', "- {valid_from: ", "impossible date"),
    "parameter without a source": (
        LINE,
        "source: 第1号公告",
        'source: ""',
        "- {valid_from: ",
        "without its source",
    ),
    "parameter by another name": (
        LINE,
        "name: param_wage_line",
        "name: param_line",
        "name: param_line",
        "differs from",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_fault_is_named_with_its_place_and_remedy(case: str, broken: Break, sound: Path) -> None:
    file, old, new, at, says = CASES[case]
    faults = broken(file, old, new)
    matching = [fault for fault in faults if says in fault.what]
    assert matching, f"none of these says {says!r}: {[str(fault) for fault in faults]}"
    fault = matching[0]
    # A clash of two files is told in the one that holds the other's presence.
    assert fault.file == (POLICE if case == "presence collision" else file)
    assert at in (sound / fault.file).read_text(encoding="utf8").splitlines()[fault.line - 1], str(fault)
    assert fault.remedy


def test_the_sound_catalogue_is_sound(sound: Path) -> None:
    catalogue = load_catalogue(sound)
    assert set(catalogue.items) == {"birth-registration", "senior-card", "expansion-grant", "expansion-loan"}


def test_all_faults_are_reported_at_once(sound: Path) -> None:
    wrong = {
        case: CASES[case]
        for case in ("unknown attribute", "dangling step", "amount without unit", "not YAML")
    }
    for file, old, new, _, _ in wrong.values():
        path = sound / (BIRTH if file == CARD and "[city" in new else file)
        text = path.read_text(encoding="utf8")
        path.write_text(text.replace(old, new) if old in text else text + "broken: [", encoding="utf8")
    with pytest.raises(CatalogueError) as raised:
        load_catalogue(sound)
    assert {fault.file for fault in raised.value.faults} == {CARD, NEWBORN, GRANT, BIRTH}


def test_one_bad_attribute_does_not_condemn_its_file(broken: Break) -> None:
    faults = broken(POLICE, "type: enum\n    values:\n      BJ", "type: word\n    values:\n      BJ")
    assert {fault.what for fault in faults if "unknown attribute" in fault.what} == {
        "birth-registration: unknown attribute `hukou`"
    }


def test_a_file_that_nobody_reads_is_a_fault(sound: Path) -> None:
    (sound / "public_services" / "notes.yml").write_text("a: 1", encoding="utf8")
    (sound / "draft").mkdir()
    (sound / "draft" / "x.yaml").write_text("a: 1", encoding="utf8")
    with pytest.raises(CatalogueError) as raised:
        load_catalogue(sound)
    assert {fault.file for fault in raised.value.faults} == {"public_services/notes.yml", "draft/x.yaml"}


def test_a_missing_folder_and_a_missing_file_say_so(sound: Path, tmp_path: Path) -> None:
    (sound / "themes.yaml").unlink()
    with pytest.raises(CatalogueError, match=r"themes\.yaml:1: `themes\.yaml` is missing"):
        load_catalogue(sound)
    with pytest.raises(CatalogueError, match="no such folder"):
        load_catalogue(tmp_path / "nowhere")


def test_an_empty_file_is_a_fault(sound: Path) -> None:
    (sound / CARD).write_text("", encoding="utf8")
    with pytest.raises(CatalogueError, match="the file is empty"):
        load_catalogue(sound)
