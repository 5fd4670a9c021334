"""Which data may serve which purpose on which legal basis, as an operator's policy file says."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal, get_args

import msgspec

from catalog.vocabulary import Delicacy, Names, Origin, Scope, Sensitivity
from features.schema import PurposeName, UseName

PURPOSES: Final[tuple[PurposeName, ...]] = get_args(PurposeName)
USES: Final[tuple[UseName, ...]] = get_args(UseName)
ChannelName = Literal["app", "email", "sms", "webhook", "letter"]
CHANNEL_OF: Final[dict[UseName, ChannelName]] = {
    "remind_app": "app",
    "remind_email": "email",
    "remind_sms": "sms",
    "remind_webhook": "webhook",
    "remind_letter": "letter",
}
"""The uses that carry something out of the inbox, to where others may see it."""
INTERACTIONS: Final = "interactions"
"""The consent target of what a subject did on our pages and channels."""
CONSULTATIONS: Final = "consultations"
"""The consent target of what a subject asked the hotline or on the web."""
RATINGS: Final = "ratings"
"""The consent target of how a subject rated what was done for them."""


class Basis(StrEnum):
    """Why a purpose may compute with something."""

    STATUTORY_DUTY = "statutory_duty"
    CONSENT = "consent"
    NEVER = "never"


class AttributeRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The basis on which attributes of one sensitivity and origin serve one purpose."""

    purpose: PurposeName
    sensitivity: Sensitivity
    origin: Origin
    basis: Basis


class InteractionRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The basis on which what subjects did, asked or thought serves one purpose."""

    purpose: PurposeName
    basis: Basis


class DataClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How delicate a kind of data is, and the consent group that opens it."""

    sensitivity: Sensitivity = Sensitivity.ORDINARY
    origin: Origin = Origin.AUTHORITY
    consent_group: str | None = None


class ChannelRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a reminder that leaves the inbox may not rest on; else it may rest on what the inbox may."""

    never: tuple[Sensitivity, ...] = (Sensitivity.SENSITIVE, Sensitivity.MINOR)
    interactions: bool = False
    """Whether it may rest on what the subject did, asked or thought."""


class Mandate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of secret: who may compute with it without a grant, and what it never serves."""

    legal_source: str
    names: Names
    attributes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    """All attributes of these consent groups too."""
    consent_group: str | None = None
    """The grant that opens it, beside what the attribute needs anyway; None keeps the attribute's own."""
    own_duty: tuple[str, ...] = ()
    """Names of authorities whose own items are assessed with it under their duty, as long as no item of
    another authority reads the attribute."""
    never: tuple[UseName, ...] = ()
    """What it serves for nobody's grant; no channel out of the inbox ever."""


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """An operator's answer to which data serves which purpose; unnamed combinations need consent."""

    version: str
    attributes: tuple[AttributeRule, ...] = ()
    interactions: tuple[InteractionRule, ...] = ()
    consultations: tuple[InteractionRule, ...] = ()
    ratings: tuple[InteractionRule, ...] = ()
    default_groups: dict[Origin, str] = {}
    delicacy_groups: dict[Delicacy, str] = {}
    group_names: dict[str, Names] = {}
    scope_items: dict[Scope, DataClass] = {}
    relations: dict[str, DataClass] = {}
    channels: dict[ChannelName, ChannelRule] = {}
    """A channel that is not named carries nothing."""
    secrets: dict[str, Mandate] = {}

    def basis(self, use: UseName, data: DataClass) -> Basis:
        """On what basis data of this class serves the use."""
        if use in CHANNEL_OF:
            rule = self.channels.get(CHANNEL_OF[use])
            if rule is None or data.sensitivity in rule.never:
                return Basis.NEVER
        purpose = purpose_of(use)
        for named in self.attributes:
            if (named.purpose, named.sensitivity, named.origin) == (purpose, data.sensitivity, data.origin):
                return named.basis
        return Basis.CONSENT

    def interaction_basis(self, use: UseName) -> Basis:
        """On what basis interactions serve the use."""
        return self._told_basis(use, self.interactions)

    def consultation_basis(self, use: UseName) -> Basis:
        """On what basis consultations serve the use."""
        return self._told_basis(use, self.consultations)

    def rating_basis(self, use: UseName) -> Basis:
        """On what basis ratings serve the use."""
        return self._told_basis(use, self.ratings)

    def _told_basis(self, use: UseName, rules: tuple[InteractionRule, ...]) -> Basis:
        if use in CHANNEL_OF:
            rule = self.channels.get(CHANNEL_OF[use])
            if rule is None or not rule.interactions:
                return Basis.NEVER
        purpose = purpose_of(use)
        return next((rule.basis for rule in rules if rule.purpose == purpose), Basis.CONSENT)

    def group(self, data: DataClass) -> str:
        """The consent group that covers data of this class."""
        return data.consent_group or self.default_groups.get(data.origin, data.sensitivity)


def purpose_of(use: UseName) -> PurposeName:
    """What a subject consents to when they consent to a use."""
    return "remind" if use in CHANNEL_OF else use  # type: ignore[return-value]


def attribute_target(group: str) -> str:
    """The consent target of the attributes of one consent group."""
    return f"attributes:{group}"


def evidence_target(group: str) -> str:
    """The consent target of the papers and cases of one consent group."""
    return f"evidence:{group}"
