"""Why somebody is not let in, or not that far; each tells what to do and nothing about anybody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

REALM: Final = 'Bearer realm="qianmian"'


class NotSignedIn(PermissionError):
    """Nobody is signed in, and what was asked for needs somebody to be."""

    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": REALM}


class TokenRefused(PermissionError):
    """A token that is not believed; the message tells why, and nothing of anyone."""

    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": f'{REALM}, error="invalid_token"'}


class ScopeRefused(PermissionError):
    """A token whose scopes do not reach what was asked for."""

    def __init__(self, needed: str) -> None:
        super().__init__(f"the token lacks the scope {needed}")
        self.needed = needed
        self.headers = {"WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{needed}"'}


class RoleRefused(PermissionError):
    """Somebody signed in, in a capacity that does not reach this."""


class OtherHat(PermissionError):
    """What was asked for belongs to another hat of the same person, which is not the one worn."""

    def __init__(self, hat: str) -> None:
        super().__init__("put on the other hat first")
        self.hat = hat


class KeptBack(PermissionError):
    """What is not shown on a shared screen, or to somebody who acts for another, unless the subject asked."""


class NotOpened(PermissionError):
    """An agent opened nobody: no such code, document or grant, and no word on which."""


class NobodyHere(PermissionError):
    """An account the issuer vouches for that may act as nobody here: unknown, under fourteen or departed."""


class ForeignForm(PermissionError):
    """A form that did not come from a page of this session."""


class SignInFailed(PermissionError):
    """A sign-in that did not come back as it went out: too late, from elsewhere, or refused by the issuer."""


class IssuerUnavailable(RuntimeError):
    """The issuer does not answer, or not as an issuer does."""
