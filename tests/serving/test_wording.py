"""Both languages say everything, and nothing is said that nobody asks for."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from serving.parts import Parts
from serving.wording import LANGUAGES, Language, load_words

SERVING = Path(__file__).resolve().parents[2] / "serving"
WORDS = load_words()
PLURAL = re.compile(r"\.(one|other)$")
# What is delivered has words of its own, and a test of them beside delivery's others.
SOURCES = [
    path
    for path in (*SERVING.rglob("*.py"), *SERVING.rglob("*.html"))
    if "delivery" not in path.relative_to(SERVING).parts
]


def keys(language: Language) -> set[str]:
    """The keys of a language, a plural counted once, names of authorities apart."""
    return {PLURAL.sub("", key) for key in WORDS[language].strings if not key.startswith("authority.")}


def blanks(language: Language, key: str) -> set[str]:
    """What is filled into a string; of a plural, into its general form."""
    strings = WORDS[language].strings
    text = strings.get(key) or strings[f"{key}.other"]
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_every_key() -> None:
    assert keys("zh") == keys("en")


def test_no_string_is_empty() -> None:
    empty = [
        key for language in LANGUAGES for key, text in WORDS[language].strings.items() if not text.strip()
    ]
    assert not empty


@pytest.mark.parametrize("key", sorted(keys("zh") - {"date.near", "date.full"}))
def test_both_languages_are_filled_in_with_the_same_values(key: str) -> None:
    assert blanks("zh", key) == blanks("en", key)


def test_a_plural_says_both_one_and_other() -> None:
    for language in LANGUAGES:
        strings = WORDS[language].strings
        for key in strings:
            if PLURAL.search(key):
                stem = PLURAL.sub("", key)
                assert {f"{stem}.one", f"{stem}.other"} <= strings.keys(), stem


def asked_for() -> tuple[set[str], set[str]]:
    """The keys that code and templates name whole, and the beginnings of those they put together."""
    literal, prefix = set(), set()
    for path in SOURCES:
        text = path.read_text("utf-8")
        literal |= set(
            re.findall(r"""(?:\bt|\bwords|\bself|reader\.words|words\.has)\(\s*"([a-z_.-]+)\"""", text)
        )
        prefix |= set(re.findall(r"""f"([a-z_-]+\.[a-z_.-]*)\{""", text))
        prefix |= set(re.findall(r"""t\("([a-z_.]+)" ~""", text))
    return literal, prefix


def test_every_key_asked_for_exists() -> None:
    literal, _ = asked_for()
    known = keys("zh") | {"list.comma"}
    assert {key for key in literal if "." in key and not key.endswith((".", "_"))} <= known


def test_every_key_is_asked_for() -> None:
    literal, prefix = asked_for()
    text = "\n".join(path.read_text("utf-8") for path in SOURCES)
    unused = {
        key
        for key in keys("zh")
        if key not in literal and not key.startswith(tuple(prefix)) and f'"{key}"' not in text
    }
    assert not unused


def test_authorities_of_the_catalogue_have_english_names(parts: Parts) -> None:
    catalogue = parts.catalogue
    offices = {one.authority for one in catalogue.public_services.values()}
    offices |= {one.issuer for one in catalogue.support_policies.values()}
    still_chinese = {
        office for office in offices if re.search(r"[\u4e00-\u9fff]", WORDS["en"].authority(office))
    }
    assert not still_chinese


def test_a_right_about_to_lapse_is_never_worded_as_compulsory() -> None:
    for language, compulsory in (("zh", "必须|应当|逾期"), ("en", "must|required|overdue")):
        for key in ("chip.lapsing", "card.due_lapse", "card.due_right"):
            assert not re.search(compulsory, WORDS[language].strings[key], re.IGNORECASE)  # type: ignore[index]
