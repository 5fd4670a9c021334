"""From candidates to the package an enterprise reads."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from catalog.support_policy import ApplyMode
from catalog.vocabulary import Names
from models.policy_package.candidate import Candidate, Key
from models.policy_package.constraints import Combinability, Constraints
from models.policy_package.explain import given_up, near_misses
from models.policy_package.obstacles import Obstacles
from models.policy_package.optimise import optimise
from models.policy_package.package import CallToAction, PackageEntry, PackageGroup, PolicyPackage, Total
from models.policy_package.total import ConfirmedSum, confirmed_sum
from models.recommendation import Reason

ACTIONS: Final[Mapping[ApplyMode, CallToAction]] = {
    "apply": CallToAction("apply", True, Names(zh="去申报", en="Apply")),
    "file": CallToAction("file", True, Names(zh="办理备案", en="File for the record")),
    "self_declare": CallToAction(
        "self_declare",
        False,
        Names(zh="无需申请,申报时自行享受", en="No application needed: claim it in your return"),
    ),
    "no_application": CallToAction(
        "no_application", False, Names(zh="免申即享,无需申请", en="No application needed: it comes by itself")
    ),
}


@dataclass(frozen=True, slots=True)
class Request:
    """Whose package, of which day and catalogue, and how it is presented."""

    enterprise: str
    on: dt.date
    catalogue_version: str
    categories: Mapping[str, Names]
    """The catalogue's categories in page order; a candidate's category must be one of them."""
    weighed_by: str = "rules"
    near_misses: int = 10


def recommend(candidates: Iterable[Candidate], constraints: Constraints, request: Request) -> PolicyPackage:
    """The best package, with what it brings, what was given up for what, and what is nearly there.

    Raises KeyError for a category the request does not name, and as `optimise` does.
    """
    every = sorted(candidates, key=lambda c: c.key)
    selection = optimise(every, constraints, request.on)
    confirmed = confirmed_sum(selection.chosen, constraints)
    counted = frozenset(c.key for c in confirmed.counted)
    obstacles = Obstacles(selection.chosen, constraints, request.on)
    return PolicyPackage(
        enterprise=request.enterprise,
        on=request.on,
        catalogue_version=request.catalogue_version,
        groups=_groups(selection.chosen, constraints, counted, request),
        total=_total(selection.chosen, confirmed),
        papers=selection.effort,
        given_up=given_up(every, selection.chosen, obstacles, request.on),
        near_misses=near_misses(every, obstacles, request.on, request.near_misses),
        weighed_by=request.weighed_by,
    )


def _groups(
    chosen: Sequence[Candidate], constraints: Constraints, counted: frozenset[Key], request: Request
) -> tuple[PackageGroup, ...]:
    order = {category: i for i, category in enumerate(request.categories)}
    others = tuple(sorted({c.item for c in chosen}))
    grouped: dict[str, list[Candidate]] = {}
    for candidate in sorted(chosen, key=lambda c: (order[c.category], *_page_order(c))):
        grouped.setdefault(candidate.category, []).append(candidate)
    return tuple(
        PackageGroup(
            category,
            request.categories[category],
            tuple(_entry(c, others, constraints, c.key in counted) for c in members),
        )
        for category, members in grouped.items()
    )


def _page_order(candidate: Candidate) -> tuple[dt.date, float, str, str]:
    yuan = candidate.money.yuan if candidate.money is not None else None
    return (candidate.due_on or dt.date.max, -(yuan or 0.0), *candidate.key)


def _entry(
    candidate: Candidate, others: tuple[str, ...], constraints: Constraints, in_total: bool
) -> PackageEntry:
    """The entry of a candidate chosen beside (itself and) these items, which are in order."""
    told = {item: pair for item, pair in constraints.said_of(candidate.item).items() if _held(others, item)}
    combines = (i for i, pair in told.items() if pair.combinability is Combinability.COMBINABLE)
    action = ACTIONS[candidate.apply_mode]
    return PackageEntry(
        item=candidate.item,
        scope_item=candidate.scope_item,
        kind=candidate.kind,
        names=candidate.names,
        money=candidate.money,
        in_total=in_total,
        combinable_with=tuple(sorted(combines)),
        not_confirmed_with=_without(others, {candidate.item, *told}),
        opens_on=candidate.opens_on,
        due_on=candidate.due_on,
        papers=candidate.effort,
        uptake=candidate.uptake,
        action=action,
        reasons=tuple(_reasons(candidate, action)),
    )


def _held(items: tuple[str, ...], item: str) -> bool:
    """Whether sorted items hold one."""
    at = bisect_left(items, item)
    return at < len(items) and items[at] == item


def _without(items: tuple[str, ...], left_out: Collection[str]) -> tuple[str, ...]:
    """Sorted items less some of them: slices, since hundreds of items make tens of thousands of pairs."""
    rest: tuple[str, ...] = ()
    start = 0
    for at in sorted(bisect_left(items, item) for item in left_out):
        rest, start = rest + items[start:at], at + 1
    return rest + items[start:]


def _reasons(candidate: Candidate, action: CallToAction) -> Iterable[Reason]:
    yield Reason("eligible", Names(zh="符合全部条件", en="All conditions are met"))
    if candidate.money is not None:
        yield Reason(
            "amount" if candidate.money.yuan is not None else "amount_unknown", candidate.money.derivation
        )
    if not action.needs_application:
        yield Reason(action.mode, action.text)


def _total(chosen: Sequence[Candidate], confirmed: ConfirmedSum) -> Total:
    paying = [c for c in chosen if c.money is not None]
    known = [c for c in paying if c.money is not None and c.money.yuan is not None]
    unknown = len(paying) - len(known)
    counted = {c.key for c in confirmed.counted}
    yuan = confirmed.yuan if known else None
    apart = sorted({c.item for c in known if c.key not in counted})
    return Total(
        yuan=yuan,
        counted=tuple(sorted({c.item for c in confirmed.counted})),
        not_summed=tuple(apart),
        unknown=unknown,
        text=_total_text(yuan, len(apart), unknown),
    )


def _total_text(yuan: float | None, not_summed: int, unknown: int) -> Names:
    """Never a zero for what is unknown, and never more than what texts confirm."""
    zh, en = [], []
    if yuan is not None:
        zh.append(f"首年至少{yuan:,.0f}元")
        en.append(f"at least {yuan:,.0f} yuan in the first year")
    if not_summed:
        zh.append(f"另有{not_summed}项金额已知,能否叠加未经确认,未计入")
        en.append(f"{not_summed} more of known amount, not added because combining is not confirmed")
    if unknown:
        zh.append(f"另有{unknown}项金额未知" if zh else f"{unknown}项金额未知")
        en.append(f"plus {unknown} of unknown amount" if en else f"{unknown} of unknown amount")
    return Names(zh=";".join(zh) or "没有涉及金额的项目", en="; ".join(en) or "nothing that brings money")
