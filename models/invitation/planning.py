"""How invitations are planned: figures an operator may change, and the words an invitation is told in."""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib import resources
from typing import Annotated

import msgspec

from catalog.vocabulary import Names
from models.recommendation import Reason

Count = Annotated[int, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


class Planning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many, how soon and how far apart; see planning.yaml for what each figure means."""

    most_a_month: Count
    horizon_days: Count
    notice_working_days: Count
    margin_working_days: Count
    paper_working_days: Count
    spread_working_days: Count
    late_spread_working_days: Count
    least_chance: Share
    even_load: Share
    valid_days: Count
    near_working_days: Count


@cache
def default_planning() -> Planning:
    """The planning in force until an operator says otherwise."""
    text = resources.files("models.invitation").joinpath("planning.yaml").read_bytes()
    return msgspec.yaml.decode(text, type=Planning)


@cache
def _texts() -> dict[str, Names]:
    text = resources.files("models.invitation").joinpath("reasons.yaml").read_bytes()
    return msgspec.yaml.decode(text, type=dict[str, Names])


def reason(code: str, day: dt.date | None) -> Reason:
    """A reason with the day it speaks of. Raises KeyError for an unknown code."""
    text = _texts()[code]
    if day is None:
        return Reason(code, text)
    chinese = f"{day.year}年{day.month}月{day.day}日"
    english = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    return Reason(code, Names(text.zh.replace("{day}", chinese), text.en.replace("{day}", english)))
