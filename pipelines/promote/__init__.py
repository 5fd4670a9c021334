"""Promotion through gates, and the way back."""

from pipelines.promote.champion_folder import NothingToRestore
from pipelines.promote.promotion import Decision, PromoteReport, promote

__all__ = ["Decision", "NothingToRestore", "PromoteReport", "promote"]
