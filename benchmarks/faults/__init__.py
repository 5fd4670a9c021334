"""`faults`: the 27 faults of the reliability plan, injected into real processes and held to what must be."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from benchmarks.result import Result

ORDER: Final = (
    *(5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 26, 27, 18, 25, 2, 4, 1, 3),
    *(24, 22, 20, 16, 19, 21, 23, 9, 17),
)
"""Redis is killed in 1 and started again in 3; what keeps all processes longest at work comes last."""


def run(quick: bool) -> list[Result]:
    """Every fault once; what did not hold is told on standard error."""
    # The product's own modules are loaded only when a run begins.
    from benchmarks.faults.delivering import FOUND
    from benchmarks.faults.register import TOTAL
    from benchmarks.faults.trial import try_all

    with tempfile.TemporaryDirectory(prefix="qm") as folder:
        passed = try_all(Path(folder), quick, ORDER)
    results = [Result("passed", len(passed), f"of {TOTAL}"), Result("total", TOTAL, "faults")]
    for found in FOUND:
        results += [
            Result("lost_interactions", found.lost_interactions, f"of {found.interactions} acknowledged"),
            Result("lost_reminders", found.lost_reminders, f"of {found.reminders} told"),
            Result("wrong_reminders", found.wrong_reminders, "expired or taken back, and yet delivered"),
            Result("duplicates_applied", found.duplicates_applied, "by webhook and file receivers"),
            Result("email_repeats", found.email_repeats, f"same Message-ID, {found.deliverer_kills} kills"),
            Result("kills", found.kills, "SIGKILL of server, worker and deliverer"),
            Result("killing_seconds", round(found.seconds, 1), "s"),
        ]
    return results


__all__ = ["ORDER", "run"]
