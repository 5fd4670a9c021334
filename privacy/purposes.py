"""Which data may serve which purpose on which legal basis, as an operator's policy file says."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Final, get_args

import msgspec

from catalog.vocabulary import Delicacy, Names, Origin, Scope, Sensitivity
from features.schema import PurposeName

PURPOSES: Final[tuple[PurposeName, ...]] = get_args(PurposeName)
INTERACTIONS: Final = "interactions"
"""The consent target of what a subject did on our pages and channels."""


class PolicyError(ValueError):
    """A policy file that cannot be followed; says where and what to do."""


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
    """The basis on which interactions serve one purpose."""

    purpose: PurposeName
    basis: Basis


class DataClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How delicate a kind of data is, and the consent group that opens it."""

    sensitivity: Sensitivity = Sensitivity.ORDINARY
    origin: Origin = Origin.AUTHORITY
    consent_group: str | None = None


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """An operator's answer to which data serves which purpose; unnamed combinations need consent."""

    version: str
    attributes: tuple[AttributeRule, ...] = ()
    interactions: tuple[InteractionRule, ...] = ()
    default_groups: dict[Origin, str] = {}
    delicacy_groups: dict[Delicacy, str] = {}
    group_names: dict[str, Names] = {}
    scope_items: dict[Scope, DataClass] = {}
    relations: dict[str, DataClass] = {}

    def basis(self, purpose: PurposeName, data: DataClass) -> Basis:
        """On what basis data of this class serves the purpose."""
        for rule in self.attributes:
            if (rule.purpose, rule.sensitivity, rule.origin) == (purpose, data.sensitivity, data.origin):
                return rule.basis
        return Basis.CONSENT

    def interaction_basis(self, purpose: PurposeName) -> Basis:
        """On what basis interactions serve the purpose."""
        return next((rule.basis for rule in self.interactions if rule.purpose == purpose), Basis.CONSENT)

    def group(self, data: DataClass) -> str:
        """The consent group that covers data of this class."""
        return data.consent_group or self.default_groups.get(data.origin, data.sensitivity)


def attribute_target(group: str) -> str:
    """The consent target of the attributes of one consent group."""
    return f"attributes:{group}"


def evidence_target(group: str) -> str:
    """The consent target of the papers and cases of one consent group."""
    return f"evidence:{group}"


def load_policy(path: Path) -> Policy:
    """An operator's policy; PolicyError naming the file, the place in it and the remedy."""
    try:
        policy = msgspec.yaml.decode(path.read_bytes(), type=Policy)
    except OSError as fault:
        raise PolicyError(f"{path}: cannot be read: {fault.strerror}") from fault
    except msgspec.MsgspecError as fault:
        raise PolicyError(f"{path}: {fault}; compare it with privacy/policy.yaml") from fault
    keys = [(rule.purpose, rule.sensitivity, rule.origin) for rule in policy.attributes]
    twice = sorted({", ".join(key) for key in keys if keys.count(key) > 1})
    if twice:
        raise PolicyError(f"{path}: more than one rule for {'; '.join(twice)}: keep one")
    return policy


@lru_cache(maxsize=1)
def default_policy() -> Policy:
    """The policy in force until an operator says otherwise."""
    with resources.as_file(resources.files("privacy") / "policy.yaml") as path:
        return load_policy(path)
