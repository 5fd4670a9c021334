"""Clients that sign in truly, through the embedded issuer, as whomever a request is about."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from fastapi.testclient import TestClient
from httpx import Response

from records.database import writing
from records.logins import Account, record_login
from records.sessions import begin_session
from records.tables.vocabulary import SessionMode
from serving.identity.issuer.codes import Authorization, challenge_of
from serving.identity.issuer.personas import ensure_appointed, persona_of
from serving.identity.issuer.routes import PROGRAMS

SESSION = "qianmian_session"
VERIFIER = "a-verifier-that-is-long-enough-for-the-rules-of-pkce"
PURPOSES = ("assess", "rank", "remind", "train", "aggregate")
ABOUT = re.compile(r"/(citizen|enterprise)s/([^/?]+)|[?&]subject=(citizen|enterprise)(?::|%3A)([^&]+)")
ANYBODY = "citizen:c-zhao"


class NoSuchPersona(LookupError):
    """The issuer knows nobody of this name."""


def sign_in(client: TestClient, persona: str, *, kiosk: bool = False) -> str:
    """Sign in as a persona (`citizen:c-li`, `official:agent`); the session's secret."""
    client.cookies.clear()
    begun = client.get("/login", params={"kiosk": kiosk}, follow_redirects=False)
    assert begun.status_code == 303, begun.text
    agreed = agree(client, begun.headers["location"], persona)
    done = client.get(agreed.headers["location"], follow_redirects=False)
    assert done.status_code == 303, done.text
    secret = client.cookies[SESSION]
    client.cookies.clear()
    return secret


def agree(client: TestClient, authorization: str, persona: str) -> Response:
    """Pick a persona at the issuer; the answer leads back with a code."""
    path = urlsplit(authorization)
    picker = client.get(f"{path.path}?{path.query}")
    assert picker.status_code == 200, picker.text
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', picker.text)
    form = {name: unescape(value) for name, value in fields} | {"persona": persona}
    return _picked(client, form)


def _picked(client: TestClient, form: dict[str, str]) -> Response:
    agreed: Any = client.post("/dev-issuer/authorize", data=form, follow_redirects=False)
    if agreed.status_code == 422:
        raise NoSuchPersona(form["persona"])
    assert agreed.status_code == 303, agreed.text
    return agreed  # type: ignore[no-any-return]


def access_token(client: TestClient, persona: str, purposes: tuple[str, ...] = PURPOSES) -> str:
    """A bearer token for the API, got as a program gets it."""
    asked = {
        "response_type": "code",
        "client_id": PROGRAMS,
        "redirect_uri": "http://127.0.0.1:8000/dev-issuer/code",
        "scope": " ".join(["openid", *(f"qianmian:{purpose}" for purpose in purposes)]),
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
    }
    agreed = _picked(client, {**asked, "persona": persona})
    code = parse_qs(urlsplit(agreed.headers["location"]).query)["code"][0]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": asked["redirect_uri"],
        "client_id": PROGRAMS,
        "code_verifier": VERIFIER,
    }
    told = client.post("/dev-issuer/token", data=form)
    assert told.status_code == 200, told.text
    return str(told.json()["access_token"])


def form_token(client: TestClient, secret: str) -> str:
    """The form token of a session, as its pages show it."""
    page = client.get("/", headers={"cookie": f"{SESSION}={secret}"})
    found = re.search(r'name="form_token"\s+value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def session_of(app: Any, persona: str, mode: SessionMode = "standard") -> tuple[str, str]:
    """A session begun for a persona without the way to the issuer: its secret and its form token."""
    parts, desk = app.state.parts, app.state.identity
    with writing(parts.engine) as connection:
        one = persona_of(connection, persona)
        if one is None:
            raise NoSuchPersona(persona)
        ensure_appointed(connection, one, desk, parts)
        account = Account(desk.settings.issuer, persona)
        login = record_login(connection, account, one.subject, parts.secrets["identity"], desk.wall())
        secret, begun = begin_session(connection, login.id, mode, desk.wall(), desk.settings.limits[mode])
    return secret, begun.form_token


def token_of(app: Any, persona: str, purposes: tuple[str, ...] = PURPOSES) -> str:
    """An access token for a persona, signed by the embedded issuer, without the way to it."""
    parts, desk = app.state.parts, app.state.identity
    with writing(parts.engine) as connection:
        one = persona_of(connection, persona)
        if one is None:
            raise NoSuchPersona(persona)
        ensure_appointed(connection, one, desk, parts)
    scope = " ".join(["openid", *(f"qianmian:{purpose}" for purpose in purposes)])
    at = desk.wall()
    agreed = Authorization(PROGRAMS, "", "", None, scope, persona, one.subject, at)
    return str(app.state.signing.tokens(agreed, desk.settings, at)["access_token"])


class SignedInClient(TestClient):
    """Asks about everybody as themselves: pages with their session, the interface with their token.

    A batch that hands in what several subjects did is handed in by a channel's program.
    """

    __test__ = False
    MOST_REDIRECTS = 10

    def request(self, method: str, url: Any, **given: Any) -> Any:  # type: ignore[override]
        follow = given.pop("follow_redirects", True)
        answer = self._once(method, str(url), **given)
        for _ in range(self.MOST_REDIRECTS):
            if not follow or not answer.is_redirect:
                return answer
            answer = self._once("GET", answer.headers["location"], headers=given.get("headers"))
        raise AssertionError(f"{url} leads round in circles")

    def _once(self, method: str, url: str, **given: Any) -> Any:
        headers = {str(name).lower(): value for name, value in dict(given.pop("headers", None) or {}).items()}
        if not {"authorization", "cookie"} & headers.keys():
            headers |= self._credentials(method, url, given)
        return super().request(method, url, headers=headers, follow_redirects=False, **given)

    def _credentials(self, method: str, url: str, given: dict[str, Any]) -> dict[str, str]:
        persona = about(url, given)
        if url.startswith("/v1/"):
            return {"authorization": f"Bearer {self._kept(token_of, persona)}"}
        secret, form = self._kept(session_of, persona)
        kept = [f"{name}={value}" for name, value in self.cookies.items()]
        headers = {"cookie": "; ".join([*kept, f"{SESSION}={secret}"])}
        return headers if method == "GET" else {**headers, "x-form-token": form}

    def _kept(self, get: Callable[[Any, str], Any], persona: str) -> Any:
        """A credential of the persona; of anybody where there is no such subject to sign in as."""
        known = self.__dict__.setdefault("_credentials_known", {})
        if (get, persona) not in known:
            try:
                known[get, persona] = get(self.app, persona)
            except NoSuchPersona:
                known[get, persona] = self._kept(get, ANYBODY)
        return known[get, persona]


def about(url: str, given: dict[str, Any]) -> str:
    """Whom a request is about, as a persona."""
    body = given.get("json")
    if isinstance(body, dict):
        if url.endswith(("/interactions", "/cases", "/consultations")):
            return "official:channel"
        if isinstance(body.get("subject"), str) and isinstance(body.get("kind"), str):
            return f"{body['kind']}:{body['subject']}"
    query = "&".join(f"{name}={value}" for name, value in dict(given.get("params") or {}).items())
    found = ABOUT.search(f"{url}{'&' if '?' in url else '?'}{query}")
    if found is None:
        return ANYBODY
    kind, id_ = (found[1], found[2]) if found[1] else (found[3], found[4])
    return f"{kind}:{unquote(id_)}"
