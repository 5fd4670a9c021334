"""`python -m benchmarks NAME [--quick]` measures one and prints its report as JSON last on standard output.

`all` measures every one, each in a process of its own; `--write PAGE` renders the reports.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.page import page
from benchmarks.registry import find, names
from benchmarks.report import report


def main() -> int:
    """Measure what was asked for; the exit status tells whether all of it could be."""
    asked = _arguments()
    if asked.name == "all":
        return _measure_all(asked.quick, asked.write)
    try:
        run = find(asked.name)
    except LookupError as error:
        print(error.args[0], file=sys.stderr)
        return 2
    measured = report(asked.name, asked.quick, run(asked.quick))
    if asked.write:
        asked.write.write_text(page([measured]), encoding="utf8")
    print(json.dumps(measured))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", help=f"one of {', '.join(names())}, or all")
    parser.add_argument("--quick", action="store_true", help="the same on less data, within two minutes")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="render the reports to this file")
    return parser.parse_args()


def _measure_all(quick: bool, target: Path | None) -> int:
    reports = []
    for name in names():
        print(f"{name} ...", file=sys.stderr, flush=True)
        reports.append(_measure(name, quick))
        if target:
            target.write_text(page(reports), encoding="utf8")
    print(json.dumps(reports))
    return int(any("error" in measured for measured in reports))


def _measure(name: str, quick: bool) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks", name, *(["--quick"] if quick else [])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        return {"benchmark": name, "error": lines[-1] if lines else f"exit status {done.returncode}"}
    measured: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return measured


if __name__ == "__main__":
    sys.exit(main())
