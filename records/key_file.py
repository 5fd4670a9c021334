"""The file secret keys lie in: made whole, for its owner's eyes only, and replaced in one step."""

from __future__ import annotations

import base64
import os
import secrets
import stat
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

_TITLE = "# Secret keys of Qianmian. Whoever reads this file reads everything. Never commit or mail it."


class KeyFileError(ValueError):
    """A key file that is not there, or that others can read."""


def create_key_file(path: Path, made_for: str, names: Iterable[str]) -> bool:
    """Make a file with a first version of each key; False, and nothing changed, when one is there."""
    fresh = {name: (1, {1: secrets.token_bytes(32)}) for name in names}
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path, made_for, fresh)
    try:
        # A link is refused where a file is: two processes starting at once agree on one.
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def replace_key_file(path: Path, made_for: str, keys: Mapping[str, tuple[int, Mapping[int, bytes]]]) -> None:
    """Put other keys (current version, all versions) in the file's place, whole or not at all."""
    draft = _draft(path, made_for, keys)
    try:
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read_key_file(path: Path) -> str:
    """The file's text. KeyFileError when it is missing, or when other users of the machine can read it."""
    try:
        mode = path.stat().st_mode
        text = path.read_text("utf-8")
    except OSError as error:
        raise KeyFileError(
            f"cannot read the secret keys at {path} ({error.strerror}): make them with "
            "`qianmian keys create FILE` and name the file in QIANMIAN_SECRETS_FILE"
        ) from error
    if mode & (stat.S_IRWXO | stat.S_IWGRP):
        raise KeyFileError(f"others can read or change {path}: run `chmod 600` on it, and consider it known")
    return text


def _draft(path: Path, made_for: str, keys: Mapping[str, tuple[int, Mapping[int, bytes]]]) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # readable by its owner alone
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(_written(made_for, keys))
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def _written(made_for: str, keys: Mapping[str, tuple[int, Mapping[int, bytes]]]) -> str:
    lines = [_TITLE, f'made_for = "{made_for}"']
    for name, (current, versions) in keys.items():
        lines += ["", f"[{name}]", f"current = {current}"]
        lines += [f'{n} = "{base64.b64encode(key).decode()}"' for n, key in sorted(versions.items())]
    return "\n".join(lines) + "\n"
