"""Learned models on disk: plain arrays and a manifest that says whose they are, checked on loading."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import shutil
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

MANIFEST: Final = "manifest.json"
ARRAYS: Final = "arrays.npz"
QUESTIONS: Final = 4
"""Fixed questions put to a model before it is stored, and again when it is loaded."""
CLOSE: Final = 1e-4
"""How far an answer may be from the one stored, in parts of it: machines round differently."""


class ArtifactError(ValueError):
    """An artefact that must not be used; `code` is missing, checksum, schema, values or golden."""

    def __init__(self, code: str, folder: Path, detail: str) -> None:
        self.code = code
        super().__init__(f"{folder.name}: {detail}")


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a model is, what it was made from, and how well it did."""

    name: str
    version: str
    kind: str
    """The schema of the arrays and the specification, such as `affinity.linear.1`."""
    catalogue_version: str
    feature_service: str
    commit: str
    """The revision of the code that trained it."""
    trained_to: dt.date
    """The last day whose data it saw."""
    metrics: dict[str, float]


class _Sealed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The manifest file: the manifest, the model's specification, and the checksum of all and the arrays."""

    manifest: Manifest
    specification: msgspec.Raw
    arrays_sha256: str
    seal_sha256: str
    golden: tuple[float, ...] = ()
    """What the model that was learned answers to the fixed questions."""


class Artifact(msgspec.Struct, frozen=True):
    """A loaded artefact: read-only arrays by name, the specification they are read by, the golden answers."""

    manifest: Manifest
    specification: Any
    arrays: dict[str, npt.NDArray[Any]]
    golden: tuple[float, ...]


def asked(names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """The fixed questions: which of these names each tells of. By the names alone, whatever their order."""
    found: tuple[list[str], ...] = tuple([] for _ in range(QUESTIONS))
    for name in sorted(set(names)):
        found[zlib.crc32(name.encode()) % QUESTIONS].append(name)
    return tuple(tuple(each) for each in found)


def weight_of(name: str) -> float:
    """A weight of its own for each name, above 0 and at most 1: a sum by it tells one name from another."""
    return (zlib.crc32(name.encode()) // QUESTIONS % 997 + 1) / 997


def require_golden(folder: Path, golden: Sequence[float], answers: Sequence[float]) -> None:
    """That a loaded model answers as the one that was learned did.

    Raises ArtifactError (golden): names and numbers may fit each other in shape and not in order.
    """
    if not golden:
        raise ArtifactError("golden", folder, "holds no answers to the fixed questions: train it again")
    stored, found = np.asarray(golden, dtype=np.float64), np.asarray(answers, dtype=np.float64)
    if stored.shape != found.shape or not np.allclose(found, stored, rtol=CLOSE, atol=CLOSE):
        raise ArtifactError("golden", folder, "does not answer the fixed questions as the learned model did")


def save_artifact(
    folder: Path,
    manifest: Manifest,
    specification: object,
    arrays: Mapping[str, npt.NDArray[Any]],
    golden: Sequence[float] = (),
) -> None:
    """Write beside the target and move into place, so that a reader sees all of it or nothing.

    `golden` is what the model answers to the fixed questions. Raises ArtifactError (values) for an array
    that is not finite numbers.
    """
    for name, array in arrays.items():
        _require_finite(folder, name, array)
    packed = io.BytesIO()
    np.savez(packed, **dict(sorted(arrays.items())))  # type: ignore[arg-type]
    arrays_sha256 = hashlib.sha256(packed.getvalue()).hexdigest()
    written = msgspec.Raw(msgspec.json.encode(specification))
    answers = tuple(float(answer) for answer in golden)
    seal = _seal(manifest, written, arrays_sha256, answers)
    sealed = _Sealed(manifest, written, arrays_sha256, seal, answers)
    beside = folder.with_name(folder.name + ".new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    (beside / ARRAYS).write_bytes(packed.getvalue())
    (beside / MANIFEST).write_bytes(msgspec.json.encode(sealed))
    shutil.rmtree(folder, ignore_errors=True)
    beside.rename(folder)


def load_artifact(folder: Path, kind: str) -> Artifact:
    """Read, check the checksums, the kind and every value; raises ArtifactError otherwise."""
    try:
        sealed_bytes, array_bytes = (folder / MANIFEST).read_bytes(), (folder / ARRAYS).read_bytes()
    except OSError as missing:
        raise ArtifactError("missing", folder, f"{MANIFEST} or {ARRAYS} cannot be read") from missing
    try:
        sealed = msgspec.json.decode(sealed_bytes, type=_Sealed)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise ArtifactError("schema", folder, f"{MANIFEST} is not a manifest: {wrong}") from wrong
    if hashlib.sha256(array_bytes).hexdigest() != sealed.arrays_sha256:
        raise ArtifactError("checksum", folder, f"{ARRAYS} is not the file that was saved")
    seal = _seal(sealed.manifest, sealed.specification, sealed.arrays_sha256, sealed.golden)
    if seal != sealed.seal_sha256:
        raise ArtifactError("checksum", folder, f"{MANIFEST} is not as it was saved")
    if sealed.manifest.kind != kind:
        raise ArtifactError("schema", folder, f"holds {sealed.manifest.kind}, wanted {kind}")
    arrays = _arrays(folder, array_bytes)
    return Artifact(sealed.manifest, msgspec.json.decode(sealed.specification), arrays, sealed.golden)


def _arrays(folder: Path, packed: bytes) -> dict[str, npt.NDArray[Any]]:
    try:
        with np.load(io.BytesIO(packed), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (ValueError, zipfile.BadZipFile) as wrong:
        raise ArtifactError("schema", folder, f"{ARRAYS} holds something other than plain arrays") from wrong
    for name, array in arrays.items():
        _require_finite(folder, name, array)
        array.setflags(write=False)
    return arrays


def _require_finite(folder: Path, name: str, array: npt.NDArray[Any]) -> None:
    if array.dtype.kind not in "fiub":
        raise ArtifactError("values", folder, f"array {name} has type {array.dtype}, not numbers")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ArtifactError("values", folder, f"array {name} holds NaN or infinity")


def _seal(
    manifest: Manifest, specification: msgspec.Raw, arrays_sha256: str, golden: tuple[float, ...]
) -> str:
    parts = [msgspec.json.encode(manifest), bytes(specification), arrays_sha256.encode()]
    if golden:  # what was stored before there were answers is sealed without
        parts.append(msgspec.json.encode(golden))
    return hashlib.sha256(b"\n".join(parts)).hexdigest()
