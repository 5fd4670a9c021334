"""The papers of a life event: the fewest still to bring for all its steps, and which step yields which."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from catalog.catalogue import Catalogue
from catalog.event import LifeEvent, Step
from catalog.vocabulary import Scope
from features.schema import MaskedProfile, ScopeItem
from models.recommendation import EventProgress, Judgement
from models.standing.papers import papers_of


@dataclass(frozen=True, slots=True)
class ToBring:
    """One paper to bring once, and the steps that ask for it (or for what it stands in for)."""

    paper: str
    steps: tuple[str, ...]
    stands_for: tuple[str, ...] = ()
    """Papers asked for in whose place it is accepted."""


@dataclass(frozen=True, slots=True)
class Yielded:
    """A paper that need not be brought, because an earlier step yields it."""

    paper: str
    by: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventPapers:
    """All that the steps still to take ask for, less what is held, fetched, or a blank form."""

    bring: tuple[ToBring, ...]
    yielded: tuple[Yielded, ...]


Needs = dict[str, list[str]]
"""By paper, the steps that ask for it."""


def event_papers(
    progress: EventProgress, profile: MaskedProfile, catalogue: Catalogue, judgement: Judgement
) -> EventPapers:
    """The papers of an event as far as a subject is with it, on the day of judgement."""
    event = catalogue.events[progress.event]
    remaining = frozenset((*progress.open, *progress.waiting))
    coming = remaining | frozenset(progress.in_progress)
    needs = _needs(event, progress.scope_item, remaining, profile, catalogue, judgement)
    sources = {
        paper: source
        for paper, steps in needs.items()
        if (source := _source(paper, steps, event, coming, catalogue)) is not None
    }
    yielded = tuple(Yielded(paper, source, tuple(needs[paper])) for paper, source in sources.items())
    left = {paper: steps for paper, steps in needs.items() if paper not in sources}
    return EventPapers(tuple(_fewest(left, catalogue)), yielded)


def _needs(
    event: LifeEvent,
    scope_item: str,
    remaining: frozenset[str],
    profile: MaskedProfile,
    catalogue: Catalogue,
    judgement: Judgement,
) -> Needs:
    """What each step still to take misses, in the event's own order."""
    needs: Needs = {}
    own = next(item for item in profile.scope_items if item.id == scope_item)
    for step in (step for stage in event.stages for step in stage if step.service in remaining):
        service = catalogue.public_services[step.service]
        for place in _places(step, own, service.scope, profile):
            held = papers_of(place, profile.itself, catalogue, judgement.on)
            for paper in held.missing(service.evidence, catalogue.evidence_types):
                steps = needs.setdefault(paper, [])
                if step.service not in steps:
                    steps.append(step.service)
    return needs


def _places(step: Step, own: ScopeItem, scope: Scope, profile: MaskedProfile) -> Iterator[ScopeItem]:
    """The scope items a step ranges over, as for the progress of an event."""
    if step.another:
        yield from (item for item in profile.scope_items if item.scope is scope and item.id != own.id)
    elif scope is own.scope:
        yield own
    elif own.scope is Scope.SELF:
        yield from (item for item in profile.scope_items if item.scope is scope)
    else:
        yield profile.itself


def _source(
    paper: str, steps_of: Iterable[str], event: LifeEvent, coming: frozenset[str], catalogue: Catalogue
) -> str | None:
    """The step before all that ask for a paper which yields it, or what stands for it.

    What a step yields for the new car is no paper of the old one.
    """
    stage = {step.service: n for n, steps in enumerate(event.stages) for step in steps}
    another = {step.service: step.another for steps in event.stages for step in steps}
    first, asking = min(stage[step] for step in steps_of), {another[step] for step in steps_of}
    accepted = {paper, *catalogue.evidence_types[paper].substitutes}
    yielding = (
        service
        for service, at in stage.items()
        if service in coming
        and at < first
        and {another[service]} == asking
        and accepted & {*catalogue.public_services[service].outputs}
    )
    return next(yielding, None)


def _fewest(needs: Mapping[str, list[str]], catalogue: Catalogue) -> Iterator[ToBring]:
    """The smallest set of papers that meets every need, the papers asked for before their substitutes."""
    accepted = {paper: (paper, *catalogue.evidence_types[paper].substitutes) for paper in needs}
    chosen = _smallest_cover(accepted)
    for paper in chosen:
        stands_for = tuple(
            need for need in needs if need != paper and need not in chosen and paper in accepted[need]
        )
        meets = (*([paper] if paper in needs else []), *stands_for)
        yield ToBring(paper, tuple(dict.fromkeys(s for need in meets for s in needs[need])), stands_for)


def _smallest_cover(accepted: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The fewest papers of which each need accepts one; of several such sets, the one asked for most."""
    sure = tuple(need for need, papers in accepted.items() if len(papers) == 1)
    open_needs = {need: papers for need, papers in accepted.items() if not {*sure}.intersection(papers)}
    choices = tuple(dict.fromkeys([*open_needs, *(p for papers in open_needs.values() for p in papers)]))
    for size in range(len(choices) + 1):
        for more in itertools.combinations(choices, size):
            if all({*more}.intersection(papers) for papers in open_needs.values()):
                return (*sure, *more)
    raise AssertionError("all choices together meet every need")
