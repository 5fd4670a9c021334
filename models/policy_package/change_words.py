"""A change of a policy package in plain words, short enough for a message."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from catalog.vocabulary import Names
from models.policy_package.change import PackageChange
from models.recommendation import Reason

NAMED = 2
"""Items that are called by their names; of more, only how many there are is said."""
CODE = "package_changed"


def title(change: PackageChange) -> Names:
    """How many items came, went and changed."""
    zh, en = [], []
    for count, word, said in (
        (len(change.added), "新增", "added"),
        (len(change.lost), "减少", "gone"),
        (len(change.altered), "变化", "changed"),
    ):
        if count:
            zh.append(f"{word}{count}项")
            en.append(f"{count} {said}")
    return Names(zh="，".join(zh), en=", ".join(en))


def reason(change: PackageChange) -> Reason:
    """What came and went by name, yuan more or less where both totals are known, and until when to apply."""
    zh = [*_named_zh("新增", [held.names.zh for held in change.added])]
    zh += _named_zh("不再包含", [lost.was.names.zh for lost in change.lost])
    zh += _named_zh("金额或期限有变", [each.now.names.zh for each in change.altered])
    en = [*_named_en("Added", [held.names.en for held in change.added])]
    en += _named_en("No longer included", [lost.was.names.en for lost in change.lost])
    en += _named_en("Sum or last day changed", [each.now.names.en for each in change.altered])
    if change.yuan_more:
        much = f"{abs(change.yuan_more):,.0f}"
        more = change.yuan_more > 0
        zh.append(f"已确认的合计{'增加' if more else '减少'}{much}元")
        en.append(f"the confirmed total is {much} yuan {'more' if more else 'less'}")
    if change.apply_by is not None:
        zh.append(f"最早的申报截止日是{_day_zh(change.apply_by)}")
        en.append(f"the first closing date is {change.apply_by.isoformat()}")
    return Reason(CODE, Names(zh="；".join(zh) + "。", en="; ".join(en) + "."))


def _named_zh(word: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    rest = f"等{len(names)}项" if len(names) > NAMED else ""
    return [f"{word}：{'、'.join(names[:NAMED])}{rest}"]


def _named_en(word: str, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    rest = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return [f"{word}: {', '.join(names[:NAMED])}{rest}"]


def _day_zh(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
