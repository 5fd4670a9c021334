"""Sparse matrices in float32, made in one place: the stubs of SciPy refuse most ways of making them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse as scipy_sparse

_sparse: Any = scipy_sparse
Csr: TypeAlias = Any
"""A `scipy.sparse.csr_array` of float32."""


def csr(matrix: Any, *, copy: bool = False) -> Csr:
    """Any matrix as rows."""
    return _sparse.csr_array(matrix, dtype=np.float32, copy=copy)


def csr_of_cells(
    values: npt.ArrayLike, row: npt.ArrayLike, column: npt.ArrayLike, shape: tuple[int, int]
) -> Csr:
    """Rows from single cells; cells given twice are summed."""
    cells = _sparse.csr_array((values, (row, column)), shape=shape, dtype=np.float32)
    cells.sum_duplicates()
    return cells


def empty(rows: int, columns: int) -> Csr:
    """Nothing but zeros."""
    return _sparse.csr_array((rows, columns), dtype=np.float32)


def beside(blocks: Sequence[Csr]) -> Csr:
    """Blocks of the same rows, left to right."""
    return csr(_sparse.hstack(list(blocks), format="csr", dtype=np.float32))


def scaled(rows: Csr, by: npt.NDArray[np.floating]) -> Csr:
    """Each row times its own number."""
    return csr(_sparse.diags_array(by.astype(np.float32)) @ rows)


def scaled_columns(rows: Csr, by: npt.NDArray[np.floating]) -> Csr:
    """Each column times its own number."""
    return csr(rows @ _sparse.diags_array(by.astype(np.float32)))


def identity(size: int) -> Csr:
    """Ones on the diagonal."""
    return csr(_sparse.eye_array(size, dtype=np.float32))


def presence(rows: Csr) -> Csr:
    """One wherever there is anything."""
    there = rows.copy()
    there.data = np.ones_like(there.data)
    return there


def row_sums(rows: Csr) -> npt.NDArray[np.float64]:
    """The sum of each row."""
    return np.asarray(rows.sum(axis=1), dtype=np.float64).ravel()


def column_sums(rows: Csr) -> npt.NDArray[np.float64]:
    """The sum of each column."""
    return np.asarray(rows.sum(axis=0), dtype=np.float64).ravel()


def dense(rows: Csr) -> npt.NDArray[np.float64]:
    """All cells, zeros too."""
    return np.asarray(rows.toarray(), dtype=np.float64)
