"""How a subject is named on the command line: `citizen:ID` or `enterprise:ID`."""

from __future__ import annotations

from dataclasses import dataclass

import typer

from catalog.vocabulary import SubjectKind


@dataclass(frozen=True, slots=True)
class NamedSubject:
    """A subject as typed at the keyboard."""

    kind: SubjectKind
    id: str


def parse_subject(text: str) -> NamedSubject:
    """Read `citizen:ID` or `enterprise:ID`.

    Raises `typer.BadParameter` that says what is expected.
    """
    kind, separator, identifier = text.partition(":")
    if not separator or not identifier or kind not in tuple(SubjectKind):
        raise typer.BadParameter(f"{text!r} is no subject: write citizen:ID or enterprise:ID")
    return NamedSubject(SubjectKind(kind), identifier)
