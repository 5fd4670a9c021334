"""The persona picker: as whom to sign in, plainly marked as something only development has."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from records.database import reading
from serving.identity.issuer.personas import Persona, officials, persona_of, sample_personas
from serving.pages.frame import Frame
from serving.pages.page import page
from serving.pages.request_frame import frame_of
from serving.parts import Parts
from serving.reader import words_of
from serving.wording import Words


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request."""

    response_type: str
    client_id: str
    redirect_uri: str
    scope: str
    state: str | None
    nonce: str | None
    code_challenge: str
    code_challenge_method: str

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """What the form sends on."""
        named = ((name, getattr(self, name)) for name in self.__dataclass_fields__)
        return tuple((name, value) for name, value in named if value is not None)


@dataclass(frozen=True, slots=True)
class PersonaLine:
    """One button of the picker."""

    key: str
    title: str
    id: str | None


@dataclass(frozen=True, slots=True)
class PickerContext:
    """What picker.html is rendered from."""

    t: Words
    frame: Frame
    asked: tuple[tuple[str, str], ...]
    proposed: PersonaLine | None
    citizens: tuple[PersonaLine, ...]
    enterprises: tuple[PersonaLine, ...]
    officials: tuple[PersonaLine, ...]


def picker_page(request: Request, parts: Parts, asked: Asked, proposed: str | None) -> Response:
    """The picker for one authorization request, whom it proposes first."""
    words = words_of(request)
    with reading(parts.engine) as connection:
        samples = sample_personas(connection, parts)
        first = None if proposed is None else persona_of(connection, proposed)
    first = next((one for one in samples if first is not None and one.key == first.key), first)
    context = PickerContext(
        t=words,
        frame=frame_of(request, words("picker.title"), synthetic=parts.samples.synthetic),
        asked=asked.fields,
        proposed=None if first is None else _line(first, words),
        citizens=_lines(samples, "citizen:", words),
        enterprises=_lines(samples, "enterprise:", words),
        officials=_lines(officials(), "official:", words),
    )
    return page(request, "picker", context)


def _lines(personas: tuple[Persona, ...], kind: str, words: Words) -> tuple[PersonaLine, ...]:
    return tuple(_line(one, words) for one in personas if one.key.startswith(kind))


def _line(persona: Persona, words: Words) -> PersonaLine:
    if persona.office is not None:
        return PersonaLine(persona.key, words(f"role.{persona.office}"), None)
    kind, _, id_ = persona.key.partition(":")
    title = words(f"subject.{kind}") if persona.title is None else words.name(persona.title)
    return PersonaLine(persona.key, title, id_)
