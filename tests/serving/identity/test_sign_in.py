"""Signing in through the issuer: only what this browser asked for is believed, and only once."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from records.database import reading
from records.sessions import digest_of
from records.tables import session
from tests.serving.signing_in import SESSION, agree, form_token, session_of, sign_in

HOME = "/citizens/c-li"


@pytest.fixture
def browser(client: TestClient) -> TestClient:
    """A browser that knows nobody yet, with cookies of its own."""
    fresh = TestClient(client.app, base_url="http://127.0.0.1:8000", follow_redirects=False)
    fresh.portal = client.portal
    return fresh


def begin(browser: TestClient, **asked: Any) -> str:
    begun = browser.get("/login", params=asked)
    assert begun.status_code == 303
    return str(begun.headers["location"])


def at(browser: TestClient, moment: dt.datetime) -> None:
    browser.app.state.identity = replace(browser.app.state.identity, wall=lambda: moment)  # type: ignore[attr-defined]


@pytest.fixture
def later(client: TestClient) -> Any:
    """Moves the clock on the wall forward; it is put right afterwards."""
    before = client.app.state.identity  # type: ignore[attr-defined]

    def move(by: dt.timedelta) -> None:
        at(client, before.wall() + by)

    yield move
    client.app.state.identity = before  # type: ignore[attr-defined]


def test_whoever_is_not_signed_in_is_led_through_the_issuer_and_back(browser: TestClient) -> None:
    asked = browser.get(f"{HOME}?lang=en")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/login?next=%2Fcitizens%2Fc-li%3Flang%3Den"
    location = browser.get(asked.headers["location"]).headers["location"]
    query = {name: value[0] for name, value in parse_qs(urlsplit(location).query).items()}
    assert query["response_type"] == "code"
    assert query["code_challenge_method"] == "S256"
    assert query["redirect_uri"] == "http://127.0.0.1:8000/login/callback"
    assert len(query["state"]) > 40
    assert len(query["nonce"]) > 40
    back = agree(browser, location, "citizen:c-li")
    arrived = browser.get(back.headers["location"])
    assert arrived.headers["location"] == f"{HOME}?lang=en"
    assert browser.get(HOME).status_code == 200


def test_a_cookie_is_closed_to_scripts_and_other_sites_and_kept_nowhere_here(browser: TestClient) -> None:
    back = agree(browser, begin(browser), "citizen:c-li")
    arrived = browser.get(back.headers["location"])
    cookie = next(c for c in arrived.headers.get_list("set-cookie") if c.startswith(f"{SESSION}="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Max-Age" not in cookie
    secret = browser.cookies[SESSION]
    with reading(browser.app.state.parts.engine) as connection:  # type: ignore[attr-defined]
        kept = connection.execute(select(session).where(session.c.digest == digest_of(secret))).one()
    assert secret not in repr(kept)


@pytest.mark.parametrize(
    "next_", ["//evil.example", "https://evil.example", "/\\evil.example", "/%0d", "javascript:x", "/a b", ""]
)
def test_signing_in_leads_to_no_other_site(browser: TestClient, next_: str) -> None:
    answer = browser.get("/login", params={"next": next_})
    if next_ in ("", "/%0d"):
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert "evil" not in answer.headers.get("location", "")


def test_an_answer_is_taken_once(browser: TestClient) -> None:
    back = agree(browser, begin(browser), "citizen:c-li").headers["location"]
    kept = dict(browser.cookies)
    assert browser.get(back).status_code == 303
    browser.cookies.update(kept)
    assert browser.get(back).status_code == 400


def test_a_code_is_exchanged_once(browser: TestClient) -> None:
    """A stolen code, put into a sign-in of the thief's own."""
    code = parse_qs(urlsplit(agree(browser, begin(browser), "citizen:c-li").headers["location"]).query)[
        "code"
    ]
    state = parse_qs(urlsplit(begin(browser)).query)["state"]
    issuer = browser.app.state.identity.settings.issuer  # type: ignore[attr-defined]
    stolen = {"code": code[0], "state": state[0], "iss": issuer}
    refused = browser.get("/login/callback", params=stolen)
    assert refused.status_code == 400
    assert SESSION not in browser.cookies


def test_an_answer_to_another_browser_is_refused(browser: TestClient, client: TestClient) -> None:
    """Somebody lures a reader into a session of their own."""
    other = TestClient(client.app, base_url="http://127.0.0.1:8000", follow_redirects=False)
    other.portal = client.portal
    begin(browser)
    lure = agree(other, begin(other), "citizen:c-wang").headers["location"]
    assert browser.get(lure).status_code == 400
    assert SESSION not in browser.cookies


@pytest.mark.parametrize("change", [{"state": "made-up"}, {"iss": "https://evil.example"}, {"code": "x"}])
def test_an_answer_that_was_tampered_with_is_refused(browser: TestClient, change: dict[str, str]) -> None:
    back = agree(browser, begin(browser), "citizen:c-li").headers["location"]
    query = {name: value[0] for name, value in parse_qs(urlsplit(back).query).items()}
    assert browser.get("/login/callback", params={**query, **change}).status_code == 400
    assert SESSION not in browser.cookies


def test_a_sign_in_ends_when_it_takes_too_long(browser: TestClient, later: Any) -> None:
    back = agree(browser, begin(browser), "citizen:c-li").headers["location"]
    later(dt.timedelta(minutes=11))
    assert browser.get(back).status_code == 400


def test_signing_in_voids_the_session_that_was_there(browser: TestClient) -> None:
    """Fixation: a secret planted before signing in is worth nothing afterwards."""
    planted, _ = session_of(browser.app, "citizen:c-wang")
    browser.cookies.set(SESSION, planted, domain="127.0.0.1", path="/")
    back = agree(browser, begin(browser), "citizen:c-li").headers["location"]
    browser.get(back)
    fresh = TestClient(browser.app, base_url="http://127.0.0.1:8000", follow_redirects=False)
    fresh.portal = browser.portal
    old = fresh.get("/citizens/c-wang", headers={"cookie": f"{SESSION}={planted}"})
    assert old.status_code == 303
    assert old.headers["location"].startswith("/login")


@pytest.mark.parametrize(
    ("mode", "idle", "whole"),
    [
        ("standard", dt.timedelta(minutes=30), dt.timedelta(hours=8)),
        ("kiosk", dt.timedelta(minutes=3), dt.timedelta(minutes=20)),
    ],
)
def test_a_session_ends_unused_and_at_last(
    browser: TestClient, later: Any, mode: Any, idle: dt.timedelta, whole: dt.timedelta
) -> None:
    secret, _ = session_of(browser.app, "citizen:c-li", mode)
    cookie = {"cookie": f"{SESSION}={secret}"}
    second = dt.timedelta(seconds=5)
    later(idle - second)
    assert browser.get(HOME, headers=cookie).status_code == 200
    later(idle * 2 - second * 3)
    assert browser.get(HOME, headers=cookie).status_code == 200, "use keeps it alive"
    later(idle * 3)
    assert browser.get(HOME, headers=cookie).status_code == 303
    secret, _ = session_of(browser.app, "citizen:c-li", mode)
    cookie = {"cookie": f"{SESSION}={secret}"}
    start, n = idle * 3, 1
    while idle * 0.9 * n < whole:
        later(start + idle * 0.9 * n)
        assert browser.get(HOME, headers=cookie).status_code == 200
        n += 1
    later(start + whole)
    assert browser.get(HOME, headers=cookie).status_code == 303, "however often it is used"


def test_signing_out_revokes_the_session_and_leads_on_to_the_issuer(client: TestClient) -> None:
    plain = TestClient(client.app, base_url="http://127.0.0.1:8000", follow_redirects=False)
    plain.portal = client.portal
    secret = sign_in(plain, "citizen:c-li")
    cookie = {"cookie": f"{SESSION}={secret}"}
    token = form_token(plain, secret)
    out = plain.post("/logout", data={"form_token": token}, headers=cookie)
    assert out.status_code == 200
    assert "/dev-issuer/end-session?" in out.headers["refresh"]
    assert any(f'{SESSION}=""' in c for c in out.headers.get_list("set-cookie"))
    assert plain.get(HOME, headers=cookie).status_code == 303
    there = plain.get(out.headers["refresh"].split("url=")[1])
    assert there.headers["location"] == "http://127.0.0.1:8000/signed-out"


def test_the_issuer_sends_nobody_back_to_another_site(browser: TestClient) -> None:
    evil = "https://evil.example/"
    assert browser.get(f"/dev-issuer/end-session?post_logout_redirect_uri={evil}").status_code == 422
    location = begin(browser)
    swapped = location.replace(
        "redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2Flogin%2Fcallback", f"redirect_uri={evil}"
    )
    assert swapped != location
    assert browser.get(swapped).status_code == 422
