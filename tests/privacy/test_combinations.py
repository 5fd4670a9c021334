"""However counts are added and subtracted, no few subjects are worked out from them."""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.combinations import MOST_FREE, gives_away

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
# Every way to be in or out of three sets, as cells.
CELLS = np.array(list(product((True, False), repeat=3))).T
A, B, C = CELLS
MANY = np.full(8, 1_000)


def told(*sets: Bools) -> Bools:
    return np.array(sets, dtype=np.bool_).reshape(-1, 8)


def sized(**few: int) -> Ints:
    """A thousand in every cell, less in those named: `abC` are those in c alone."""
    names = ["".join(n if i else n.lower() for n, i in zip("ABC", cell, strict=True)) for cell in CELLS.T]
    return np.array([few.get(name, 1_000) for name in names])


@pytest.mark.parametrize(
    ("before", "new"),
    [
        ([], A & ~B & ~C),
        ([A], A & (B | C)),
        ([A, A & B, A & C], A & B & C),
        ([A & B & C, A & C, A], A & B),
        ([A, B], ~(A & ~B & ~C)),
    ],
    ids=["itself", "a difference", "three subtracted from one", "in another order", "with everybody"],
)
def test_a_few_that_counts_together_tell_of_are_noticed(before: list[Bools], new: Bools) -> None:
    few = sized(Abc=4)
    for at, one in enumerate(before):
        assert not gives_away(told(*before[:at]), one, few)
    assert gives_away(told(*before), new, few)
    assert not gives_away(told(*before), new, sized())


def test_what_no_sum_tells_apart_is_no_reason_to_be_silent() -> None:
    few = sized(Abc=4, aBc=1)
    assert not gives_away(told(A, B), C, few)
    assert not gives_away(told(A), B, few)


def test_an_empty_cell_and_what_was_known_before_give_nothing_away() -> None:
    empty = sized(Abc=0)
    assert not gives_away(told(A), A & (B | C), empty)
    drifted = sized(Abc=4)
    assert not gives_away(told(A, A & (B | C)), B, drifted), "that was told when they were more"


def test_too_much_to_look_through_is_too_much() -> None:
    people = MOST_FREE + 2
    alone = np.eye(people, dtype=np.bool_)
    assert gives_away(alone[:-1], alone[-1], np.ones(people, dtype=np.int64))


@given(st.data())
def test_no_sum_of_what_may_be_told_is_a_few(data: st.DataObject) -> None:
    cells = data.draw(st.integers(2, 8))
    sizes = np.array(
        data.draw(st.lists(st.sampled_from([1, 3, 8, 9, 12, 40]), min_size=cells, max_size=cells))
    )
    asked = data.draw(st.lists(st.lists(st.booleans(), min_size=cells, max_size=cells), max_size=4))
    open_ = np.ones((0, cells), dtype=np.bool_)
    for one in np.array(asked, dtype=np.bool_).reshape(-1, cells):
        if not gives_away(open_, one, sizes):
            open_ = np.concatenate([open_, one[None, :]])
    everybody = np.concatenate([np.ones((1, cells), dtype=np.bool_), open_]).astype(np.int64)
    start = _few(everybody[:1], sizes)
    assert _few(everybody, sizes) <= start


def _few(sets: Ints, sizes: Ints) -> set[bytes]:
    """Each set of fewer than ten that some sum of these, each taken up to twice either way, comes to."""
    found = set()
    for times in product(range(-2, 3), repeat=len(sets)):
        sum_ = np.array(times) @ sets
        if sum_.min() == 0 and sum_.max() == 1 and sum_ @ sizes < 10:
            found.add(sum_.tobytes())
    return found
