"""Where the pages of a subject are."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from catalog.vocabulary import SubjectKind

FOLDERS: Final = {SubjectKind.CITIZEN: "citizens", SubjectKind.ENTERPRISE: "enterprises"}


def home_url(kind: SubjectKind, subject: str) -> str:
    """The address of a subject's homepage."""
    return f"/{FOLDERS[kind]}/{quote(subject, safe='')}"
