"""Secret keys: made for development alone, refused in production, shown nowhere."""

from __future__ import annotations

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from records.key_file import create_key_file
from records.keys import NAMES, SecretsError, open_secrets, parsed
from records.settings import Settings


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("QIANMIAN_SECRETS_FILE", raising=False)


def made(path: Path, made_for: str = "production") -> Path:
    create_key_file(path, made_for, NAMES)
    return path


def test_development_makes_its_keys_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "var")
    first = open_secrets(settings)
    assert stat.S_IMODE(settings.secrets_path.stat().st_mode) == 0o600
    assert open_secrets(settings) == first
    assert list(settings.home.iterdir()) == [settings.secrets_path], "no draft is left behind"


def test_processes_that_start_at_once_agree_on_the_keys(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "var")
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: open_secrets(settings), range(16)))
    assert all(each == opened[0] for each in opened)


def test_production_makes_no_keys(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "var", profile="production")
    with pytest.raises(SecretsError, match="QIANMIAN_SECRETS_FILE"):
        open_secrets(settings)
    assert not settings.secrets_path.exists()


def test_production_refuses_the_keys_of_development(tmp_path: Path) -> None:
    open_secrets(Settings(home=tmp_path / "var"))
    with pytest.raises(SecretsError, match="generated for development"):
        open_secrets(Settings(home=tmp_path / "var", profile="production"))


def test_a_named_file_is_never_made_up(tmp_path: Path) -> None:
    with pytest.raises(SecretsError, match="cannot read"):
        open_secrets(Settings(home=tmp_path / "var", secrets_file=tmp_path / "typo.toml"))


@pytest.mark.parametrize("mode", [0o604, 0o620, 0o602])
def test_keys_that_others_can_read_or_change_are_refused(tmp_path: Path, mode: int) -> None:
    path = made(tmp_path / "keys.toml")
    path.chmod(mode)
    with pytest.raises(SecretsError, match="chmod 600"):
        open_secrets(Settings(home=tmp_path, secrets_file=path, profile="production"))


def test_keys_may_come_through_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = made(tmp_path / "keys.toml").read_text("utf-8")
    monkeypatch.setenv("QIANMIAN_SECRETS", text)
    settings = Settings(home=tmp_path / "var", profile="production")
    found = open_secrets(settings)
    value = next(line.split('"')[1] for line in text.splitlines() if line.startswith("1 = "))
    raw = base64.b64decode(value)
    for shown in (repr(found), str(found), repr(settings), repr(found["identity"])):
        assert value not in shown
        assert repr(raw)[2:20] not in shown
    assert not settings.secrets_path.exists()


def test_every_fault_is_told_at_once_and_no_value_with_it() -> None:
    short, plain = base64.b64encode(b"short").decode(), base64.b64encode(b"a" * 32).decode()
    text = f'''
    made_for = "testing"
    [identity]
    current = 2
    1 = "{short}"
    [audit]
    current = 1
    1 = "{plain}"
    [sesion]
    current = 1
    '''
    with pytest.raises(SecretsError) as raised:
        parsed(text, "keys.toml")
    told = str(raised.value)
    for fault in (
        "made_for",
        "[identity] 1",
        "[identity] current",
        "[audit] 1",
        "[sesion]",
        "[session] is missing",
    ):
        assert fault in told
    assert short not in told
    assert plain not in told


def test_a_key_used_twice_is_refused(tmp_path: Path) -> None:
    text = made(tmp_path / "keys.toml").read_text("utf-8")
    values = [line.split('"')[1] for line in text.splitlines() if line.startswith("1 = ")]
    with pytest.raises(SecretsError, match=r"\[audit\] 1: the same as \[identity\] 1"):
        parsed(text.replace(values[1], values[0]), "keys.toml")


def test_what_is_no_toml_is_not_repeated() -> None:
    with pytest.raises(SecretsError) as raised:
        parsed("hidden = = =", "keys.toml")
    assert "hidden" not in str(raised.value)
    assert raised.value.__cause__ is not None


def test_keys_for_two_uses_or_versions_have_nothing_in_common(tmp_path: Path) -> None:
    key = parsed(made(tmp_path / "keys.toml").read_text("utf-8"), "x")["identity"]
    assert key.derived("one") != key.derived("other")
    assert len(key.derived("one", 16)[1]) == 16
    assert key.derived("one")[1] != key.versions[1]
    assert len(key.fingerprints()[1]) == 12
