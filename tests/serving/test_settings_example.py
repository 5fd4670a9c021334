"""The commented example is complete, and every part can read it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError

from records.settings import Settings
from serving.delivery.settings import DeliverySettings
from serving.settings import ServingSettings

EXAMPLE = Path(__file__).resolve().parents[2] / "settings.example.toml"


@pytest.fixture
def beside_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(EXAMPLE, tmp_path / "settings.toml")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "settings.toml"


def test_every_setting_stands_in_the_example() -> None:
    named = set(re.findall(r"^(?:# )?([a-z_]+) = ", EXAMPLE.read_text(encoding="utf8"), re.MULTILINE))
    assert named == set(DeliverySettings.model_fields)
    assert set(DeliverySettings.model_fields) >= set(ServingSettings.model_fields)


def test_the_example_says_the_defaults(beside_example: Path) -> None:
    assert Settings() == Settings(
        home=Path("var"), online_store="sqlite", redis_url="redis://127.0.0.1:6379/0"
    )
    assert ServingSettings().port == ServingSettings.model_fields["port"].default
    fields = DeliverySettings.model_fields
    own = {name: fields[name].default for name in fields.keys() - ServingSettings.model_fields.keys()}
    assert DeliverySettings().model_dump(include=set(own)) == own


def test_a_part_reads_its_own_table(beside_example: Path) -> None:
    beside_example.write_text('home = "elsewhere"\n[serving]\nport = 9000\n', encoding="utf8")
    assert ServingSettings().port == 9000
    assert Settings().home.name == ServingSettings().home.name == "elsewhere"


@pytest.mark.parametrize("text", ['hme = "var"\n', "[serving]\nprot = 1\n", "[nonsense]\nport = 1\n"])
def test_a_misspelt_name_is_refused(beside_example: Path, text: str) -> None:
    beside_example.write_text(text, encoding="utf8")
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        ServingSettings()
