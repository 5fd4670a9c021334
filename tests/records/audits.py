"""Secret keys for tests, the same in every run."""

from __future__ import annotations

from privacy.pseudonym import keyed_digest
from records.keys import NAMES, Secrets, VersionedKey


def secrets_for_tests(versions: int = 1) -> Secrets:
    """Keys that everybody can work out."""
    return Secrets(
        {
            name: VersionedKey(
                versions, {v: keyed_digest(b"tests", name, str(v)) for v in range(1, versions + 1)}
            )
            for name in NAMES
        },
        "development",
    )
