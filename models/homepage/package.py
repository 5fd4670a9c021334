"""An enterprise's policy package out of the standings and the judgement its homepage rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from catalog.catalogue import Catalogue, Item
from catalog.support_policy import SupportPolicy
from catalog.vocabulary import Procedure
from features.schema import MaskedProfile
from models.eligibility.assessment import assess
from models.eligibility.rule_book import SubjectJudgement
from models.policy_package.candidate import Key
from models.policy_package.constraints import constraints_of
from models.policy_package.from_catalogue import Computed, candidates_of
from models.policy_package.package import PolicyPackage
from models.policy_package.recommend import Request, recommend
from models.recommendation import Assessment, Entry, Verdict, Window
from models.standing.standing import in_force, stand
from models.standing.working_days import WorkingCalendar


def package_for(
    profile: MaskedProfile,
    catalogue: Catalogue,
    judgement: SubjectJudgement,
    calendar: WorkingCalendar,
    uptake: Mapping[str, float] | None = None,
    weighed_by: str = "rules",
    entries: tuple[Entry, ...] | None = None,
    *,
    eligible_only: bool = False,
) -> PolicyPackage:
    """The best combinable set for one enterprise on the day of judgement.

    `uptake` is the learned chance by item that the firm would apply and obtain; it weighs the choice and
    admits nothing. `entries` are the profile's standings, where already known. With `eligible_only` what is
    nearly there is not gone into, which is most of the work. Raises ValueError for a profile that is no
    enterprise's.
    """
    entries = stand(profile, catalogue, judgement, calendar) if entries is None else entries
    computed = Computed(
        assessments=_assessments(profile, catalogue, judgement, eligible_only=eligible_only),
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


def _assessments(
    profile: MaskedProfile, catalogue: Catalogue, judgement: SubjectJudgement, *, eligible_only: bool
) -> dict[Key, Assessment]:
    """The assessment of what may enter a package, in force and for every scope item it ranges over."""
    verdicts = {each.id: judgement.verdicts(each.id) for each in profile.scope_items}
    return {
        (item.id, scope_item.id): assess(judgement, scope_item.id, item.id)
        for scope_item in profile.scope_items
        for item in catalogue.items_for(profile.kind, scope_item.scope)
        if _may_enter(item) and in_force(item, judgement.on)
        if not eligible_only or verdicts[scope_item.id][item.id] is Verdict.TRUE
    }


def _may_enter(item: Item) -> bool:
    """Policies, and of public services the licences and approvals."""
    return isinstance(item, SupportPolicy) or item.procedure is Procedure.LICENCE
