"""The context of the front page: whose homepages there are to look at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from catalog.vocabulary import SubjectKind
from serving.pages.addresses import home_url
from serving.pages.frame import Frame
from serving.samples import Sample
from serving.wording import Words


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """One subject and the address of their homepage."""

    title: str
    id: str
    url: str


@dataclass(frozen=True, slots=True)
class SubjectsContext:
    """What subjects.html is rendered from."""

    t: Words
    frame: Frame
    citizens: tuple[SubjectLine, ...]
    enterprises: tuple[SubjectLine, ...]


def subjects_context(samples: Iterable[Sample], words: Words, page_frame: Frame) -> SubjectsContext:
    """The front page in the reader's words."""
    lines = [(sample.kind, _line(sample, words)) for sample in samples]
    return SubjectsContext(
        t=words,
        frame=page_frame,
        citizens=tuple(line for kind, line in lines if kind is SubjectKind.CITIZEN),
        enterprises=tuple(line for kind, line in lines if kind is SubjectKind.ENTERPRISE),
    )


def _url(sample: Sample) -> str:
    """By way of the persona picker, which only development has; so is this page."""
    path = home_url(sample.kind, sample.id)
    return f"/login?{urlencode({'as': f'{sample.kind.value}:{sample.id}', 'next': path})}"


def _line(sample: Sample, words: Words) -> SubjectLine:
    title = words(f"subject.{sample.kind.value}") if sample.title is None else words.name(sample.title)
    return SubjectLine(title=title, id=sample.id, url=_url(sample))
