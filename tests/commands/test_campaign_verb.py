"""Campaigns and invitations at the keyboard: two accounts for a campaign, a round that says what it did."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from commands.main import app
from tests.serving.town import TODAY, build_town

DRAFT = """
kind: citizen
item: cs-senior-card
audience: sex = 'female' AND age >= 18
names: {zh: 敬老卡办理, en: Senior cards}
reason: {zh: 您可能符合条件, en: You may qualify}
stages: [1.0]
"""
RUNNER = CliRunner()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    build_town(tmp_path)
    monkeypatch.setenv("QIANMIAN_HOME", str(tmp_path))
    monkeypatch.setenv("QIANMIAN_TODAY", TODAY.isoformat())
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def said(*words: str, code: int = 0) -> str:
    result = RUNNER.invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result.output


@pytest.mark.slow
def test_a_campaign_from_preview_to_funnel(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "pv-" in said("campaign", "preview", "citizen", "age >= 0")
    file = home / "draft.yaml"
    file.write_text(DRAFT, encoding="utf8")
    said("campaign", "preview", "citizen", "sex = 'female' AND age >= 18")
    id_ = next(word for word in said("campaign", "draft", str(file)).split() if word.startswith("cp-"))
    said("campaign", "approve", id_, code=1)
    monkeypatch.setattr(getpass, "getuser", lambda: "somebody-else")
    assert "approved" in said("campaign", "approve", id_)
    assert "subjects told" in said("campaign", "send", id_, "1")
    assert id_ in said("campaign", "list")
    assert "completed" in said("campaign", "funnel", id_)
    assert "stopped" in said("campaign", "stop", id_)
    said("campaign", "send", id_, "1", code=1)


def test_a_draft_file_that_is_wrong_is_refused(home: Path) -> None:
    file = home / "draft.yaml"
    file.write_text(DRAFT.replace("sex = 'female'", "nothing = 1"), encoding="utf8")
    said("campaign", "draft", str(file), code=1)
    file.write_text(DRAFT + "colour: red\n", encoding="utf8")
    said("campaign", "draft", str(file), code=1)


@pytest.mark.slow
def test_the_daily_round_and_its_report(home: Path) -> None:
    assert "proposed" in said("invite")
    assert "0 proposed" in said("invite")
    assert "success rate" in said("invite", "report")
