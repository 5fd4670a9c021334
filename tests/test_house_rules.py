"""Rules of the house that a reviewer would otherwise have to repeat; each message says the remedy."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = (
    "catalog",
    "features",
    "models",
    "privacy",
    "records",
    "serving",
    "pipelines",
    "commands",
    "benchmarks",
)
DOMAIN = ("catalog", "features", "models", "privacy")
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "services"}
CLOCKS = {
    ("date", "today"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("time", "time"),
}
LONGEST_MODULE = 300


def tracked() -> list[Path]:
    """Every file git knows or would know of."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(line) for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def modules(*folders: str) -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py" and path.parts[0] in folders]


def test_code_lives_only_in_the_agreed_folders() -> None:
    stray = {path.parts[0] for path in tracked() if path.suffix == ".py"} - {*CODE, "tests", "notebooks"}
    assert not stray, f"move the code of {stray} into one of {CODE}, or agree on a new folder in an ADR"


def test_every_file_name_says_what_is_in_it() -> None:
    nameless = [str(path) for path in modules(*CODE, "tests") if path.stem in SAYS_NOTHING]
    assert not nameless, f"name these after what they hold: {nameless}"


def test_tests_are_no_package() -> None:
    shadows = [str(path) for path in tracked() if path.parts[0] == "tests" and path.name == "__init__.py"]
    assert not shadows, f"these would shadow our own packages, delete them: {shadows}"


@pytest.mark.parametrize("path", modules(*DOMAIN), ids=str)
def test_the_domain_reads_no_clock(path: Path) -> None:
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf8"))):
        if isinstance(node, ast.Attribute):
            owner = (
                node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", None)
            )
            assert (owner, node.attr) not in CLOCKS, f"{path}:{node.lineno}: take the time as an argument"


def test_no_module_has_grown_into_a_god() -> None:
    long = {
        str(path): lines
        for path in modules(*CODE)
        if (lines := len((ROOT / path).read_text(encoding="utf8").splitlines())) > LONGEST_MODULE
    }
    assert not long, f"split these: {long}"


def test_both_readmes_point_to_the_same_pages() -> None:
    def links(name: str) -> set[str]:
        return set(re.findall(r"\]\(([^)]+)\)", (ROOT / name).read_text(encoding="utf8")))

    assert links("README.md") - {"README.zh.md"} == links("README.zh.md") - {"README.md"}


def test_every_link_in_the_readme_leads_somewhere() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf8")
    dead = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if not (ROOT / link).exists()]
    assert not dead, f"dead links: {dead}"


def test_every_make_verb_of_the_readme_exists() -> None:
    verbs = set(re.findall(r"^make ([a-z-]+)", (ROOT / "README.md").read_text(encoding="utf8"), re.MULTILINE))
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf8"), re.MULTILINE))
    assert verbs <= known


def test_the_index_of_decisions_is_whole() -> None:
    index = (ROOT / "docs/adr/README.md").read_text(encoding="utf8")
    for path in (ROOT / "docs/adr").glob("0*.md"):
        assert path.name in index, f"list {path.name} in docs/adr/README.md"


def test_the_lock_names_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf8")
    assert "://" not in lock
    unhashed = [block for block in re.split(r"\n(?=\S)", lock) if "==" in block and "--hash=" not in block]
    assert not unhashed
