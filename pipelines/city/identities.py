"""Opaque ids of subjects, scope items and records: keyed from the seed, meaning nothing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from catalog.vocabulary import SubjectKind
from pipelines.city.block import Block
from pipelines.city.randomness import Ints, opaque_ids

_PREFIX = {SubjectKind.CITIZEN: "c-", SubjectKind.ENTERPRISE: "e-"}


def subject_ids(seed: int, kind: SubjectKind, index: Ints) -> npt.NDArray[np.str_]:
    """Ids of subjects by their index in the city."""
    return opaque_ids(_PREFIX[kind], index, seed, kind)


def item_index(block: Block, rows: Ints) -> Ints:
    """A number in the whole city for rows of a block."""
    return (np.int64(block.number + 1) << 36) | rows.astype(np.int64)


def item_ids(block: Block, scope: str, rows: Ints) -> npt.NDArray[np.str_]:
    """Ids of scope items; the subject's own where the scope is self."""
    if scope == "self":
        return subject_ids(block.setting.seed, block.kind, block.first_index + rows)
    return opaque_ids("s-", item_index(block, rows), block.setting.seed, block.kind, scope)


def record_ids(block: Block, prefix: str, count: int, first: int = 0) -> npt.NDArray[np.str_]:
    """Ids of a block's records of one sort, in their order from the first."""
    return opaque_ids(
        prefix, item_index(block, np.arange(first, first + count)), block.setting.seed, block.kind, "record"
    )
