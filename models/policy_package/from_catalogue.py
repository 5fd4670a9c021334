"""Candidates from the catalogue's items and one enterprise's assessments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue, Item
from catalog.public_service import PublicService
from catalog.support_policy import Amount, SupportPolicy
from catalog.vocabulary import Names, Proactive, Procedure, Scope, Status, SubjectKind
from features.schema import MaskedProfile, Value
from models.policy_package.candidate import Candidate, CandidateKind, Key, Money
from models.recommendation import Assessment, Standing, Window

PERIODS = {"once": (1, "一次性", "once"), "year": (1, "每年", "a year"), "month": (12, "每月", "a month")}
"""How often an amount is paid in a year, and in words."""

UNSTATED = Names(zh="文件未载明金额", en="The text states no amount")


@dataclass(frozen=True, slots=True)
class Computed:
    """What others have computed for one enterprise, by (item, scope item)."""

    assessments: Mapping[Key, Assessment]
    windows: Mapping[Key, Window] = field(default_factory=dict)
    missing: Mapping[Key, int] = field(default_factory=dict)
    """Papers still to bring."""
    standings: Mapping[Key, Standing] = field(default_factory=dict)
    """Where known: what is done or in progress needs no advice."""
    uptake: Mapping[str, float] = field(default_factory=dict)
    """By item; 1 for items the model does not know."""


def candidates_of(
    catalogue: Catalogue, profile: MaskedProfile, computed: Computed, *, include_services: bool = True
) -> tuple[Candidate, ...]:
    """What may enter this enterprise's package: confirmed policies, and licences and approvals beside them.

    Raises ValueError for a profile that is no enterprise's.
    """
    if profile.kind is not SubjectKind.ENTERPRISE:
        raise ValueError(f"a policy package is an enterprise's, and {profile.subject} is a {profile.kind}")
    scope_items = {s.id: s for s in profile.scope_items}
    known = {key: a for key, a in sorted(computed.assessments.items()) if key[1] in scope_items}
    found = []
    for (item_id, scope_item), assessment in known.items():
        item = catalogue.items.get(item_id)
        kind = None if item is None else _kind(item)
        settled = computed.standings.get((item_id, scope_item)) in (Standing.DONE, Standing.IN_PROGRESS)
        if item is None or kind is None or settled or (kind != "support_policy" and not include_services):
            continue
        attributes = {**profile.itself.attributes, **scope_items[scope_item].attributes}
        found.append(_candidate(item, kind, assessment, attributes, computed, catalogue.attributes))
    return tuple(found)


def money_of(
    policy: SupportPolicy, attributes: Mapping[str, Value], register: Mapping[str, Attribute] | None = None
) -> Money | None:
    """What a policy brings in the first year, as its text states it; None where it is no money at all.

    What a sum is counted by is called as in the register, or by its bare name where none is given.
    """
    if policy.benefit_type == "right":
        return None
    if policy.amount is None:
        return Money(None, UNSTATED)
    counted = register[policy.amount.per].names if register and policy.amount.per else None
    return _stated(policy.amount, attributes, counted)


def _stated(amount: Amount, attributes: Mapping[str, Value], names: Names | None) -> Money:
    times, zh, en = PERIODS[amount.every]
    each = f"{amount.yuan:,.0f}"
    cap_zh = "" if amount.cap is None else f",最高{amount.cap:,.0f}元"
    cap_en = "" if amount.cap is None else f", up to {amount.cap:,.0f}"
    if amount.per is None:
        sum_ = amount.yuan * times
        words = Names(
            zh=f"{zh}{each}元{cap_zh}({amount.source})", en=f"{each} yuan {en}{cap_en} ({amount.source})"
        )
        return Money(sum_ if amount.cap is None else min(sum_, amount.cap), words)
    count, counted = attributes.get(amount.per), names or Names(amount.per, amount.per)
    if isinstance(count, bool) or not isinstance(count, int | float) or count < 0:
        words = Names(
            zh=f"{zh}{each}元×{counted.zh}(未知){cap_zh}({amount.source})",
            en=f"{each} yuan {en} x {counted.en} (unknown){cap_en} ({amount.source})",
        )
        return Money(None, words, (amount.per,))
    sum_ = amount.yuan * float(count) * times
    words = Names(
        zh=f"{zh}{each}元×{count:g}({counted.zh}){cap_zh}({amount.source})",
        en=f"{each} yuan {en} x {count:g} ({counted.en}){cap_en} ({amount.source})",
    )
    return Money(sum_ if amount.cap is None else min(sum_, amount.cap), words)


def _kind(item: Item) -> CandidateKind | None:
    """How an item may stand in a package; None for what does not belong there."""
    if item.status is not Status.CONFIRMED or item.proactive is Proactive.SEARCH_ONLY:
        return None
    if isinstance(item, SupportPolicy):
        return "support_policy"
    if item.subject is not SubjectKind.ENTERPRISE or item.procedure is not Procedure.LICENCE:
        return None
    return "project_approval" if item.scope is Scope.PROJECT else "licence"


def _candidate(
    item: Item,
    kind: CandidateKind,
    assessment: Assessment,
    attributes: Mapping[str, Value],
    computed: Computed,
    register: Mapping[str, Attribute],
) -> Candidate:
    key = (item.id, assessment.scope_item)
    window = computed.windows.get(key)
    policy = item if isinstance(item, SupportPolicy) else None
    mode = policy.apply_mode if policy is not None else "apply"
    return Candidate(
        item=item.id,
        scope_item=assessment.scope_item,
        scope=item.scope,
        kind=kind,
        category=item.theme if isinstance(item, PublicService) else item.category,
        names=item.names,
        verdict=assessment.verdict,
        money=None if policy is None else money_of(policy, attributes, register),
        apply_mode=mode,
        opens_on=None if window is None else window.opens_on,
        due_on=_last_day(item, window),
        effort=0 if mode in ("no_application", "self_declare") else computed.missing.get(key, 0),
        uptake=_uptake(policy, computed.uptake) if policy else computed.uptake.get(item.id, 1.0),
        precedence=sum(relation.prevails for relation in policy.relations) if policy else 0,
        settles=assessment.settles,
        eligible_from=assessment.eligible_from,
    )


def _uptake(policy: SupportPolicy, learned: Mapping[str, float]) -> float:
    """The chance of a policy being taken up: no less than that of one it prevails over by its own text."""
    beaten = [relation.policy for relation in policy.relations if relation.prevails]
    return max(learned.get(id_, 1.0) for id_ in (policy.id, *beaten))


def _last_day(item: Item, window: Window | None) -> dt.date | None:
    """The earlier of the window's end and the day the item itself ends."""
    ends = [window.due_on] if window is not None else []
    if item.valid_to is not None:
        ends.append(dt.date.fromisoformat(item.valid_to))
    return min(ends, default=None)
