"""The context of a policy package's page, and the part of it an enterprise's homepage shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.catalogue import Catalogue
from models.policy_package.candidate import Money
from models.policy_package.package import GivenUp, NearMiss, PackageEntry, PackageGroup, PolicyPackage
from models.recommendation import Reason
from records.package_changes import Recorded
from serving.pages.cards import Reader
from serving.pages.frame import Frame
from serving.pages.offices import item_url
from serving.pages.package_changes_context import ChangeOfDay, changes_shown
from serving.wording import Mode, Words

ON_HOMEPAGE: dict[Mode, int] = {"standard": 2, "elder": 1}
"""How many entries of each group the homepage shows."""


@dataclass(frozen=True, slots=True)
class PacketLine:
    """One item of a package."""

    title: str
    url: str
    benefit: str | None
    action: str | None
    needs_application: bool
    money: str | None
    counted: str | None
    due: str | None
    papers: str | None
    reasons: tuple[str, ...]
    remark: str | None


@dataclass(frozen=True, slots=True)
class PacketGroup:
    """The items of one category."""

    id: str
    title: str
    lines: tuple[PacketLine, ...]
    count: str


@dataclass(frozen=True, slots=True)
class PackageSummary:
    """A package as the homepage tells it."""

    groups: tuple[PacketGroup, ...]
    total: str
    all_url: str


@dataclass(frozen=True, slots=True)
class PackageContext:
    """What package.html is rendered from."""

    t: Words
    frame: Frame
    home_url: str
    groups: tuple[PacketGroup, ...]
    total: str
    papers: str | None
    given_up: tuple[PacketLine, ...]
    near_misses: tuple[PacketLine, ...]
    weighed_by: str
    changes: tuple[ChangeOfDay, ...] = ()


def package_context(
    package: PolicyPackage,
    catalogue: Catalogue,
    reader: Reader,
    page_frame: Frame,
    news: Iterable[Recorded] = (),
) -> PackageContext:
    """A policy package in the reader's words, and what changed of it lately."""
    words = reader.words
    weighed = package.weighed_by
    return PackageContext(
        t=words,
        frame=page_frame,
        home_url=reader.home_url,
        groups=tuple(_group(group, None, catalogue, reader) for group in package.groups),
        total=words.name(package.total.text),
        papers=words("package.papers", n=package.papers) if package.papers else None,
        given_up=tuple(_given_up(left, catalogue, reader) for left in package.given_up),
        near_misses=tuple(_near_miss(miss, catalogue, reader) for miss in package.near_misses),
        weighed_by=words("package.weighed_by_rules")
        if weighed == "rules"
        else words("package.weighed_by_model", model=weighed),
        changes=changes_shown(news, catalogue, reader),
    )


def package_summary(package: PolicyPackage, catalogue: Catalogue, reader: Reader) -> PackageSummary | None:
    """The first of each group, for the homepage; None for an empty package."""
    if not package.groups:
        return None
    room = ON_HOMEPAGE[reader.mode]
    return PackageSummary(
        groups=tuple(_group(group, room, catalogue, reader) for group in package.groups),
        total=reader.words.name(package.total.text),
        all_url=f"{reader.home_url}/policy-package",
    )


def _group(group: PackageGroup, room: int | None, catalogue: Catalogue, reader: Reader) -> PacketGroup:
    return PacketGroup(
        id=f"package-{group.category}",
        title=reader.words.name(group.names),
        lines=tuple(_line(entry, catalogue, reader) for entry in group.entries[:room]),
        count=reader.words("section.count", n=len(group.entries)),
    )


def _line(entry: PackageEntry, catalogue: Catalogue, reader: Reader) -> PacketLine:
    words = reader.words
    return PacketLine(
        title=words.name(entry.names),
        url=item_url(catalogue.items[entry.item], reader.ref, entry.scope_item),
        benefit=_benefit(entry.item, catalogue, words),
        action=words.name(entry.action.text),
        needs_application=entry.action.needs_application,
        money=_money(entry.money, words),
        counted=None if entry.money is None or entry.money.yuan is None else _counted(entry, words),
        due=None
        if entry.due_on is None
        else words("card.due_right", date=words.day(entry.due_on, reader.on)),
        papers=words("package.papers", n=entry.papers) if entry.papers else None,
        reasons=(),
        remark=_combining(entry, catalogue, words),
    )


def _combining(entry: PackageEntry, catalogue: Catalogue, words: Words) -> str | None:
    """What texts say, and do not say, of enjoying an entry together with the others."""
    said = []
    if entry.combinable_with:
        said.append(words("package.combines", names=_titles(entry.combinable_with, catalogue, words)))
    if entry.in_total and entry.not_confirmed_with:
        said.append(words("package.not_confirmed", names=_titles(entry.not_confirmed_with, catalogue, words)))
    elif entry.not_confirmed_with:
        said.append(words("package.not_confirmed_with", n=len(entry.not_confirmed_with)))
    return words("list.semicolon").join(said) or None


def _counted(entry: PackageEntry, words: Words) -> str:
    return words("package.in_total" if entry.in_total else "package.not_in_total")


def _given_up(left: GivenUp, catalogue: Catalogue, reader: Reader) -> PacketLine:
    instead = _titles(left.chosen_instead, catalogue, reader.words)
    remark = reader.words("package.instead", names=instead) if left.chosen_instead else None
    return _aside(left, left.reasons, remark, catalogue, reader)


def _near_miss(miss: NearMiss, catalogue: Catalogue, reader: Reader) -> PacketLine:
    return _aside(miss, (miss.reason,), _closing(miss, catalogue, reader), catalogue, reader)


def _closing(miss: NearMiss, catalogue: Catalogue, reader: Reader) -> str | None:
    """What is to be told: one of the smallest sets, the one that asks for no consent where there is one."""
    if not miss.settles:
        return None
    names = min(miss.settles, key=lambda one: (len(one & reader.withheld), sorted(one)))
    wanted = tuple(reader.wanted(name, catalogue) for name in sorted(names))
    return reader.words("package.tell", names=reader.words.listed(wanted))


def _aside(
    left: GivenUp | NearMiss,
    reasons: tuple[Reason, ...],
    remark: str | None,
    catalogue: Catalogue,
    reader: Reader,
) -> PacketLine:
    return PacketLine(
        title=reader.words.name(left.names),
        url=item_url(catalogue.items[left.item], reader.ref, left.scope_item),
        benefit=_benefit(left.item, catalogue, reader.words),
        action=None,
        needs_application=False,
        money=_money(left.money, reader.words),
        counted=None,
        due=None,
        papers=None,
        reasons=tuple(reader.words.name(reason.text) for reason in reasons),
        remark=remark,
    )


def _money(money: Money | None, words: Words) -> str | None:
    """How a known sum came about; that others are unknown is told once, with the total."""
    return None if money is None or money.yuan is None else words.name(money.derivation)


def _benefit(item: str, catalogue: Catalogue, words: Words) -> str | None:
    policy = catalogue.support_policies.get(item)
    return None if policy is None else words.name(policy.benefit)


def _titles(items: tuple[str, ...], catalogue: Catalogue, words: Words) -> str:
    return words.listed(tuple(words.name(catalogue.items[item].names) for item in items))
