"""The state of one step of an event, read from the standings of its public service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from catalog.catalogue import Catalogue
from catalog.event import LifeEvent, Step
from catalog.vocabulary import Scope
from features.schema import ScopeItem
from models.recommendation import Entry, Standing


class StepState(IntEnum):
    """Ordered by how much there is to do now."""

    DONE = 0
    IN_PROGRESS = 1
    PENDING = 2
    """Not yet, or not known."""
    OPEN = 3
    REFUSED = 4
    """Its own conditions do not hold."""
    ELSEWHERE = 5
    """Taken by another kind of subject (a founder's firm): not ours to judge."""


STATES = {
    Standing.DONE: StepState.DONE,
    Standing.IN_PROGRESS: StepState.IN_PROGRESS,
    Standing.SHOULD_DO: StepState.OPEN,
    Standing.CAN_DO: StepState.OPEN,
    Standing.UPCOMING: StepState.PENDING,
    Standing.NEEDS_INFORMATION: StepState.PENDING,
    Standing.NOT_ELIGIBLE: StepState.REFUSED,
}


@dataclass(frozen=True, slots=True)
class StepView:
    """A step as it stands, with the entries it was read from."""

    service: str
    optional: bool
    state: StepState
    entries: tuple[Entry, ...]


def view_step(
    step: Step,
    event: LifeEvent,
    scope_item: ScopeItem,
    entries: Mapping[str, Sequence[Entry]],
    catalogue: Catalogue,
) -> StepView:
    """The state of a step for one scope item of an event. Raises KeyError for an unknown service."""
    service = catalogue.public_services[step.service]
    if service.subject != event.subject:
        return StepView(step.service, step.optional, StepState.ELSEWHERE, ())
    found = entries.get(step.service, ())
    if step.another:
        concerning = tuple(entry for entry in found if entry.scope_item != scope_item.id)
    else:
        concerning = tuple(_concerning(scope_item, service.scope, found))
    states = [STATES[entry.standing] for entry in concerning]
    # What remains to be done decides: a service done for one child may be open for another.
    state = max((s for s in states if s is not StepState.REFUSED), default=StepState.REFUSED)
    return StepView(step.service, step.optional, state, concerning)


def _concerning(scope_item: ScopeItem, scope: Scope, entries: Iterable[Entry]) -> Iterable[Entry]:
    """A service's entries that belong to an event of this scope item.

    A service ranges over the event's own scope item, over the subject behind it, or, in an event of the
    subject itself, over each thing of theirs.
    """
    if scope == scope_item.scope:
        return (entry for entry in entries if entry.scope_item == scope_item.id)
    if scope is Scope.SELF:
        return (entry for entry in entries if entry.scope_item == scope_item.owner)
    return entries if scope_item.scope is Scope.SELF else ()
