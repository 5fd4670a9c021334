"""A persona that cannot be followed is refused whole, with everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.personas_reading import FOLDER, PersonaFault, citations, read_persona, read_personas
from tests.personas_world import everybody, real_catalogue

SOUND = (FOLDER / "newborn-mother.yaml").read_text(encoding="utf8")


def refused(folder: Path, text: str) -> str:
    path = folder / "faulty.yaml"
    path.write_text(text, encoding="utf8")
    with pytest.raises(PersonaFault) as fault:
        read_persona(path, real_catalogue())
    return str(fault.value)


def changed(**values: object) -> str:
    return yaml.safe_dump({**yaml.safe_load(SOUND), **values}, allow_unicode=True)


def test_every_fault_of_the_form_is_named_at_once(tmp_path: Path) -> None:
    said = refused(tmp_path, changed(otherwise="maybe", shoe_size=43, date="soon"))
    for place in ("faulty.yaml: otherwise", "shoe_size", "date"):
        assert place in said


def test_every_fault_of_what_it_refers_to_is_named_at_once(tmp_path: Path) -> None:
    told = {
        "birth_date": "soon",
        "age": 32,
        "sex": "f",
        "child_grade": 3,
        "shoe_size": 43,
        "is_pregnant": "no",
    }
    cases = [{"item": "cs-nothing", "status": "open", "opened": "2026-01-01"}]
    said = refused(tmp_path, changed(told=told, evidence=["m-nothing"], cases=cases))
    for fault in (
        "birth_date: takes a date",
        "age: is computed and never stated: state what it follows from (birth_date)",
        "sex: takes one of male, female",
        "child_grade: ranges over scope child",
        "shoe_size: the attribute register has no such attribute",
        "is_pregnant: takes true or false",
        "no evidence type 'm-nothing'",
        "'cs-nothing' is no item of a citizen's self",
    ):
        assert fault in said, fault


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("of: 小雨", "of: 小丽", "nothing of this persona is called '小丽'"),
        ("item: cs-birth-registration", "item: cs-birth", "the catalogue has no 'cs-birth'"),
        ("户口登记条例第7条", "户口登记条例第70条", "does not cite 户口登记条例70"),
        ("done: [cs-birth-certificate]", "done: [cs-id-first]", "cs-id-first is no step of le-newborn"),
        ("of: 小满", "of:", "ranges over citizen.child, not citizen.self"),
        ("label: 小雨", "label: 小满", "two are called '小满'"),
    ],
)
def test_an_expectation_of_what_is_not_there_is_refused(
    tmp_path: Path, before: str, after: str, fault: str
) -> None:
    assert before in SOUND
    assert fault in refused(tmp_path, SOUND.replace(before, after))


def test_a_citizen_has_no_policy_package_and_no_permits(tmp_path: Path) -> None:
    text = yaml.safe_load(SOUND)
    text["expect"]["package"] = {}
    text["scope_items"][1]["scope"] = "permit"
    said = refused(tmp_path, yaml.safe_dump(text, allow_unicode=True))
    assert "only an enterprise has a policy package" in said
    assert "a citizen has no scope items of scope permit" in said


def test_the_faults_of_all_files_are_named_at_once(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(changed(shoe_size=43), encoding="utf8")
    with pytest.raises(PersonaFault) as fault:
        read_personas(real_catalogue(), tmp_path)
    assert "one.yaml" in str(fault.value) and "two.yaml" in str(fault.value)


def test_articles_are_told_apart() -> None:
    cited = citations("居民身份证法第2、7条;社会保险经办条例第19-21条;北京市献血条例")
    assert {("居民身份证法", "7"), ("社会保险经办条例", "20"), ("北京市献血条例", "")} <= cited
    assert ("居民身份证法", "3") not in cited


def test_no_two_personas_are_the_same() -> None:
    lives = [persona.model_dump_json(exclude={"id", "situation", "expect"}) for persona in everybody()]
    assert len(set(lives)) == len(lives)
