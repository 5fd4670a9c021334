"""Which named features each model version trains on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from feast import FeatureService, FeatureView

from features.views import BEHAVIOUR, STATISTICS

SERVICES: Final[dict[str, tuple[str, ...]]] = {
    "affinity_v1": ("citizen_traits", BEHAVIOUR, STATISTICS),
    "life_event_v1": ("citizen_traits", BEHAVIOUR),
    "policy_package_v1": ("enterprise_traits",),
}
"""The views of each feature service; a new set of features is a new version."""


def build_services(views: Iterable[FeatureView]) -> list[FeatureService]:
    """The feature services over those of their views that this catalogue defines."""
    named = {view.name: view for view in views}
    services = []
    for name, wanted in SERVICES.items():
        held = [named[view] for view in wanted if view in named]
        if held:
            services.append(FeatureService(name=name, features=held))
    return services
