"""A fitted affinity made small enough for a whole city, and kept on disk as plain arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
from scipy import linalg

from models.affinity.dataset import Features, Floats, Interactions, SubjectBatch
from models.affinity.inputs import InputEncoder
from models.affinity.linear import LinearAffinity, LinearBlock, frozen
from models.artifact import (
    QUESTIONS,
    ArtifactError,
    Manifest,
    asked,
    load_artifact,
    require_golden,
    save_artifact,
    weight_of,
)

KIND: Final = "affinity.linear.1"
MOST_DIMENSIONS: Final = 128


class _BlockForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    encoder: InputEncoder
    factors: str
    projection: str | None


class _Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    items: tuple[str, ...]
    blocks: tuple[_BlockForm, ...]


def compact(
    fitted: LinearAffinity, sample: SubjectBatch, *, dimensions: int = MOST_DIMENSIONS
) -> LinearAffinity:
    """The same affinity in few dimensions: the ones in which the sample's scores differ most.

    What every item shares shifts a subject's scores without changing an order, and is dropped first.
    """
    if not 1 <= dimensions <= MOST_DIMENSIONS:
        raise ValueError(f"dimensions: {dimensions}, wanted 1 to {MOST_DIMENSIONS}")
    if not fitted.blocks:
        return fitted
    shared = _directions(fitted, sample, dimensions)
    factors = frozen(shared.T)
    blocks = []
    for block in fitted.blocks:
        onto = _centred(block.factors) @ shared
        projection = onto if block.projection is None else block.projection @ onto
        blocks.append(LinearBlock(block.encoder, factors, frozen(projection)))
    return LinearAffinity(fitted.items, tuple(blocks), fitted.bias)


def _directions(fitted: LinearAffinity, sample: SubjectBatch, dimensions: int) -> npt.NDArray[np.float64]:
    """(items, dimensions) orthonormal: the main axes of the sample's scores between items."""
    personal = LinearAffinity(fitted.items, fitted.blocks, frozen(np.zeros(len(fitted.items))))
    spread = _centred(personal.scores(sample))
    gram = spread.T @ spread
    most = min(dimensions, len(gram))
    _, axes = linalg.eigh(gram, subset_by_index=[len(gram) - most, len(gram) - 1])
    return np.asarray(axes[:, ::-1], dtype=np.float64)


def _centred(rows: Floats) -> npt.NDArray[np.float64]:
    """Rows less their own mean over items."""
    wide = rows.astype(np.float64)
    return np.asarray(wide - wide.mean(axis=1, keepdims=True))


def save_affinity(folder: Path, fitted: LinearAffinity, manifest: Manifest) -> None:
    """Write the form and its manifest (whose `kind` must be KIND)."""
    arrays: dict[str, npt.NDArray[Any]] = {"bias": fitted.bias}
    names: dict[int, str] = {}
    forms = []
    for at, block in enumerate(fitted.blocks):
        factors = names.setdefault(id(block.factors), f"factors_{at}")
        arrays[factors] = block.factors
        projection = None if block.projection is None else f"projection_{at}"
        if projection is not None and block.projection is not None:
            arrays[projection] = block.projection
        forms.append(_BlockForm(block.encoder, factors, projection))
    save_artifact(folder, manifest, _Form(fitted.items, tuple(forms)), arrays, answers(fitted))


def load_affinity(folder: Path) -> tuple[LinearAffinity, Manifest]:
    """Read a form back; raises ArtifactError when the files or the shapes are not what they should be."""
    artifact = load_artifact(folder, KIND)
    try:
        form = msgspec.convert(artifact.specification, _Form)
        arrays = artifact.arrays
        blocks = tuple(
            LinearBlock(
                each.encoder,
                arrays[each.factors],
                None if each.projection is None else arrays[each.projection],
            )
            for each in form.blocks
        )
        fitted = LinearAffinity(form.items, blocks, arrays["bias"])
    except (msgspec.ValidationError, KeyError) as wrong:
        raise ArtifactError("schema", folder, f"not a linear affinity: {wrong}") from wrong
    _check_shapes(folder, fitted)
    require_golden(folder, artifact.golden, answers(fitted))
    return fitted, artifact.manifest


def answers(fitted: LinearAffinity) -> tuple[float, ...]:
    """To the fixed questions, with and without a history: its scores, summed over items by their names."""
    weights = np.array([weight_of(name) for name in fitted.items])
    scores = fitted.scores(_questions(fitted)).astype(np.float64)
    return tuple((scores @ weights / max(float(weights.sum()), 1e-9)).tolist())


def _questions(fitted: LinearAffinity) -> SubjectBatch:
    """Subjects of whom the features and the history are told that each question names."""
    encoders = [block.encoder for block in fitted.blocks]
    features = {name for encoder in encoders for name in encoder.features}
    features |= {name for encoder in encoders for product in encoder.products for name in product}
    items = tuple(sorted({name for encoder in encoders for name in encoder.history}))
    place = {name: at for at, name in enumerate(items)}
    taken = [(who, place[name]) for who, names in enumerate(asked(items)) for name in names]
    who, what = (np.array([pair[side] for pair in taken], dtype=np.int64) for side in (0, 1))
    knots = [day for encoder in encoders for day in encoder.knots] or [0.0]
    return SubjectBatch(
        Features.from_indicators([*asked(features), *asked(features)]),
        Interactions.of(who, what, np.ones(len(taken))) if taken else Interactions.none(),
        items,
        np.linspace(min(knots), max(knots), 2 * QUESTIONS),
    )


def _check_shapes(folder: Path, fitted: LinearAffinity) -> None:
    items = len(fitted.items)
    if fitted.bias.shape != (items,):
        raise ArtifactError("schema", folder, f"bias has shape {fitted.bias.shape} for {items} items")
    for at, block in enumerate(fitted.blocks):
        width = block.encoder.width
        inner = width if block.projection is None else block.projection.shape[1]
        fits = block.factors.shape == (inner, items)
        if not fits or (block.projection is not None and block.projection.shape[0] != width):
            raise ArtifactError("schema", folder, f"block {at} does not fit its inputs and items")
