"""A deliverer for a process of its own, to be killed at any moment."""

from __future__ import annotations

from typing import Any

from records.database import engine_for
from serving.delivery.deliverer import Deliverer
from serving.delivery.settings import DeliverySettings
from tests.records.audits import secrets_for_tests


def deliver_until_killed(given: dict[str, Any]) -> None:
    """Deliver with these settings."""
    settings = DeliverySettings(**given)
    Deliverer(settings, engine_for(settings.records_url), secrets_for_tests()).run()
