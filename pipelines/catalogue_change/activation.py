"""A compiled catalogue put to use: at once, or after the people it touches many of have been thought of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from catalog import artefact
from catalog.catalogue import Catalogue
from pipelines.catalogue_change.concerned import note_concerned
from pipelines.catalogue_change.hold import Hold, read_hold, record
from pipelines.catalogue_change.impact import impact
from pipelines.catalogue_change.population import is_peopled, population
from pipelines.catalogue_change.terms import changes_that_judge
from records.settings import Settings


class Held(RuntimeError):
    """A catalogue that must not take effect yet."""

    def __init__(self, hold: Hold) -> None:
        self.hold = hold
        share = f"up to {hold.impact.largest_share:.1%} of people, more than {hold.limit:.1%}"
        super().__init__(
            f"version {hold.impact.new} is held: it touches {share}, and waits for {hold.missing} approval(s)"
        )


@dataclass(frozen=True, slots=True)
class Activated:
    """What is known of a change that took effect."""

    hold: Hold | None = None
    """What it was measured to change; None where it changes nobody's standing, or nobody is recorded."""
    unread: str | None = None
    """Why the catalogue in use could not be read, so that nothing was measured."""


def measure(settings: Settings, old: Catalogue, new: Catalogue, on: dt.date) -> Hold:
    """Count on the recorded population whom a change touches, and write it down beside the catalogue."""
    found = impact(old, new, population(settings), settings.attributes_path, on)
    return record(settings.catalogue_changes_path, found, settings.catalogue_change_limit)


def activate(settings: Settings, new: Catalogue, on: dt.date) -> Activated:
    """Put a catalogue in the place of the one in use.

    What it changes is measured when it can change somebody's standing and anybody is recorded. Raises Held,
    and changes nothing, while it waits for approval.
    """
    old, unread = _in_use(settings)
    activated = Activated(unread=unread) if old is None else _weighed(settings, old, new, on)
    if activated.hold is not None and not activated.hold.open:
        raise Held(activated.hold)
    artefact.save(new, settings.catalogue_path)
    if old is not None and activated.hold is not None:
        note_concerned(settings, old, new, on)
    return activated


def _in_use(settings: Settings) -> tuple[Catalogue | None, str | None]:
    """The catalogue in use, or why there is one that cannot be read."""
    if not settings.catalogue_path.is_file():
        return None, None
    try:
        return artefact.load(settings.catalogue_path), None
    except artefact.ArtefactError as error:
        return None, str(error)


def _weighed(settings: Settings, old: Catalogue, new: Catalogue, on: dt.date) -> Activated:
    if not changes_that_judge(old, new) or not is_peopled(settings):
        return Activated()
    known = read_hold(settings.catalogue_changes_path, new.version)
    if known is not None and known.impact.old == old.version and known.held and known.open:
        return Activated(known)
    return Activated(measure(settings, old, new, on))
