"""Erasure: one subject out of every store, with a receipt for each, and a log that a restore replays."""

from records.erasure.carry_out import Erasing, Receipt, erase
from records.erasure.log import ErasureLog
from records.erasure.replay import replay

__all__ = ["Erasing", "ErasureLog", "Receipt", "erase", "replay"]
