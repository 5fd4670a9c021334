"""Every persona meets its own pages: through records, feature store and mask to both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from fastapi.testclient import TestClient

from catalog.vocabulary import Names, SubjectKind
from models.recommendation import Entry, Standing, Urgency
from serving.app import create_app
from serving.wording import Language
from tests.personas_reading import Persona
from tests.personas_town import Calendar, build_town, open_on
from tests.personas_world import Day, day_of, everybody, named, real_catalogue, shown
from tests.serving.signing_in import SignedInClient

PERSONAS = everybody()
LANGUAGES: tuple[Language, ...] = ("zh", "en")
ENTRY = re.compile(r'<article class="card.*?</article>|<div class="row .*?</div>', re.S)
LINK = re.compile(r"/(?:public-services|support-policies)/([\w-]+)\?([^\"]*)\"")
REFUSALS = ("不符合条件", "do not qualify", "not eligible")


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return Calendar(PERSONAS[0].date)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, calendar: Calendar) -> Iterator[TestClient]:
    town = build_town(tmp_path_factory.mktemp("personas"), PERSONAS, real_catalogue())
    app = create_app(town, lambda settings: open_on(settings, calendar))
    with SignedInClient(app, base_url="http://127.0.0.1:8000") as client:
        yield client


def folder(persona: Persona) -> str:
    return "enterprises" if persona.subject is SubjectKind.ENTERPRISE else "citizens"


def entries_on(html: str) -> dict[tuple[str, str], list[str]]:
    """The cards and rows of a page by item and scope item."""
    found: dict[tuple[str, str], list[str]] = {}
    for part in ENTRY.findall(html):
        link = LINK.search(part)
        assert link, part
        scope_item = re.search(r"scope_item=([^&\"]+)", unescape(link[2]))
        assert scope_item, link[0]
        found.setdefault((link[1], scope_item[1]), []).append(part)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("persona", PERSONAS, ids=named)
def test_the_pages_say_what_the_law_says(
    client: TestClient, calendar: Calendar, persona: Persona, language: Language
) -> None:
    calendar.today = persona.date
    day = day_of(persona)
    home = client.get(f"/{folder(persona)}/{persona.id}", params={"lang": language})
    every = client.get(f"/{folder(persona)}/{persona.id}/items", params={"lang": language})
    assert home.status_code == every.status_code == 200
    listed = entries_on(every.text)
    on_page = shown(day.homepage)
    assert listed.keys() == {(entry.item, entry.scope_item) for entry in on_page}
    assert sum(map(len, listed.values())) == len(on_page)
    for entry in on_page:
        _is_told(entry, listed[entry.item, entry.scope_item], day, language)
    hidden = {(one.item, persona.scope_item(one.of)) for one in persona.expect.not_shown}
    assert not hidden & (entries_on(home.text).keys() | listed.keys())
    _shows_duties(home.text, day)
    for said in REFUSALS:
        assert not any(said in part for parts in listed.values() for part in parts), (
            f"{said!r} is said unasked"
        )


def _is_told(entry: Entry, parts: list[str], day: Day, language: Language) -> None:
    """Name, whose it is, and its last day where it has one to be told."""
    item = day.catalogue.items[entry.item]
    said = [unescape(part) for part in parts]
    assert all(_name(item.names, language) in part for part in said), entry.item
    if entry.label is not None:
        assert all(entry.label in part for part in said), entry
    if entry.standing is Standing.SHOULD_DO and entry.due_on is not None:
        assert any(f'datetime="{entry.due_on.isoformat()}"' in part for part in said), entry
    if entry.urgency is Urgency.LAPSING:
        assert not any("必须办" in part or "Required by law" in part for part in said), entry


def _name(names: Names, language: Language) -> str:
    return names.zh if language == "zh" else names.en


def _shows_duties(html: str, day: Day) -> None:
    """No duty is left off the homepage itself."""
    on_home = entries_on(html)
    for entry in day.homepage.should_do:
        assert (entry.item, entry.scope_item) in on_home, entry


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("persona", [p for p in PERSONAS if p.expect.package is not None], ids=named)
def test_a_firm_s_package_page_names_what_it_holds(
    client: TestClient, calendar: Calendar, persona: Persona, language: Language
) -> None:
    calendar.today = persona.date
    page = client.get(f"/enterprises/{persona.id}/policy-package", params={"lang": language})
    assert page.status_code == 200
    text = unescape(page.text)
    assert persona.expect.package is not None
    for member in persona.expect.package.members:
        assert _name(real_catalogue().items[member.item].names, language) in text, member.item


@pytest.mark.parametrize("persona", PERSONAS, ids=named)
def test_the_api_says_the_same_as_the_engine(
    client: TestClient, calendar: Calendar, persona: Persona
) -> None:
    calendar.today = persona.date
    answer = client.get(f"/v1/{folder(persona)}/{persona.id}/homepage")
    assert answer.status_code == 200
    body = answer.json()
    page = day_of(persona).homepage
    for standing in ("should_do", "can_do", "upcoming", "needs_information", "in_progress", "done"):
        told = [(one["item"], one["scope_item"], one["cycle"], one["due_on"]) for one in body[standing]]
        assert told == [
            (e.item, e.scope_item, e.cycle, e.due_on.isoformat() if e.due_on else None)
            for e in getattr(page, standing)
        ]
