"""Campaigns: audiences counted, stages sent, and what came of them."""

from pipelines.campaign.run import CampaignReport, work_on_campaigns

__all__ = ["CampaignReport", "work_on_campaigns"]
