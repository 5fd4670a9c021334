"""What to ask a subject next, in the reader's words: each question, what it decides, and how to try it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue
from catalog.vocabulary import Delicacy, ValueType
from models.eligibility.questions import Case
from models.homepage.asking import Ask
from serving.pages.cards import Reader
from serving.pages.facts import attribute_named
from serving.pages.frame import Frame
from serving.pages.offices import item_url
from serving.wording import Words

Control = Literal["choice", "number", "date"]
NAMED = 3
"""How many of the items a question decides are named in its summary."""
NONE = "-"
"""What a form sends for `there is none`."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose from."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class TryForm:
    """How to try an answer: nothing that is tried is kept."""

    url: str
    scope_item: str
    attribute: str
    control: Control
    options: tuple[Option, ...]
    label: str


@dataclass(frozen=True, slots=True)
class DecidedLine:
    """One item a question decides, or is needed for."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """One question."""

    title: str
    whose: str | None
    effect: str
    decides: tuple[DecidedLine, ...]
    needed_by: tuple[DecidedLine, ...]
    form: TryForm | None


@dataclass(frozen=True, slots=True)
class NextQuestion:
    """The best question, as the homepage tells it."""

    title: str
    effect: str
    url: str


@dataclass(frozen=True, slots=True)
class QuestionsContext:
    """What questions.html is rendered from."""

    t: Words
    frame: Frame
    home_url: str
    questions: tuple[QuestionLine, ...]


Labels = dict[str, str | None]


def questions_context(
    asked: Iterable[Ask], labels: Labels, catalogue: Catalogue, reader: Reader, page_frame: Frame
) -> QuestionsContext:
    """Every question in the reader's words."""
    lines = tuple(_line(ask, labels, catalogue, reader) for ask in asked)
    return QuestionsContext(reader.words, page_frame, reader.home_url, lines)


def next_question(
    asked: Iterable[Ask], labels: Labels, catalogue: Catalogue, reader: Reader
) -> NextQuestion | None:
    """The best question that touches nothing delicate: nobody is asked about a death unasked."""
    for ask in asked:
        items = [catalogue.items[item] for _, item in (*ask.decides, *ask.needed_by)]
        if ask.decides and all(item.delicacy is not Delicacy.SENSITIVE for item in items):
            line = _line(ask, labels, catalogue, reader)
            title = line.title if line.whose is None else f"{line.title} · {line.whose}"
            return NextQuestion(title, line.effect, f"{reader.home_url}/questions")
    return None


def _line(ask: Ask, labels: Labels, catalogue: Catalogue, reader: Reader) -> QuestionLine:
    words = reader.words
    place, name = ask.attributes[0]
    if ask.consent_group is not None:
        title = words("ask.consent", name=words.name(catalogue.consent_groups[ask.consent_group].names))
        whose, form = None, None
    else:
        title, whose = words.name(attribute_named(name, catalogue).names), labels[place]
        form = _form(place, name, catalogue, reader)
    return QuestionLine(
        title=title,
        whose=whose,
        effect=_effect(ask, catalogue, words),
        decides=_decided(ask.decides, labels, catalogue, reader),
        needed_by=_decided(ask.needed_by, labels, catalogue, reader),
        form=form,
    )


def _effect(ask: Ask, catalogue: Catalogue, words: Words) -> str:
    cases = ask.decides or ask.needed_by
    named = dict.fromkeys(words.name(catalogue.items[item].names) for _, item in cases)
    names = words.listed(tuple(named)[:NAMED])
    return words("ask.decides" if ask.decides else "ask.helps", n=len(cases), names=names)


def _decided(
    cases: Iterable[Case], labels: Labels, catalogue: Catalogue, reader: Reader
) -> tuple[DecidedLine, ...]:
    lines = []
    for place, item in cases:
        name, label = reader.words.name(catalogue.items[item].names), labels[place]
        url = item_url(catalogue.items[item], reader.ref, place)
        lines.append(DecidedLine(name if label is None else f"{name} · {label}", url))
    return tuple(lines)


def _form(place: str, name: str, catalogue: Catalogue, reader: Reader) -> TryForm | None:
    """The form for an attribute that is stored; a derived one is tried by what it follows from."""
    attribute = catalogue.attributes.get(name)
    if attribute is None or attribute.derived is not None:
        return None
    options = _options(attribute, reader.words)
    control: Control = "choice" if options else "date" if attribute.type is ValueType.DATE else "number"
    label = reader.words("ask.try_label", name=reader.words.name(attribute.names))
    return TryForm(f"{reader.home_url}/what-if", place, name, control, options, label)


def _options(attribute: Attribute, words: Words) -> tuple[Option, ...]:
    """What can be chosen: yes or no, or the register's own words."""
    if attribute.type is ValueType.BOOLEAN:
        return Option("true", words("item.boolean.true")), Option("false", words("item.boolean.false"))
    if attribute.type is not ValueType.ENUM:
        return ()
    named = attribute.value_names
    found = [Option(v, words.name(named[v]) if v in named else v) for v in attribute.allowed]
    none = [Option(NONE, words("item.value_none"))] if attribute.optional else []
    return (*found, *none)
