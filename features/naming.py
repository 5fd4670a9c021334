"""What the feature registry calls things, for those who need the names and not Feast itself."""

from __future__ import annotations

from catalog.vocabulary import Scope, SubjectKind


def entity_name(kind: SubjectKind, scope: Scope) -> str:
    """`citizen` for the subject itself, `citizen_child` for a thing of theirs."""
    return str(kind) if scope is Scope.SELF else f"{kind}_{scope}"


def profile_view_name(kind: SubjectKind, scope: Scope) -> str:
    """The view that holds such scope items' packed profiles."""
    return f"{entity_name(kind, scope)}_profile"


def acts_view_name(kind: SubjectKind) -> str:
    """The view that holds what such subjects did, packed."""
    return f"{kind}_acts"


def register_feature(register: str) -> str:
    """The feature a register's packet travels as: its slug with underscores."""
    return register.replace("-", "_")
