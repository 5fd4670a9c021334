"""The conditions of the USAGov benefit finder: a criterion, and the answers that satisfy it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, Literal

import msgspec

_AGE: Final = re.compile(r"([<>])(\d+)years")
_DAY: Final = re.compile(r"([<>])(\d\d)-(\d\d)-(\d{4})")

CriterionType = Literal["boolean", "radio", "select", "date", "location"]


class SourceCriterion(msgspec.Struct, frozen=True, kw_only=True):
    """One row of criteria.csv: a question, and the answers it offers."""

    key: str
    label: str
    type: CriterionType
    answers: tuple[str, ...] = ()

    @property
    def attribute(self) -> str:
        """The attribute it becomes; names in conditions have no hyphens."""
        return self.key.replace("-", "_").lower()

    @property
    def age(self) -> str:
        """The derived attribute that holds the whole years since its date."""
        return (
            f"{self.attribute.removesuffix('_date_of_birth')}_years_since_birth"
            if self.is_birth
            else (f"{self.attribute}_years_ago")
        )

    @property
    def is_birth(self) -> bool:
        """Whether its date is a date of birth."""
        return self.attribute.endswith("_date_of_birth")


class UnreadableConditionError(ValueError):
    """An acceptable value that is not in the notation of its criterion's type."""


def slug(answer: str) -> str:
    """An answer's text as an enum value."""
    return re.sub(r"[^a-z0-9]+", "_", answer.lower()).strip("_")


def condition(criterion: SourceCriterion, accepted: tuple[object, ...]) -> str:
    """The condition, in our SQL subset, that one of `accepted` satisfies.

    Several age bounds of one criterion must all hold ("18 to 64"); several answers are alternatives.
    Raises UnreadableConditionError.
    """
    if not accepted:
        raise UnreadableConditionError("no acceptable value is given")
    if criterion.type == "boolean":
        return " OR ".join(f"{criterion.attribute} = {_truth(value)}" for value in accepted)
    if criterion.type == "date":
        return " AND ".join(_bound(criterion, value) for value in accepted)
    if criterion.type in ("radio", "select"):
        words = ", ".join(f"'{slug(str(value))}'" for value in accepted)
        return f"{criterion.attribute} IN ({words})"
    raise UnreadableConditionError(f"conditions on a {criterion.type} have no notation in the source")


def _truth(value: object) -> str:
    if not isinstance(value, bool):
        raise UnreadableConditionError(f"`{value}` is neither true nor false")
    return "TRUE" if value else "FALSE"


def _bound(criterion: SourceCriterion, value: object) -> str:
    text = str(value)
    if found := _AGE.fullmatch(text):
        # The labels say "at least 65" where the notation says >65years.
        return f"{criterion.age} {'>=' if found[1] == '>' else '<'} {found[2]}"
    if found := _DAY.fullmatch(text):
        try:
            day = dt.date(int(found[4]), int(found[2]), int(found[3]))
        except ValueError as error:
            raise UnreadableConditionError(f"`{text}` is an impossible date") from error
        return f"{criterion.attribute} {found[1]} '{day.isoformat()}'"
    raise UnreadableConditionError(f"`{text}` is neither an age nor a day")
