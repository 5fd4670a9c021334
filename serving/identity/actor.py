"""Who asks, in which capacity, about whom, and how far that reaches."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from catalog.catalogue import Item
from catalog.event import LifeEvent
from catalog.support_policy import SupportPolicy
from catalog.vocabulary import SubjectKind
from features.schema import PurposeName
from records.tables import WHOLE
from records.tables.vocabulary import OpeningGround, SessionMode


class Role(StrEnum):
    """In which capacity somebody asks."""

    CITIZEN = "citizen"
    """About themselves."""
    GUARDIAN = "guardian"
    """For a child under fourteen."""
    PROXY = "proxy"
    """For somebody who granted it."""
    NEAR_RELATIVE = "near_relative"
    """Reading what was held on somebody who died."""
    STAFF = "staff"
    """For an enterprise."""
    AGENT = "agent"
    """Window, hotline, 专员, 帮办代办: one subject at a time."""
    OPERATOR = "operator"
    """Aggregates only."""
    DATA_SCIENTIST = "data_scientist"
    """Pseudonymous sets only."""
    AUDITOR = "auditor"
    """The audit only."""
    CHANNEL = "channel"
    """A program that hands in what happened on its pages; it reads nothing."""


PERSONAL: Final = frozenset(
    {Role.CITIZEN, Role.GUARDIAN, Role.PROXY, Role.NEAR_RELATIVE, Role.STAFF, Role.AGENT}
)
"""The roles that reach one subject."""
WRITING: Final = PERSONAL - {Role.NEAR_RELATIVE}
"""Those of them that may change something."""
DELEGATED: Final = frozenset({Role.GUARDIAN, Role.PROXY, Role.NEAR_RELATIVE, Role.STAFF, Role.AGENT})
EVERYTHING: Final = frozenset({WHOLE})
ALL_PURPOSES: Final[frozenset[PurposeName]] = frozenset({"assess", "rank", "train", "aggregate", "remind"})


@dataclass(frozen=True, slots=True)
class Hat:
    """One capacity somebody can act in."""

    role: Role
    kind: SubjectKind | None = None
    subject: str | None = None
    scope: frozenset[str] = EVERYTHING
    """`*`, or scope items, `theme:<theme>` and `item:<item>` that were granted."""
    label: str | None = None
    """What tells two hats of a kind apart: what the subject calls it, else its number."""
    owns: bool = False
    """Of an enterprise: worn as owner or legal representative, or by the account of the enterprise itself."""

    @property
    def key(self) -> str:
        """What a session remembers it by."""
        narrowed = "" if self.scope == EVERYTHING else "|" + ",".join(sorted(self.scope))
        return f"{self.role}|{self.subject or ''}{narrowed}"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody signed in, as they ask now."""

    login: str
    person: str | None
    """Which subject they are themselves; None for those who are none of the records."""
    hat: Hat
    mode: SessionMode = "standard"
    purposes: frozenset[PurposeName] = ALL_PURPOSES
    """What the token lets them ask; a session lets them ask all."""
    ground: OpeningGround | None = None
    """Of an agent: why the subject is open."""
    shows_delicate: bool = False
    """Whether the subject asked for delicate items to be shown here."""
    kept_back: bool = False
    """Of a near relative: whether the one who died had said that such things be kept from others."""

    @property
    def role(self) -> Role:
        """In which capacity."""
        return self.hat.role

    @property
    def subject(self) -> str | None:
        """About whom."""
        return self.hat.subject

    @property
    def kind(self) -> SubjectKind | None:
        """What kind of subject that is."""
        return self.hat.kind

    @property
    def is_subject(self) -> bool:
        """Whether they ask about themselves."""
        return self.person is not None and self.person == self.hat.subject

    @property
    def has_everything(self) -> bool:
        """Whether they reach all that is the subject's."""
        return self.hat.scope == EVERYTHING

    @property
    def sees_all(self) -> bool:
        """Whether they may read all that is held: nobody on a shared screen, nor who reaches a part of it.

        Near relatives may, unless the one who died had arranged otherwise (PIPL 49).
        """
        relative = self.role is Role.NEAR_RELATIVE and self.mode != "kiosk" and not self.kept_back
        return self.has_everything and (self.shows_delicate or relative)

    @property
    def may_close(self) -> bool:
        """Whether they may put an end to the subject's account: of a firm, nobody who merely works there."""
        return self.has_everything and (self.role is not Role.STAFF or self.hat.owns)

    def covers(self, thing: Item | LifeEvent, scope_item: str) -> bool:
        """Whether what was granted reaches an item or event for a scope item."""
        theme = thing.category if isinstance(thing, SupportPolicy) else thing.theme
        named = {WHOLE, scope_item, f"item:{thing.id}", f"theme:{theme}"}
        return bool(named & self.hat.scope)
