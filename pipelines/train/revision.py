"""Which code trained a model."""

from __future__ import annotations

import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def revision() -> str:
    """The commit of this checkout; outside one, the installed version; `unknown` where neither is told."""
    git = shutil.which("git")
    here = Path(__file__).parent
    if git is not None:
        told = subprocess.run(  # noqa: S603
            [git, "-C", str(here), "rev-parse", "HEAD"], capture_output=True, text=True, check=False
        )
        if told.returncode == 0:
            return told.stdout.strip()
    try:
        return f"qianmian {version('qianmian')}"
    except PackageNotFoundError:
        return "unknown"
