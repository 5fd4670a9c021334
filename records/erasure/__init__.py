"""Erasure: one subject out of every store, with a receipt for each, and a log that a restore replays."""

from records.erasure.carry_out import Erasing, Receipt, erase
from records.erasure.log import ErasureLog
from records.erasure.replay import replay
from records.erasure.returned import Erased, erased_by, erasing_for, is_restored

__all__ = [
    "Erased",
    "Erasing",
    "ErasureLog",
    "Receipt",
    "erase",
    "erased_by",
    "erasing_for",
    "is_restored",
    "replay",
]
