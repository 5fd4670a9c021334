"""No secret is committed: every tracked file is scanned, and what only looks like one is on a known list."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from detect_secrets import SecretsCollection
from detect_secrets.core import baseline
from detect_secrets.settings import transient_settings

ROOT = Path(__file__).resolve().parents[1]
BASELINE = ROOT / ".secrets.baseline"
KNOWN = baseline.load_from_file(str(BASELINE))
HASHES = {"requirements.lock", BASELINE.name}
"""Files of nothing but hashes."""
REMEDY = (
    "take it out of the commit and consider it known; if it is no secret, run "
    "`.venv/bin/detect-secrets scan --baseline .secrets.baseline` and say why in the commit"
)


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [line for line in listed.stdout.splitlines() if (ROOT / line).is_file() and line not in HASHES]


def found_in(root: Path, *files: str) -> set[tuple[str, str, str]]:
    secrets = SecretsCollection(root=str(root))
    secrets.scan_files(*files)
    return {(file, secret.type, secret.secret_hash) for file, secret in secrets}


@pytest.mark.slow
def test_no_tracked_file_holds_a_secret() -> None:
    known = {
        (file, secret["type"], secret["hashed_secret"])
        for file, secrets in KNOWN["results"].items()
        for secret in secrets
    }
    with transient_settings(KNOWN):
        new = found_in(ROOT, *tracked()) - known
    assert not new, f"{sorted((file, kind) for file, kind, _ in new)}: {REMEDY}"


@pytest.mark.parametrize(
    "line",
    [
        'aws = "AKIA' + 'QWERTYUIOPASDFGH"',
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        'url = "postgresql://qianmian:' + 'hunter2hunter2@db/x"',
        '1 = "' + base64.b64encode(bytes(range(7, 199, 6))).decode() + '"',
    ],
)
def test_the_scan_would_find_one(tmp_path: Path, line: str) -> None:
    (tmp_path / "leak.toml").write_text(f"{line}\n", "utf-8")
    with transient_settings(KNOWN):
        assert found_in(tmp_path, "leak.toml")


def test_the_known_list_knows_no_file_that_is_gone() -> None:
    gone = set(KNOWN["results"]) - set(tracked())
    assert not gone, f"drop {gone} from .secrets.baseline"
