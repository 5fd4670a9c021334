"""How old somebody is by the registers: who acts for themselves."""

from __future__ import annotations

import datetime as dt
from typing import Final

from catalog.vocabulary import Scope, SubjectKind
from serving.parts import Parts

OF_AGE: Final = 14
"""From this age on somebody acts for themselves (PIPL 31)."""


def born(parts: Parts, scope: Scope, scope_item: str, attribute: str, on: dt.date) -> dt.date | None:
    """The birth date on record; a day still to come cannot be one, and tells nothing (the page says so)."""
    told = parts.desk.profiles.online.read(SubjectKind.CITIZEN, {scope: [scope_item]})
    value = told[scope_item][0].get(attribute) if scope_item in told else None
    return value if isinstance(value, dt.date) and value <= on else None


def younger_than(years: int, born: dt.date | None, on: dt.date) -> bool:
    """Whether somebody born then is younger on a day; who was born when nobody knows is not."""
    if born is None:
        return False
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day)) < years
