"""From what the issuer vouches for to the login here, linked to the subject it is."""

from __future__ import annotations

from sqlalchemy import Connection

from records.database import reading, writing
from records.identities import subject_with
from records.logins import Account, Login, login_of, record_login
from records.subjects import UnknownSubject, kind_of
from serving.identity.desk import IdentityDesk
from serving.identity.tokens import Claims
from serving.parts import Parts


def login_for(claims: Claims, desk: IdentityDesk, parts: Parts) -> Login:
    """The login of who a believed token names; made, or linked to its subject, when that is new."""
    account, key = Account(desk.settings.issuer, str(claims["sub"])), parts.secrets["identity"]
    with reading(parts.engine) as connection:
        known = login_of(connection, account, key)
        # A program is nobody, and hands in much: it must not wait for the right to write just to call.
        if known is not None and (known.subject or _subject(connection, claims, desk, parts) is None):
            return known
    with writing(parts.engine) as connection:
        subject = _subject(connection, claims, desk, parts)
        return record_login(connection, account, subject, key, desk.wall())


def _subject(connection: Connection, claims: Claims, desk: IdentityDesk, parts: Parts) -> str | None:
    """Whom the claims say the account is, if the records know them."""
    named = claims.get(desk.subject_claim) if desk.subject_claim else None
    if isinstance(named, str):
        try:
            kind_of(connection, named)
        except UnknownSubject:
            return None
        return named
    document = desk.settings.oidc_document_claim and claims.get(desk.settings.oidc_document_claim)
    if isinstance(document, str):
        return subject_with(connection, parts.secrets, desk.settings.oidc_document_scheme, document)
    return None
