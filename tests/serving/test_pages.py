"""What the pages say, in which order, to whom."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient

from serving.headers import HEADERS
from serving.parts import Parts
from serving.wording import load_words
from tests.serving.town import SUBJECTS

WORDS = load_words()
FOLDERS = {"citizen": "citizens", "enterprise": "enterprises"}
HOMEPAGES = [f"/{FOLDERS[one['kind']]}/{one['id']}" for one in SUBJECTS]
PAGES = [
    "/",
    *HOMEPAGES,
    "/citizens/c-li/items",
    "/citizens/c-li/items?standing=can_do",
    "/citizens/c-li/items?theme=health",
    "/enterprises/e-soft/policy-package",
    "/citizens/c-li/events/le-newborn",
    "/enterprises/e-bakery/questions",
    "/enterprises/e-bakery/what-if?scope_item=e-bakery&attribute=cash_flow_difficulty&value=true",
    "/citizens/c-wang/every-item",
    "/public-services/cs-birth-registration",
    "/public-services/cs-birth-registration?subject=citizen:c-li",
    "/public-services/cs-vehicle-inspection?subject=citizen:c-wang",
    "/support-policies/ep-small-profit-cit?subject=enterprise:e-soft",
    "/citizens/c-nobody",
]


class Outline(HTMLParser):
    """Headings, ids and links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.lang: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        if tag == "html":
            self.lang = given.get("lang")


def page(client: TestClient, path: str, **query: str) -> str:
    client.cookies.clear()
    return client.get(path, params=query or None).text if query else client.get(path).text


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_is_well_ordered(client: TestClient, path: str, lang: str) -> None:
    client.cookies.clear()
    text = client.get(path + ("&" if "?" in path else "?") + f"lang={lang}").text
    outline = Outline(text)
    assert outline.lang == {"zh": "zh-CN", "en": "en"}[lang]
    assert outline.levels[0] == 1
    assert outline.levels.count(1) == 1
    assert all(deeper - level <= 1 for level, deeper in zip(outline.levels, outline.levels[1:], strict=False))
    assert len(set(outline.ids)) == len(outline.ids)
    assert {"main", "header", "footer", "nav"} <= set(outline.tags)
    assert outline.links[0] == "#main"
    assert {link[1:] for link in outline.links if link.startswith("#")} <= set(outline.ids)
    # The page is whole without it; it brings the messages up to date.
    assert set(re.findall(r"<script[^>]*>[^<]*", text)) <= {'<script src="/static/inbox.js" defer>'}


@pytest.mark.parametrize("path", HOMEPAGES)
def test_every_link_of_a_homepage_leads_somewhere(client: TestClient, path: str) -> None:
    client.cookies.clear()
    links = {link.split("#")[0] for link in Outline(client.get(path).text).links if link.startswith("/")}
    assert links
    for link in sorted(links):
        client.cookies.clear()
        assert client.get(link).status_code == 200, link


ORDER = [
    "should-do",
    "ready",
    "can-do",
    "upcoming",
    "needs-information",
    "in-progress",
    "done",
    "events",
    "policy-package",
    "themes",
]


def test_sections_come_in_the_order_people_need_them(client: TestClient) -> None:
    seen = set()
    for path in HOMEPAGES:
        ids = [id for id in Outline(page(client, path)).ids if id in ORDER]
        assert ids == [id for id in ORDER if id in ids], path
        assert ids[:3] == ORDER[:3], path
        seen |= set(ids)
    assert seen == set(ORDER), "the town shows every section on somebody's page"


def test_a_card_says_whose_why_when_what_to_bring_who_where_and_by_which_law(client: TestClient) -> None:
    text = page(client, "/citizens/c-li")
    card = next(
        part
        for part in text.split("<article")[1:]
        if "出生登记" in part and "小满" in part and "card-title" in part
    )
    for said in (
        "应办 · 必须办",
        "12月3日（周四）前",
        "还有 12 天",
        "还缺 1 样：结婚证",
        "公安",
        "户口登记条例第7条",
    ):
        assert said in card, said
    assert 'href="tel:12345"' in card


def test_no_duty_is_cut_off_however_many_there_are(client: TestClient, parts: Parts) -> None:
    for mode in ("standard", "elder"):
        text = page(client, "/citizens/c-li", mode=mode)
        section = text.split('id="should-do"')[1].split("</section>")[0]
        duties = parts.desk.homepage(parts.catalogue.items["cs-birth-registration"].subject, "c-li").should_do
        assert section.count("<article") == len(duties)


def test_only_a_dated_duty_counts_its_days_down(client: TestClient) -> None:
    for path in HOMEPAGES:
        text = page(client, path)
        for row in re.findall(
            r"<(?:article|div) class=\"(?:card|row) tone-(\w+)\">(.*?)</(?:article|div)>", text, re.S
        ):
            tone, said = row
            if 'class="countdown"' in said.split("</dl>")[0]:
                assert tone in ("duty", "late")


def test_the_elder_page_shows_less_at_once_and_links_to_all(client: TestClient) -> None:
    standard, elder = (page(client, "/citizens/c-li", mode=mode) for mode in ("standard", "elder"))
    assert elder.count('<article class="card') < standard.count('<article class="card')
    assert 'class="mode-elder"' in elder
    assert "/citizens/c-li/items?standing=can_do" in elder


def test_the_whole_list_holds_every_entry(client: TestClient, parts: Parts) -> None:
    homepage = parts.desk.homepage(parts.catalogue.items["cs-birth-registration"].subject, "c-li")
    everything = [
        *homepage.should_do,
        *homepage.can_do,
        *homepage.upcoming,
        *homepage.needs_information,
        *homepage.in_progress,
        *homepage.done,
    ]
    assert page(client, "/citizens/c-li/items").count("<article") == len(everything)
    assert page(client, "/citizens/c-li/items?standing=ready").count("<article") == sum(
        entry.ready for entry in homepage.can_do
    )


def test_language_and_mode_are_remembered_and_nothing_else_is(client: TestClient) -> None:
    client.cookies.clear()
    first = client.get("/citizens/c-li?lang=en&mode=elder")
    kept = first.headers.get_list("set-cookie")
    assert sorted(cookie.split("=")[0] for cookie in kept) == ["qianmian_lang", "qianmian_mode"]
    assert all("HttpOnly" in cookie and "SameSite=lax" in cookie for cookie in kept)
    again = client.get("/citizens/c-wang")
    assert 'lang="en"' in again.text
    assert "mode-elder" in again.text
    assert not again.headers.get_list("set-cookie")
    client.cookies.clear()
    assert 'lang="zh-CN"' in client.get("/citizens/c-wang").text


def test_a_language_nobody_speaks_is_not_remembered(client: TestClient) -> None:
    client.cookies.clear()
    odd = client.get("/citizens/c-li?lang=xx&mode=yy")
    assert 'lang="zh-CN"' in odd.text
    assert not odd.headers.get_list("set-cookie")


@pytest.mark.parametrize(
    "path", ["/", "/citizens/c-li", "/v1/citizens/c-li/homepage", "/nowhere", "/v1/nowhere"]
)
def test_every_answer_wears_the_security_headers(client: TestClient, path: str) -> None:
    answer = client.get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert answer.headers["cache-control"] == "private, no-store"


def test_every_page_of_a_development_server_says_that_it_is_one(client: TestClient) -> None:
    for path in PAGES:
        client.cookies.clear()
        assert WORDS["zh"]("layout.access") in client.get(path).text


def test_what_is_delicate_keeps_its_reason_folded(client: TestClient, parts: Parts) -> None:
    text = page(client, "/citizens/c-wang")
    for part in re.findall(r'<article class="card.*?</article>', text, re.S):
        link = re.search(r"/public-services/([\w-]+)\?", part)
        assert link
        delicate = parts.catalogue.items[link[1]].delicacy == "sensitive"
        assert ('<details class="reason">' in part) is delicate


def test_another_s_words_are_escaped(own_client: TestClient) -> None:
    from records.database import writing
    from records.tables import scope_item

    engine = own_client.app.state.parts.engine  # type: ignore[attr-defined]
    with writing(engine) as connection:
        mine = scope_item.c.id == "c-li-child-1"
        connection.execute(scope_item.update().where(mine).values(label="<script>alert(1)</script>"))
    text = own_client.get("/citizens/c-li").text
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_a_step_under_way_is_neither_done_nor_to_be_taken_again(client: TestClient) -> None:
    text = page(client, "/citizens/c-li")
    events = re.findall(r'<article class="event">.*?</article>', text, re.S)
    rent = next(event for event in events if "cs-hf-rent" in event)
    assert "step-in_progress" in rent
    assert "共 1 步，已办好 0 步" in rent
