"""Invitations (预约用户): what is proposed to whom for which day, told once, and what comes of it."""

from pipelines.invite.let import Skip
from pipelines.invite.report import invitation_rates
from pipelines.invite.run import InviteReport, invite

__all__ = ["InviteReport", "Skip", "invitation_rates", "invite"]
