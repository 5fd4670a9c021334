"""The description of the interface is exact: schemas named, examples valid, problems declared."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel

import serving.api
import serving.inbox
from serving.api.schema import EXAMPLES, AnswerSchema, ProblemSchema, RequestSchema

PRIVACY = {
    f"/v1/{folder}/{{id}}/privacy/{name}"
    for folder in ("citizens", "enterprises")
    for name in (
        *("choices", "recommendation", "reminders", "tags", "consents"),
        *("data", "requests", "erasure"),
    )
}


TELLING = {
    f"/v1/{folder}/{{id}}/{name}"
    for folder in ("citizens", "enterprises")
    for name in (
        *("inbox", "inbox/{message}/read", "inbox/{message}/dismiss", "pace"),
        *("contacts", "contacts/{channel}", "contacts/{channel}/verification"),
        *("subscriptions", "subscriptions/{followed}/{target}"),
    )
}


def schemas() -> dict[str, type[BaseModel]]:
    """Every schema of the API by name."""
    found: dict[str, type[BaseModel]] = {"ProblemSchema": ProblemSchema}
    modules = [
        *pkgutil.iter_modules(serving.api.__path__, "serving.api."),
        *pkgutil.iter_modules(serving.inbox.__path__, "serving.inbox."),
    ]
    for module in modules:
        for name, thing in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(thing, AnswerSchema | RequestSchema) and thing not in (AnswerSchema, RequestSchema):
                found[name] = thing
    return found


@pytest.fixture(scope="module")
def described(client: TestClient) -> Any:
    return client.get("/openapi.json").json()


def operations(described: Any) -> list[tuple[str, Any]]:
    return [
        (path, operation) for path, methods in described["paths"].items() for operation in methods.values()
    ]


def test_every_schema_s_name_ends_in_schema() -> None:
    assert all(name.endswith("Schema") for name in schemas())


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_example_is_valid(name: str) -> None:
    for example in EXAMPLES[name]:
        schemas()[name].model_validate_json(_json(example))


def _json(value: Any) -> bytes:
    import orjson

    return orjson.dumps(value)


def test_requests_take_nothing_unknown_and_convert_nothing() -> None:
    for name, schema in schemas().items():
        assert schema.model_config.get("extra") == "forbid", name
        if issubclass(schema, RequestSchema):
            assert schema.model_config.get("strict") is True, name


def test_pages_are_no_part_of_the_interface(described: Any) -> None:
    assert (
        set(described["paths"])
        == {
            "/v1/citizens/{id}/homepage",
            "/v1/enterprises/{id}/homepage",
            "/v1/citizens/{id}/events/{event}",
            "/v1/enterprises/{id}/events/{event}",
            "/v1/citizens/{id}/questions",
            "/v1/enterprises/{id}/questions",
            "/v1/citizens/{id}/invitations",
            "/v1/enterprises/{id}/invitations",
            "/v1/citizens/{id}/invitations/{invitation}/answer",
            "/v1/enterprises/{id}/invitations/{invitation}/answer",
            "/v1/invitations/report",
            "/v1/campaigns",
            "/v1/campaigns/previews",
            "/v1/campaigns/previews/{id}",
            "/v1/campaigns/{id}",
            "/v1/campaigns/{id}/approval",
            "/v1/campaigns/{id}/stages",
            "/v1/campaigns/{id}/stop",
            "/v1/campaigns/{id}/funnel",
            "/v1/citizens/{id}/hand-overs",
            "/v1/enterprises/{id}/hand-overs",
            "/v1/hand-over-keys",
            "/v1/citizens/{id}/reminders",
            "/v1/enterprises/{id}/reminders",
            "/v1/enterprises/{id}/policy-package",
            "/v1/enterprises/{id}/policy-package/changes",
            "/v1/citizens/{id}/assessments/{item}",
            "/v1/enterprises/{id}/assessments/{item}",
            "/v1/public-services/{id}",
            "/v1/support-policies/{id}",
            "/v1/inbox",
            "/v1/interactions",
            "/v1/cases",
            "/v1/consultations",
            "/v1/what-if",
            "/v1/sessions",
            "/v1/sessions/{handle}",
            "/health",
            "/ready",
        }
        | PRIVACY
        | TELLING
    )


def test_every_answer_is_declared(described: Any) -> None:
    for path, operation in operations(described):
        for status, response in operation["responses"].items():
            media = "application/json" if int(status) < 400 else "application/problem+json"
            reference = response["content"][media]["schema"]["$ref"]
            assert reference.rsplit("/", 1)[1] in described["components"]["schemas"], (path, status)
        assert operation["description"] or operation["summary"]


def test_examples_reach_the_description(described: Any) -> None:
    declared = described["components"]["schemas"]
    assert {name for name, schema in declared.items() if schema.get("examples")} >= EXAMPLES.keys()


def test_the_answers_are_as_described(client: TestClient, described: Any) -> None:
    for path, schema in (
        ("/v1/citizens/c-li/homepage", "HomepageSchema"),
        ("/v1/citizens/c-li/reminders", "RemindersSchema"),
        ("/v1/citizens/c-li/questions", "QuestionsSchema"),
        ("/v1/inbox?subject=citizen:c-li", "OwnInboxSchema"),
        ("/v1/enterprises/e-soft/policy-package", "PolicyPackageSchema"),
        ("/v1/enterprises/e-soft/policy-package/changes", "PolicyPackageChangesSchema"),
        ("/v1/public-services/cs-birth-registration", "PublicServiceSchema"),
        ("/v1/support-policies/ep-small-profit-cit", "SupportPolicySchema"),
        ("/v1/citizens/c-li/assessments/cs-birth-registration", "AssessmentsSchema"),
        ("/health", "HealthSchema"),
        ("/ready", "ReadySchema"),
    ):
        answer = client.get(path)
        assert answer.status_code == 200
        schemas()[schema].model_validate_json(answer.content)


def test_health_and_readiness_say_who_is_let_in(client: TestClient) -> None:
    for path in ("/health", "/ready"):
        assert "anybody may sign in as anybody" in client.get(path).json()["access"]
