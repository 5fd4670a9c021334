"""The pages as Chromium shows them: accessible, in reach of a thumb, never wider than the screen."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from serving.app import create_app
from serving.settings import ServingSettings
from tests.serving.signing_in import ANYBODY, SESSION, NoSuchPersona, about, session_of

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATHS = {
    "front": "/",
    "citizen": "/citizens/c-li",
    "elder": "/citizens/c-wang",
    "unconsenting": "/citizens/c-zhao",
    "enterprise": "/enterprises/e-soft",
    "bakery": "/enterprises/e-bakery",
    "list": "/citizens/c-li/items",
    "package": "/enterprises/e-soft/policy-package",
    "event": "/citizens/c-li/events/le-newborn",
    "questions": "/enterprises/e-bakery/questions",
    "supposed": "/enterprises/e-bakery/what-if?scope_item=e-bakery&attribute=cash_flow_difficulty&value=true",
    "every": "/citizens/c-wang/every-item",
    "service": "/public-services/cs-birth-registration?subject=citizen:c-li",
    "policy": "/support-policies/ep-small-profit-cit?subject=enterprise:e-soft",
    "privacy": "/citizens/c-li/privacy",
    "held": "/citizens/c-wang/privacy/data",
    "closing": "/enterprises/e-soft/privacy/closing",
    "nobody": "/citizens/c-nobody",
    "account": "/account",
    "agent": "/agent",
    "signed_out": "/signed-out",
}
ALWAYS = ("citizen", "enterprise")
NAMES = [pytest.param(name, marks=() if name in ALWAYS else pytest.mark.slow) for name in PATHS]
APPS: dict[str, FastAPI] = {}
"""The servers of these tests, by where they listen."""
WIDE, PHONE, SMALLEST = (1280, 900), (390, 844), (320, 640)
LEAST_TARGET = {"standard": 44, "elder": 60}
STANDALONE = ".switch, .button, summary, .figures a, .person, .brand"
"""Controls that stand alone; a link in a line of text is exempt."""
EIGHTEEN_POINTS = 24


@pytest.fixture(scope="module")
def address(town: ServingSettings) -> Iterator[str]:
    """The address of a real server of the town."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = create_app(town.model_copy(update={"port": port}))
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="on")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < deadline, "the server took more than a minute to start"
        time.sleep(0.05)
    APPS[f"127.0.0.1:{port}"] = app
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=30)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; a machine without it fails here, for a page nobody looked at is not done."""
    assert CHROMIUM.exists(), f"{CHROMIUM} is missing: run `make install`, or apt-get install chromium"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        yield launched
        launched.close()


def sign_in(context: BrowserContext, url: str) -> None:
    """A session of whomever the page is about; of an agent for the agent's desk."""
    where = urlsplit(url)
    persona = "official:agent" if where.path == "/agent" else about(url, {})
    try:
        secret, _ = session_of(APPS[where.netloc], persona)
    except NoSuchPersona:
        secret, _ = session_of(APPS[where.netloc], ANYBODY)
    context.add_cookies([{"name": SESSION, "value": secret, "url": f"{where.scheme}://{where.netloc}"}])


def opened(browser: Browser, url: str, size: tuple[int, int], scheme: str = "light") -> Page:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    sign_in(context, url)
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    answer = page.goto(url)
    assert answer is not None
    if answer.status == 200:
        assert not problems, problems
    return page


def with_choices(path: str, lang: str, mode: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={lang}&mode={mode}"


@pytest.mark.parametrize(("lang", "mode", "scheme"), [("zh", "standard", "light"), ("en", "elder", "dark")])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(
    browser: Browser, address: str, name: str, lang: str, mode: str, scheme: str
) -> None:
    page = opened(browser, address + with_choices(PATHS[name], lang, mode), WIDE, scheme)
    # Folded parts are read by people too, so they are opened first.
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    found = Axe().run(page)
    page.context.close()
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(("lang", "mode"), [("zh", "elder"), ("en", "elder"), ("en", "standard")])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_wider_than_the_screen(
    browser: Browser, address: str, name: str, lang: str, mode: str
) -> None:
    page = opened(browser, address + with_choices(PATHS[name], lang, mode), SMALLEST)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    found = {}
    for width, height in (SMALLEST, PHONE, WIDE):
        page.set_viewport_size({"width": width, "height": height})
        found[width] = page.evaluate(
            """() => [document.documentElement.scrollWidth - innerWidth,
                [...document.querySelectorAll('body *')]
                    .filter(one => one.getBoundingClientRect().right > innerWidth + 1
                                   && !one.closest('.unseen') && !one.closest('.skip'))
                    .map(one => one.tagName + '.' + one.className)]"""
        )
    page.context.close()
    assert found == {width: [0, []] for width, _ in (SMALLEST, PHONE, WIDE)}


@pytest.mark.parametrize("mode", LEAST_TARGET)
@pytest.mark.parametrize("name", ["front", "citizen", "enterprise", "service"])
def test_controls_are_large_enough_to_hit(browser: Browser, address: str, name: str, mode: str) -> None:
    page = opened(browser, address + with_choices(PATHS[name], "zh", mode), PHONE)
    least = LEAST_TARGET[mode]
    small = page.evaluate(
        """([controls, least]) => [...document.querySelectorAll(controls)]
            .filter(one => one.checkVisibility())
            .map(one => [one.textContent.trim(), one.getBoundingClientRect()])
            .filter(([, box]) => box.height < least - 0.5 || box.width < least - 0.5)
            .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)""",
        [STANDALONE, least],
    )
    page.context.close()
    assert small == []


def test_nothing_in_the_elder_mode_is_smaller_than_eighteen_points(browser: Browser, address: str) -> None:
    page = opened(browser, address + with_choices(PATHS["elder"], "zh", "elder"), PHONE)
    small = page.evaluate(
        """least => [...document.querySelectorAll('main *, footer *, header *')]
            .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()))
            .filter(one => !one.closest('[aria-hidden=true]') && !one.closest('.unseen'))
            .filter(one => parseFloat(getComputedStyle(one).fontSize) < least)
            .map(one => one.className + ': ' + one.textContent.trim())""",
        EIGHTEEN_POINTS,
    )
    page.context.close()
    assert small == []


def test_the_keyboard_alone_reaches_the_content_and_a_person_to_call(browser: Browser, address: str) -> None:
    page = opened(browser, address + PATHS["citizen"], WIDE)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.context.close()
    page = opened(browser, address + PATHS["citizen"], WIDE)
    reached = []
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.getAttribute('href')"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"
    page.context.close()
    assert "tel:12345" in reached


def test_the_page_works_without_scripts(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    sign_in(context, address + PATHS["citizen"])
    page = context.new_page()
    page.goto(address + PATHS["citizen"])
    page.get_by_role("link", name="English").click()
    assert page.get_by_role("heading", level=1).inner_text() == "My public services"
    page.get_by_role("link", name="Large type").click()
    assert page.locator("html.mode-elder").count() == 1
    first = page.locator("#should-do .card-title a").first
    title = first.inner_text()
    first.click()
    assert page.get_by_role("heading", level=1).inner_text() == title
    page.get_by_role("link", name="Back to the homepage").click()
    assert page.url.endswith("/citizens/c-li")
    context.close()


def test_all_is_there_in_print(browser: Browser, address: str) -> None:
    page = opened(browser, address + PATHS["citizen"], WIDE)
    page.emulate_media(media="print")
    cards = "[...document.querySelectorAll('article.card')]"
    hidden = page.evaluate(f"{cards}.filter(one => !one.checkVisibility()).length")
    assert hidden == 0
    assert not page.locator(".switches").is_visible()
    page.context.close()
