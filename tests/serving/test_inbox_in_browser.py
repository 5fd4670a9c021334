"""The inbox in Chromium: news comes by itself and interrupts nobody; everything works without a script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from records.database import writing
from records.telling import tell, untell
from serving.settings import ServingSettings
from tests.serving.conftest import copy_of
from tests.serving.live_server import Live, live
from tests.serving.signing_in import SESSION, session_of
from tests.serving.test_inbox_api import AT, SERVICE, message
from tests.serving.test_pages_in_browser import CHROMIUM, LEAST_TARGET, QUIET, SMALLEST, WIDE

PATHS = (
    "/citizens/c-li/inbox?closed=true",
    "/citizens/c-li/inbox/settings",
    "/citizens/c-li/inbox/following",
)
SOON = 20_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, untouched: ServingSettings) -> Iterator[Live]:
    own = copy_of(untouched, tmp_path_factory.mktemp("looked-at"))
    with live(own) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(Path(CHROMIUM)), args=QUIET)
        yield launched
        launched.close()


def context_of(
    chromium: Browser, server: Live, *, size: tuple[int, int] = WIDE, script: bool = True
) -> BrowserContext:
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, java_script_enabled=script)
    secret, _ = session_of(server.app, "citizen:c-li")
    context.add_cookies([{"name": SESSION, "value": secret, "url": server.address}])
    return context


def quiet_page(context: BrowserContext, address: str) -> tuple[Page, list[str]]:
    """An open page, and what its console complains of."""
    page, said = context.new_page(), []
    page.on("console", lambda one: said.append(one.text) if one.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address)
    return page, said


def say(server: Live, *keys: str) -> None:
    with writing(server.app.state.parts.engine) as connection:
        tell(connection, [message(key, item=SERVICE, scope_item="c-li-car") for key in keys], AT)


def unsay(server: Live, *keys: str) -> None:
    with writing(server.app.state.parts.engine) as connection:
        untell(connection, "c-li", keys, AT, "done")


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/citizens/c-li", "/citizens/c-li/inbox"])
def test_news_appears_and_goes_by_itself(chromium: Browser, server: Live, path: str) -> None:
    key = f"live{path.count('/')}"
    context = context_of(chromium, server)
    page, said = quiet_page(context, f"{server.address}{path}?lang=en")
    expect(page.locator("[data-inbox]")).to_be_visible()
    expect(page.get_by_text(f"Message {key}")).to_have_count(0)
    page.wait_for_timeout(1500)  # the stream is open
    say(server, key)
    expect(page.get_by_text(f"Message {key}").first).to_be_visible(timeout=SOON)
    expect(page.locator("[data-inbox-news]")).to_contain_text("new message")
    unsay(server, key)
    expect(page.get_by_text(f"Message {key}")).to_have_count(0, timeout=SOON)
    assert not said, said
    context.close()


@pytest.mark.slow
def test_whoever_is_in_the_middle_of_it_is_not_thrown_out(chromium: Browser, server: Live) -> None:
    say(server, "mine")
    context = context_of(chromium, server)
    page, _ = quiet_page(context, f"{server.address}/citizens/c-li/inbox?lang=en")
    button = page.locator("[data-inbox] button").first
    button.focus()
    page.wait_for_timeout(1500)
    say(server, "theirs")
    expect(page.locator("[data-inbox-news]")).to_contain_text("new message", timeout=SOON)
    expect(button).to_be_focused()
    expect(page.get_by_text("Message theirs")).to_have_count(0)
    button.blur()
    expect(page.get_by_text("Message theirs").first).to_be_visible(timeout=SOON)
    unsay(server, "mine", "theirs")
    context.close()


def test_everything_works_without_a_script(chromium: Browser, server: Live) -> None:
    say(server, "plain")
    context = context_of(chromium, server, script=False)
    page, said = quiet_page(context, f"{server.address}/citizens/c-li/inbox?lang=en")
    page.get_by_role("button", name="Mark as read").first.click()
    expect(page.get_by_role("status").first).to_contain_text("Marked as read")
    page.get_by_role("button", name="No more of this").first.click()
    expect(page.get_by_text("Message plain")).to_have_count(0)
    page.goto(f"{server.address}/citizens/c-li/inbox/following")
    page.select_option("#add-theme", "transport")
    page.get_by_role("button", name="Follow").first.click()
    expect(page.get_by_role("status").first).to_contain_text("You follow it now")
    assert not said, said
    context.close()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("lang", "mode", "size"), [("zh", "standard", WIDE), ("en", "elder", SMALLEST)])
def test_pages_are_accessible_and_fit(
    chromium: Browser, server: Live, path: str, lang: str, mode: str, size: tuple[int, int]
) -> None:
    say(server, "shown")
    with writing(server.app.state.parts.engine) as connection:
        tell(connection, [message("hidden", delicate=True)], AT)
    context = context_of(chromium, server, size=size)
    address = f"{server.address}{path}{'&' if '?' in path else '?'}lang={lang}&mode={mode}"
    page, said = quiet_page(context, address)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    small = page.evaluate(
        """least => [...document.querySelectorAll('main .button, main summary, main select,'
            + 'main input:not([type=hidden]):not([type=radio]):not([type=checkbox])')]
            .filter(one => one.getClientRects().length && one.getBoundingClientRect().height < least - 0.5)
            .map(one => one.outerHTML.slice(0, 120))""",
        LEAST_TARGET[mode],
    )
    assert not small, small
    assert not said, said
    context.close()
