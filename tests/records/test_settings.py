"""Settings come from arguments, environment and file, in that order, and know no unknown name."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from pydantic import ValidationError

from records.settings import SHANGHAI, Settings, now_in_utc, today_in_shanghai


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("HOME", "TODAY", "RECORDS_URL", "ONLINE_STORE", "REDIS_URL", "MLFLOW_URI"):
        monkeypatch.delenv(f"QIANMIAN_{name}", raising=False)


def test_everything_is_under_home(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "elsewhere")
    assert settings.records_url == f"sqlite:///{tmp_path}/elsewhere/records.db"
    assert settings.mlflow_uri == f"sqlite:///{tmp_path}/elsewhere/mlflow.db"
    for path in (settings.catalogue_path, settings.attributes_path, settings.models_path):
        assert path.is_relative_to(tmp_path / "elsewhere")


def test_arguments_beat_environment_beats_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("settings.toml").write_text('home = "from-file"\nonline_store = "redis"\n', encoding="utf-8")
    assert Settings().home == tmp_path / "from-file"
    monkeypatch.setenv("QIANMIAN_HOME", "from-environment")
    assert Settings().home == tmp_path / "from-environment"
    assert Settings().online_store == "redis"
    assert Settings(home=Path("given")).home == tmp_path / "given"


def test_an_unknown_name_or_value_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("settings.toml").write_text('hme = "typo"\n', encoding="utf-8")
    with pytest.raises(ValidationError, match="hme"):
        Settings()
    Path("settings.toml").unlink()
    monkeypatch.setenv("QIANMIAN_ONLINE_STORE", "cassandra")
    with pytest.raises(ValidationError, match="online_store"):
        Settings()


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().home = Path("other")  # type: ignore[misc]


def test_the_address_of_the_records_is_not_shown() -> None:
    assert "hidden" not in repr(Settings(records_url="postgresql://u:hidden@localhost/x"))


def test_the_business_date_is_the_one_set() -> None:
    settings = Settings(today=dt.date(2026, 2, 28))
    assert today_in_shanghai(settings) == dt.date(2026, 2, 28)
    assert now_in_utc(settings).astimezone(SHANGHAI).date() == dt.date(2026, 2, 28)
    assert now_in_utc(settings).tzinfo is dt.UTC
    assert abs(now_in_utc(Settings()) - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)


def test_a_setting_can_be_the_text_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "url").write_text("postgresql://u:hidden@db/x\n", encoding="utf-8")
    monkeypatch.setenv("QIANMIAN_RECORDS_URL_FILE", str(tmp_path / "url"))
    assert Settings().records_url == "postgresql://u:hidden@db/x"
    monkeypatch.setenv("QIANMIAN_RECORDS_URL", "sqlite:///here.db")
    assert Settings().records_url == "sqlite:///here.db"


def test_a_named_file_that_is_not_there_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QIANMIAN_REDIS_URL_FILE", "nowhere")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        Settings()


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QIANMIAN_SECRETS", "hidden-text")
    shown = Settings(records_url="postgresql://u:hidden@db/x", redis_url="redis://:hidden@db")
    assert "hidden" not in f"{shown!r} {shown} {shown.model_dump_json(exclude={'records_url', 'redis_url'})}"
