"""What would announce a life or business event: its trigger, and what its subject would declare with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue
from catalog.event import LifeEvent
from catalog.predicate import And, Compare, OneOf, Or, Predicate, attributes_of
from catalog.vocabulary import Origin, ValueType

Announced = bool | str | dt.date


class NotAnnounceable(ValueError):
    """An event that no single value announces; says what to state instead."""


def announcement(event: LifeEvent, catalogue: Catalogue, on: dt.date) -> dict[str, Announced]:
    """The attributes, by name, whose values announce an event that happens on a day.

    The trigger, and every plain declaration that the conditions ask for (a plan to close the firm): what
    authorities hold stays as it is, so the event may yet not hold. Raises NotAnnounceable.
    """
    trigger = catalogue.attributes[event.trigger]
    declared = {
        name: True
        for criterion in event.criteria
        for name in _asked_to_be_so(criterion.predicate)
        if catalogue.attributes[name].origin is Origin.DECLARED
    }
    return {**declared, trigger.name: _value(trigger, event, on)}


def _value(trigger: Attribute, event: LifeEvent, on: dt.date) -> Announced:
    if trigger.derived is None:
        match trigger.type:
            case ValueType.DATE:
                return on
            case ValueType.BOOLEAN:
                return True
            case ValueType.ENUM if words := set(_words_asked(trigger.name, event)):
                if len(words) == 1:
                    return words.pop()
    read = dict.fromkeys(name for c in event.criteria for name in attributes_of(c.predicate))
    raise NotAnnounceable(f"no single value announces it: state what it asks for ({', '.join(read)})")


def _asked_to_be_so(predicate: Predicate) -> Iterator[str]:
    """The attributes that a condition wants to be true, whatever else holds."""
    match predicate:
        case Compare(attribute, "=", True):
            yield attribute
        case And(terms):
            for term in terms:
                yield from _asked_to_be_so(term)


def _words_asked(attribute: str, event: LifeEvent) -> Iterator[str]:
    """The words of an enum with which an event's conditions may hold."""
    waiting = [criterion.predicate for criterion in event.criteria]
    while waiting:
        match waiting.pop():
            case And(terms) | Or(terms):
                waiting += terms
            case Compare(name, "=", str() as word) if name == attribute:
                yield word
            case OneOf(name, words) if name == attribute:
                yield from words
