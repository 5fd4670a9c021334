"""Why and why not: what a consent would open, and what is on record and cannot be so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from serving.api.assessments import AssessmentSchema, AssessmentsSchema
from serving.app import create_app
from serving.parts import Parts
from tests.serving.conftest import ADDRESS
from tests.serving.signing_in import SignedInClient
from tests.serving.town import SUBJECTS, build_town

pytestmark = pytest.mark.slow

LI = next(one for one in SUBJECTS if one["id"] == "c-li")
TOLD = {**LI["told"], "is_disabled": True}
NOBODYS = {"kind": "citizen", "rest": "none", "evidence": ["m-id-card"]}

Answers = dict[str, dict[str, AssessmentsSchema]]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Three people whose registers tell the same but for what cannot be; the first consents to nothing."""
    mistaken = {**TOLD, "sex": "male", "is_pregnant": True}
    people = [
        {**NOBODYS, "id": "c-silent", "consents": [], "told": TOLD},
        {**NOBODYS, "id": "c-frank", "consents": ["assess"], "told": TOLD},
        {**NOBODYS, "id": "c-mistaken", "consents": ["assess"], "told": mistaken},
    ]
    settings = build_town(tmp_path_factory.mktemp("asked"), people).model_copy(
        update={"rate_limit_factor": 1_000}
    )
    with SignedInClient(create_app(settings), base_url=ADDRESS) as client:
        yield client


def assessed(client: TestClient, subject: str, item: str) -> AssessmentsSchema:
    answer = client.get(f"/v1/citizens/{subject}/assessments/{item}")
    assert answer.status_code == 200, answer.text
    return AssessmentsSchema.model_validate_json(answer.content)


def of_citizens_themselves(client: TestClient) -> list[str]:
    parts: Parts = client.app.state.parts  # type: ignore[attr-defined]
    return [
        service.id
        for service in parts.catalogue.public_services.values()
        if service.subject == "citizen" and service.scope == "self" and service.status == "confirmed"
    ]


@pytest.fixture(scope="module")
def answers(asked: TestClient) -> Answers:
    """What each of the three is told of every service that is about a citizen themselves."""
    items = of_citizens_themselves(asked)
    return {
        subject: {item: assessed(asked, subject, item) for item in items}
        for subject in ("c-silent", "c-frank", "c-mistaken")
    }


def pairs(answers: Answers) -> Iterator[tuple[AssessmentSchema, AssessmentSchema]]:
    """What the silent one is told of an item, beside what the frank one is told of it."""
    for item, of_silent in answers["c-silent"].items():
        (silent,), (frank,) = of_silent.assessments, answers["c-frank"][item].assessments
        yield silent, frank


def test_a_consent_that_is_named_opens_what_was_not_known(answers: Answers) -> None:
    decided = 0
    for silent, frank in pairs(answers):
        if not silent.consents:
            continue
        assert silent.verdict == "undetermined"
        assert all(target.startswith("attributes:") for target in silent.consents)
        assert frank.consents == [], "who has consented is asked for nothing"
        decided += frank.verdict != "undetermined"
    assert decided


def test_what_is_withheld_is_never_told_as_a_no(answers: Answers) -> None:
    for silent, frank in pairs(answers):
        assert silent.verdict in ("undetermined", frank.verdict)
        for unknown, known in zip(silent.criteria, frank.criteria, strict=True):
            assert unknown.verdict in ("unknown", known.verdict)


def test_what_cannot_be_is_reported_and_decides_nothing(asked: TestClient, answers: Answers) -> None:
    read = [
        (value.state, value.value)
        for answer in answers["c-mistaken"].values()
        for one in answer.assessments
        for criterion in one.criteria
        for value in criterion.values
        if value.attribute in ("sex", "is_pregnant")
    ]
    assert set(read) == {("unknown", None)}
    for answer in answers["c-mistaken"].values():
        assert [one.en for one in answer.contradictions] == ["Sex and pregnancy contradict each other"]
    assert all(answer.contradictions == [] for answer in answers["c-frank"].values())
    assert asked.get("/citizens/c-mistaken").status_code == 200
