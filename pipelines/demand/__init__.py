"""How much each public service will be asked for in the weeks ahead, and how well that was told before."""

from pipelines.demand.run import DemandReport, forecast_demand

__all__ = ["DemandReport", "forecast_demand"]
