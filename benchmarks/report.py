"""The report of a benchmark as JSON: what was measured, where, with which versions."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from benchmarks.result import Result

PACKAGES: Final = (
    "polars",
    "numpy",
    "scipy",
    "scikit-learn",
    "lightfm-next",
    "feast",
    "mlflow",
    "fastapi",
    "sqlalchemy",
    "duckdb",
    "zen-engine",
    "common-expression-language",
)
GIB: Final = 1 << 30


def report(name: str, quick: bool, results: Iterable[Result]) -> dict[str, Any]:
    """What `python -m benchmarks NAME` prints last."""
    return {
        "benchmark": name,
        "quick": quick,
        "machine": machine(),
        "versions": versions(),
        "results": [
            {
                "name": result.name,
                "value": result.value,
                "unit": result.unit,
                "peer": result.peer,
                "peer_value": result.peer_value,
                "ratio": result.ratio,
            }
            for result in results
        ],
    }


def machine() -> dict[str, Any]:
    """The processor, its cores at our disposal, and the memory."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "load": round(os.getloadavg()[0], 1),
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf8").splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def versions() -> dict[str, str]:
    """The versions of Python and of what is measured or measured beside, where installed."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
