"""What tells that an event has begun, declared in YAML; and the closed list of what is never forecast."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from catalog.catalogue import Catalogue
from catalog.vocabulary import Delicacy, Names, Status, ValueType

LABELS = Path(__file__).with_name("labels.yaml")


class LabelError(ValueError):
    """Declared labels that cannot stand; the message lists every fault."""


class RegisterChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A register telling of an event: an attribute that becomes a value, or a date that says when."""

    attribute: str
    becomes: tuple[str, ...] = ()
    dated: bool = False


class EventLabel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What tells of one event, how late, and how long it then cannot begin anew."""

    event: str
    cases: tuple[str, ...] = ()
    """Items whose opened case tells of it."""
    certificates: tuple[str, ...] = ()
    """Evidence types whose first day of validity tells of it."""
    register: RegisterChange | None = None
    reporting_delay_days: int
    washout_days: int


class Matter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something about a person that is acted on when told, and never guessed."""

    matter: Names
    events: tuple[str, ...]
    services: tuple[str, ...]


class ForecastLabels(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All labels, the horizons, and what is never forecast."""

    horizons_days: tuple[int, ...]
    never_forecast: tuple[Matter, ...]
    labels: tuple[EventLabel, ...]

    @property
    def forbidden_events(self) -> frozenset[str]:
        """The events of the closed list."""
        return frozenset(event for matter in self.never_forecast for event in matter.events)

    @property
    def forbidden_services(self) -> frozenset[str]:
        """The services that tell of a matter of the closed list."""
        return frozenset(service for matter in self.never_forecast for service in matter.services)


class ClosedList(msgspec.Struct, frozen=True):
    """What is never guessed, whatever the catalogue."""

    events: frozenset[str]
    services: frozenset[str]


@cache
def closed_list() -> ClosedList:
    """The closed list of labels.yaml, for whoever else must not guess."""
    labels = msgspec.convert(msgspec.yaml.decode(LABELS.read_bytes()), ForecastLabels)
    return ClosedList(labels.forbidden_events, labels.forbidden_services)


def load_labels(catalogue: Catalogue, path: Path = LABELS) -> ForecastLabels:
    """The declared labels, checked against the catalogue. Raises LabelError naming every fault at once."""
    import yaml

    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        labels = msgspec.convert(raw, ForecastLabels)
    except (yaml.YAMLError, msgspec.ValidationError) as fault:
        raise LabelError(f"{path.name}: {fault}") from fault
    faults = [*_closed_list_faults(labels, catalogue), *_label_faults(labels, catalogue)]
    if faults:
        raise LabelError(f"{path.name}: " + "; ".join(faults))
    return labels


def _closed_list_faults(labels: ForecastLabels, catalogue: Catalogue) -> Iterator[str]:
    """Labels that would forecast what must not be, whatever they call it."""
    for label in labels.labels:
        event = catalogue.events.get(label.event)
        if label.event in labels.forbidden_events:
            yield f"{label.event} is on the closed list and is never forecast: remove its label"
        elif event is not None and event.delicacy is not Delicacy.NORMAL:
            yield f"{label.event} is {event.delicacy} to show and is never forecast: remove its label"
        for service in sorted(labels.forbidden_services.intersection(label.cases)):
            yield f"{label.event}: a case of {service} tells of a matter of the closed list: leave it out"
        if label.register is not None:
            attribute = catalogue.attributes.get(label.register.attribute)
            if attribute is not None and attribute.sensitivity != "ordinary":
                yield f"{label.event}: {attribute.name} is {attribute.sensitivity} and tells of no forecast"


def _label_faults(labels: ForecastLabels, catalogue: Catalogue) -> Iterator[str]:
    if list(labels.horizons_days) != sorted({h for h in labels.horizons_days if h > 0}):
        yield "horizons_days must be positive and ascending"
    told: set[str] = set()
    for label in labels.labels:
        if label.event in told:
            yield f"{label.event} is labelled twice"
        told.add(label.event)
        yield from _one_label(label, catalogue)
    for matter in labels.never_forecast:
        for event in (e for e in matter.events if e not in catalogue.events):
            yield f"never_forecast: no event {event} in the catalogue"


def _one_label(label: EventLabel, catalogue: Catalogue) -> Iterator[str]:
    event = catalogue.events.get(label.event)
    if event is None or event.status is not Status.CONFIRMED:
        yield f"{label.event} is no confirmed event of the catalogue"
    if not (label.cases or label.certificates or label.register):
        yield f"{label.event}: nothing tells of it; name cases, certificates or a register change"
    if label.reporting_delay_days < 0 or label.washout_days < 0:
        yield f"{label.event}: a delay or a washout is a number of days, never negative"
    for item in (i for i in label.cases if i not in catalogue.items):
        yield f"{label.event}: no item {item} in the catalogue"
    for type_ in (t for t in label.certificates if t not in catalogue.evidence_types):
        yield f"{label.event}: no evidence type {type_} in the catalogue"
    if label.register is not None:
        yield from _register_faults(label.event, label.register, catalogue)


def _register_faults(event: str, change: RegisterChange, catalogue: Catalogue) -> Iterator[str]:
    attribute = catalogue.attributes.get(change.attribute)
    if attribute is None:
        yield f"{event}: no attribute {change.attribute} in the register"
        return
    if change.dated and attribute.type is not ValueType.DATE:
        yield f"{event}: {change.attribute} is no date, so it cannot say when"
    if change.dated == bool(change.becomes):
        yield f"{event}: a register change is either dated or has values it becomes"
    for value in change.becomes:
        if attribute.allowed and value not in attribute.allowed:
            yield f"{event}: {change.attribute} cannot become {value!r}"
