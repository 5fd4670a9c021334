"""An enterprise's policy package out of the standings and the judgement its homepage rests on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from catalog.catalogue import Catalogue
from features.schema import MaskedProfile
from models.policy_package.candidate import Key
from models.policy_package.constraints import constraints_of
from models.policy_package.from_catalogue import Computed, candidates_of
from models.policy_package.package import PolicyPackage
from models.policy_package.recommend import Request, recommend
from models.recommendation import Assessment, Entry, Judgement, Verdict, Window
from models.standing.standing import in_force, stand
from models.standing.working_days import WorkingCalendar

HORIZON = dt.timedelta(days=180)
"""How far ahead a near miss may come true by time alone."""


def package_for(
    profile: MaskedProfile,
    catalogue: Catalogue,
    judgement: Judgement,
    calendar: WorkingCalendar,
    uptake: Mapping[str, float] | None = None,
    weighed_by: str = "rules",
) -> PolicyPackage:
    """The best combinable set for one enterprise on the day of judgement.

    `uptake` is the learned chance by item that the firm would apply and obtain; it weighs the choice and
    admits nothing. Raises ValueError for a profile that is no enterprise's.
    """
    entries = stand(profile, catalogue, judgement, calendar)
    computed = Computed(
        assessments=_assessments(profile, catalogue, judgement),
        windows=_windows(entries),
        missing={_key(e): len(e.missing) for e in entries},
        standings={_key(e): e.standing for e in entries},
        uptake=uptake or {},
    )
    request = Request(
        enterprise=profile.subject,
        on=judgement.on,
        catalogue_version=catalogue.version,
        categories={id: theme.names for id, theme in catalogue.themes.items()},
        weighed_by=weighed_by,
    )
    candidates = candidates_of(catalogue, profile, computed)
    return recommend(candidates, constraints_of(catalogue.support_policies.values()), request)


def _key(entry: Entry) -> Key:
    return (entry.item, entry.scope_item)


def _windows(entries: Iterable[Entry]) -> dict[Key, Window]:
    return {
        _key(e): Window(e.cycle, e.opens_on, e.due_on, e.provisional)
        for e in entries
        if e.opens_on is not None and e.due_on is not None
    }


def _assessments(profile: MaskedProfile, catalogue: Catalogue, judgement: Judgement) -> dict[Key, Assessment]:
    """The assessment of every item in force, for every scope item it ranges over."""
    found: dict[Key, Assessment] = {}
    for scope_item in profile.scope_items:
        verdicts = judgement.verdicts(scope_item.id)
        for item in catalogue.items_for(profile.kind, scope_item.scope):
            if in_force(item, judgement.on):
                found[item.id, scope_item.id] = _assessment(
                    scope_item.id, item.id, verdicts[item.id], judgement
                )
    return found


def _assessment(scope_item: str, item: str, verdict: Verdict, judgement: Judgement) -> Assessment:
    settles: tuple[frozenset[str], ...] = ()
    eligible_from = None
    if verdict is Verdict.UNKNOWN:
        settles = (frozenset(judgement.unknown(scope_item, item)),)
    elif verdict is Verdict.FALSE:
        eligible_from = judgement.eligible_from(scope_item, item, judgement.on + HORIZON)
    return Assessment(scope_item, item, judgement.on, verdict, (), settles, eligible_from)
