"""All reports as one page of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

HEAD = """# Benchmarks

Made by `make bench`; do not edit. One figure with a machine and versions is no promise for another.
A peer is measured in the same run on the same data and gives the same answer; a ratio is ours over the
peer's, oriented so that more is better.
"""


def page(reports: Iterable[Mapping[str, Any]]) -> str:
    """The page of some reports."""
    return HEAD + "".join("\n".join(_section(report)) for report in reports)


def _section(report: Mapping[str, Any]) -> Iterator[str]:
    yield f"\n## {report['benchmark']}\n"
    if "error" in report:
        yield f"Not measured: {report['error']}\n"
        return
    machine = report["machine"]
    yield (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB; "
        f"{'quick' if report['quick'] else 'full'}; "
        + ", ".join(f"{name} {version}" for name, version in report["versions"].items())
        + ".\n"
    )
    yield "| result | value | unit | peer | its value | ratio |\n|---|---|---|---|---|---|"
    for result in report["results"]:
        value, peer_value, ratio = (_figure(result[key]) for key in ("value", "peer_value", "ratio"))
        cells = (result["name"], value, result["unit"], result["peer"] or "", peer_value, ratio)
        yield f"| {' | '.join(cells)} |"
    yield ""


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
