"""Other orders of the pages that were shown, judged from the log of what became of them."""

from pipelines.off_policy.run import OffPolicyReport, judge_off_policy

__all__ = ["OffPolicyReport", "judge_off_policy"]
