"""The interface under whatever a schema-driven fuzzer thinks of, as every role: no 500, all as described.

The small version asks each operation a few times, the roles by turns. The whole one asks every operation,
rightly and wrongly, the same thing as every role, in at least 20,000 cases.
"""

from __future__ import annotations

import datetime as dt
import math
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks

from catalog.vocabulary import SubjectKind
from records.database import writing
from records.logins import Account, login_of
from records.openings import Opening, open_subject
from records.tables import relation
from serving.app import create_app
from serving.settings import ServingSettings
from tests.serving.conftest import ADDRESS, copy_of
from tests.serving.near_relatives import LATE, LEFT, bury
from tests.serving.signing_in import token_of

HOST = {"Host": "127.0.0.1:8000"}
CASES = 20_000
SMALL = 4
"""Cases an operation in the small version."""
ROLES = {
    "nobody": None,
    "citizen": "citizen:c-li",
    "guardian": "citizen:c-wang",
    "proxy": "citizen:c-zhao",
    "near_relative": f"citizen:{LEFT}",
    "staff": "citizen:c-zhao",
    "enterprise": "enterprise:e-soft",
    "agent": "official:agent",
    "operator": "official:operator",
    "data_scientist": "official:data_scientist",
    "auditor": "official:auditor",
    "channel": "official:channel",
}
"""Every role by who plays it; the relations below let them."""
RELATIONS = (
    {"subject": "c-wang", "other": "c-li", "kind": "guardian"},
    {"subject": "c-zhao", "other": "c-li", "kind": "proxy"},
    {"subject": "c-zhao", "other": "e-bakery", "kind": "staff"},
)
SUBJECTS = ("c-li", "c-wang", "c-zhao", "e-bakery", "e-soft", "c-nobody", LATE)
KNOWN = {
    "item": ("cs-birth-registration", "es-annual-report"),
    "event": ("le-arrival", "le-annual-tax"),
}
WANTED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)


def operations() -> list[tuple[str, str]]:
    """Every operation with every way to ask it; what erases comes last, so that the others find somebody."""
    found = [
        (f"{method.upper()} {path}", mode)
        for path, methods in create_app(ServingSettings()).openapi()["paths"].items()
        for method in methods
        for mode in ("POSITIVE", "NEGATIVE")
        if mode == "POSITIVE" or "{" in path or method == "post"  # what takes nothing cannot be asked wrongly
    ]
    return sorted(found, key=lambda asked: "erasure" in asked[0])


OPERATIONS = operations()
EACH = math.ceil(1.1 * CASES / (len(OPERATIONS) * len(ROLES)))
"""Things each operation is asked in the whole version, each of them as every role."""


@dataclass
class Fuzzed:
    """A server of this module's own, its operations, and what was asked of it."""

    app: FastAPI
    operations: dict[str, Any]

    def takes_anything(self, operation: str) -> bool:
        """Whether there is more than one way to ask it."""
        described = self.operations[operation].definition.raw
        return "{" in operation or bool(described.get("parameters") or described.get("requestBody"))

    def headers(self, role: str) -> dict[str, str]:
        persona = ROLES[role]
        if persona is None:
            return HOST
        # A token of its own for each operation: the whole version takes longer than a token lives.
        return {**HOST, "Authorization": f"Bearer {token_of(self.app, persona)}"}


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory, untouched: ServingSettings) -> Iterator[Fuzzed]:
    load_all_checks()
    own = copy_of(untouched, tmp_path_factory.mktemp("fuzzed"))
    app = create_app(own.model_copy(update={"rate_limit_factor": 1_000_000}))
    with TestClient(app, base_url=ADDRESS):
        with writing(app.state.parts.engine) as connection:
            connection.execute(relation.insert(), [{**one, "scope": "*"} for one in RELATIONS])
        bury(app)
        _open_to_agent(app, "c-wang")
        described = schemathesis.openapi.from_asgi("/openapi.json", app, headers=HOST)
        found = {one.ok().label: one.ok() for one in described.get_all_operations()}
        yield Fuzzed(app, found)


def _open_to_agent(app: FastAPI, subject: str) -> None:
    """Let the agent have a subject open all the time."""
    token_of(app, ROLES["agent"] or "")
    parts, desk = app.state.parts, app.state.identity
    with writing(parts.engine) as connection:
        account = Account(desk.settings.issuer, ROLES["agent"] or "")
        login = login_of(connection, account, parts.secrets["identity"])
        assert login is not None
        at = desk.wall()
        open_subject(
            connection,
            login.id,
            Opening(
                subject=subject,
                kind=SubjectKind.CITIZEN,
                ground="presence",
                reason="counter",
                shows_delicate=False,
                opened_at=at,
                ends_at=at + dt.timedelta(days=1),
            ),
        )


def ask(fuzzed: Fuzzed, operation: str, mode: str, roles: Sequence[str], things: int) -> Counter[int]:
    """Ask an operation in one way, each thing as every one of the roles; each answer is as described."""
    asked = fuzzed.operations[operation].as_strategy(generation_mode=schemathesis.GenerationMode[mode])
    checks = [CHECKS.get_one(name) for name in WANTED]
    headers = [fuzzed.headers(role) for role in roles]
    statuses: Counter[int] = Counter()

    @seed(zlib.crc32(" ".join((operation, mode, *roles)).encode()))
    @settings(
        max_examples=things,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=asked, about=st.sampled_from((*SUBJECTS, None)), data=st.data())
    def holds(case: Any, about: str | None, data: st.DataObject) -> None:
        if mode == "POSITIVE" and about is not None:
            _make_real(case, about, data)
        for one in headers:
            statuses[case.call_and_validate(headers=one, checks=checks).status_code] += 1

    holds()
    return statuses


def _make_real(case: Any, about: str, data: st.DataObject) -> None:
    """Put somebody and something that there is where the fuzzer made them up: else all it hears is 404."""
    for name in case.path_parameters or {}:
        if name == "id" and case.path.startswith(("/v1/citizens", "/v1/enterprises")):
            case.path_parameters[name] = about
        elif name in KNOWN:
            case.path_parameters[name] = data.draw(st.sampled_from(KNOWN[name]))


@pytest.mark.parametrize(
    ("operation", "mode", "role"),
    [(*asked, list(ROLES)[n % len(ROLES)]) for n, asked in enumerate(OPERATIONS[::8])],
)
def test_every_eighth_operation_answers_as_described(
    fuzzed: Fuzzed, operation: str, mode: str, role: str
) -> None:
    """A taste of the whole version below, each as the next of the roles."""
    ask(fuzzed, operation, mode, [role], SMALL)


@pytest.mark.slow
@pytest.mark.parametrize(("operation", "mode"), OPERATIONS)
def test_every_operation_answers_every_role_as_described(fuzzed: Fuzzed, operation: str, mode: str) -> None:
    statuses = ask(fuzzed, operation, mode, list(ROLES), EACH)
    things, rest = divmod(sum(statuses.values()), len(ROLES))
    assert rest == 0
    assert things >= EACH or not fuzzed.takes_anything(operation), "the fuzzer ran out of different things"


def test_the_whole_version_asks_enough(fuzzed: Fuzzed) -> None:
    asked = sum(len(ROLES) * (EACH if fuzzed.takes_anything(operation) else 1) for operation, _ in OPERATIONS)
    assert asked >= CASES
