"""The secret keys of a run: by name and version, from a file or the environment, never shown."""

from __future__ import annotations

import base64
import binascii
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from privacy.pseudonym import keyed_digest
from records.key_file import KeyFileError, create_key_file, read_key_file
from records.settings import Settings

KeyName = Literal["identity", "audit", "pseudonym", "session"]
"""What a key is for: the identity table; the audit chain; names in training sets; cookies and tokens."""
NAMES: Final[tuple[KeyName, ...]] = get_args(KeyName)
DEVELOPMENT: Final = "development"
SHORTEST: Final = 32


class SecretsError(ValueError):
    """Secret keys that are missing or protect nothing; names every fault, never a value."""

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class VersionedKey:
    """One secret in its versions: the current one is used, the others still read what they made."""

    current: int
    versions: Mapping[int, bytes] = field(repr=False)

    def derived(self, label: str, length: int = 32) -> dict[int, bytes]:
        """A key for one use alone, of up to 32 bytes, in every version."""
        return {version: keyed_digest(key, label)[:length] for version, key in self.versions.items()}

    def fingerprints(self) -> dict[int, str]:
        """What tells versions apart without telling anything of them."""
        return {version: key.hex()[:12] for version, key in self.derived("fingerprint").items()}


@dataclass(frozen=True, slots=True)
class Secrets:
    """All secret keys of a run."""

    keys: Mapping[KeyName, VersionedKey] = field(repr=False)
    made_for: str

    def __getitem__(self, name: KeyName) -> VersionedKey:
        return self.keys[name]


def open_secrets(settings: Settings) -> Secrets:
    """The run's secrets. Only the development profile makes them when there are none. Raises SecretsError."""
    if settings.secrets is not None:
        found = parsed(settings.secrets.get_secret_value(), "QIANMIAN_SECRETS")
    else:
        found = parsed(_text(settings), str(settings.secrets_path))
    if settings.profile == "production" and found.made_for != "production":
        raise SecretsError(
            "these keys were generated for development: make new ones with "
            "`qianmian keys create FILE` and set QIANMIAN_SECRETS_FILE"
        )
    return found


def parsed(text: str, source: str) -> Secrets:
    """Secrets as written; every fault is told at once, none with a value in it."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # The parser's own message may repeat a piece of a key.
        raise SecretsError(f"{source} is not TOML") from error
    made_for = given.pop("made_for", None)
    keys: dict[KeyName, VersionedKey] = {}
    faults = [] if made_for in {DEVELOPMENT, "production"} else ["made_for: development or production"]
    faults += [f"[{name}] is the name of no key" for name in sorted(set(given) - set(NAMES))]
    for name in NAMES:
        key, wrong = _versioned(given.get(name))
        faults += [f"[{name}] {fault}" for fault in wrong]
        if key is not None:
            keys[name] = key
    faults += _shared(keys)
    if faults:
        raise SecretsError(*(f"{source}: {fault}" for fault in faults))
    return Secrets(keys, str(made_for))


def _text(settings: Settings) -> str:
    path = settings.secrets_path
    if settings.profile == "development" and settings.secrets_file is None and not path.exists():
        create_key_file(path, DEVELOPMENT, NAMES)
    try:
        return read_key_file(path)
    except KeyFileError as error:
        raise SecretsError(str(error)) from error


def _versioned(table: Any) -> tuple[VersionedKey | None, list[str]]:
    if not isinstance(table, dict):
        return None, ["is missing"]
    versions, faults = {}, []
    for version, value in table.items():
        if version == "current":
            continue
        key = _decoded(value)
        if not version.isdecimal() or not 0 < int(version) < 2**31:
            faults.append(f"{version}: name a version by a number, from 1 on")
        elif key is None or len(key) < SHORTEST or len(set(key)) < SHORTEST // 4:
            faults.append(f"{version}: give at least {SHORTEST} random bytes in base64")
        else:
            versions[int(version)] = key
    current = table.get("current")
    if not isinstance(current, int) or current not in versions:
        faults.append("current: name one of the versions")
        return None, faults
    return VersionedKey(current, versions), faults


def _decoded(value: object) -> bytes | None:
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else None
    except binascii.Error:
        return None


def _shared(keys: Mapping[KeyName, VersionedKey]) -> Iterator[str]:
    seen: dict[bytes, str] = {}
    for name, key in keys.items():
        for version, value in key.versions.items():
            if value in seen:
                yield f"[{name}] {version}: the same as {seen[value]}"
            seen[value] = f"[{name}] {version}"
