"""The context of an item's own page: what it is, how to do it, and for a subject why or why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from catalog.attribute import Attribute
from catalog.catalogue import Catalogue, Item
from catalog.evidence import EvidenceType
from catalog.public_service import PublicService
from catalog.support_policy import SupportPolicy
from catalog.vocabulary import Proactive, Status
from models.recommendation import Assessment, Entry, Standing, Verdict
from models.standing.business_day import business_date
from serving.inbox.follow_form import FollowForm
from serving.pages.cards import Card, Reader, card
from serving.pages.conditions import condition_text
from serving.pages.facts import Fact, attribute_named, facts_of
from serving.pages.frame import Frame
from serving.pages.limits import limit_text
from serving.pages.offices import ChannelLine, authority_of, call_to_action, channels_of, citations
from serving.wording import Words

PaperState = Literal["missing", "fetchable", "form", "held"]
BRINGING = (Standing.SHOULD_DO, Standing.CAN_DO, Standing.UPCOMING)
"""The standings for which it is known which papers are still to bring."""
VERDICT_KEYS = {Verdict.TRUE: "true", Verdict.FALSE: "false", Verdict.UNKNOWN: "unknown"}


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One paper an item asks for, and whether the subject must bring it."""

    name: str
    state: PaperState | None
    """None where no subject is asked about."""
    state_text: str | None


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """One condition in words, with its verdict for the subject where there is one."""

    text: str
    law: str | None
    """Its own citation, where that is not the item's."""
    verdict: str | None
    verdict_text: str | None


@dataclass(frozen=True, slots=True)
class FactLine:
    """One value an item was judged on, which register told it, and when."""

    text: str
    source: str | None


@dataclass(frozen=True, slots=True)
class WhyBlock:
    """Where the subject stands with the item for one scope item, and why."""

    whose: str | None
    cards: tuple[Card, ...]
    conditions: tuple[ConditionLine, ...]
    facts: tuple[FactLine, ...]
    papers: tuple[PaperLine, ...]
    needs_title: str
    needs: tuple[str, ...]
    """What would settle an undetermined item: a line each smallest set, any of which is enough."""
    eligible_from: str | None


@dataclass(frozen=True, slots=True)
class ItemContext:
    """What item.html is rendered from."""

    t: Words
    frame: Frame
    home_url: str | None
    heading: str
    benefit: str | None
    call_to_action: str | None
    blocks: tuple[WhyBlock, ...]
    conditions: tuple[ConditionLine, ...]
    papers: tuple[PaperLine, ...]
    yields: tuple[str, ...]
    authority: str
    level: str
    channels: tuple[ChannelLine, ...]
    limit: str | None
    validity: str | None
    law: tuple[str, ...]
    events: tuple[str, ...]
    confidence: str
    item_id: str
    item_code: str | None
    follow: FollowForm | None = None
    """By which the subject who asks follows it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was found out about the subject who asks."""

    reader: Reader
    assessments: tuple[Assessment, ...]
    standings: tuple[Entry, ...]
    labels: dict[str, str | None]
    heard: dict[str, dict[str, dt.datetime]]
    """By scope item, when each source register last spoke of it or its owner."""


def item_context(
    item: Item, catalogue: Catalogue, words: Words, page_frame: Frame, asked: Asked | None = None
) -> ItemContext:
    """An item in the reader's words, for the subject who asks or for anybody."""
    service = item if isinstance(item, PublicService) else None
    policy = item if isinstance(item, SupportPolicy) else None
    limit = service.processing_limit if service else None
    outputs = service.outputs if service else ()
    return ItemContext(
        t=words,
        frame=page_frame,
        home_url=asked.reader.home_url if asked else None,
        heading=words.name(item.names),
        benefit=words.name(policy.benefit) if policy else None,
        call_to_action=call_to_action(item, words),
        blocks=tuple(_block(one, item, catalogue, asked) for one in asked.assessments) if asked else (),
        conditions=tuple(_conditions(item, None, catalogue, words)),
        papers=tuple(_papers(item, None, catalogue, words)),
        yields=tuple(words.name(catalogue.evidence_types[id].names) for id in outputs),
        authority=words.authority(authority_of(item)),
        level=words(f"item.levels.{item.level.value}"),
        channels=channels_of(item, words),
        limit=limit_text(limit, words) if limit else None,
        validity=_validity(item, words),
        law=citations(item.legal_basis),
        events=tuple(_events(item, catalogue, words)),
        confidence=words(f"item.confidences.{item.confidence.value}"),
        item_id=item.id,
        item_code=service.item_code if service else None,
    )


def _block(assessment: Assessment, item: Item, catalogue: Catalogue, asked: Asked) -> WhyBlock:
    reader, words = asked.reader, asked.reader.words
    mine = [entry for entry in asked.standings if entry.scope_item == assessment.scope_item]
    facts = facts_of(item, assessment.scope_item, reader.judgement, catalogue, words)
    needing = next((entry for entry in mine if entry.standing in BRINGING), None)
    opens = assessment.eligible_from
    sets = [tuple(reader.wanted(name, catalogue) for name in sorted(one)) for one in assessment.settles]
    heard = asked.heard[assessment.scope_item]
    return WhyBlock(
        whose=asked.labels[assessment.scope_item],
        cards=tuple(replace(card(entry, catalogue, reader), discreet=False) for entry in mine),
        conditions=tuple(_conditions(item, assessment, catalogue, words)),
        facts=tuple(FactLine(fact.told(words), _source(fact, heard, catalogue, words)) for fact in facts),
        papers=tuple(_papers(item, needing, catalogue, words)) if needing else (),
        needs_title=words("item.needs" if len(sets) == 1 else "item.needs_any"),
        needs=tuple(map(words.listed, sets))
        if len(sets) > 1
        else tuple(name for one in sets for name in one),
        eligible_from=None if opens is None else words("item.eligible_from", date=words.day(opens)),
    )


def _source(fact: Fact, heard: dict[str, dt.datetime], catalogue: Catalogue, words: Words) -> str | None:
    """Which office told a value and when; what follows from other values says so."""
    attribute = attribute_named(fact.attribute, catalogue)
    if fact.text is None or not isinstance(attribute, Attribute):
        return None
    if attribute.derived is not None:
        return words("fact.derived")
    at = heard.get(attribute.register)
    office = words.authority(attribute.authority)
    if at is None:
        return words("fact.source", office=office)
    return words("fact.source_on", office=office, date=words.day(business_date(at)))


def _conditions(
    item: Item, assessment: Assessment | None, catalogue: Catalogue, words: Words
) -> Iterator[ConditionLine]:
    judged = {one.criterion: one.verdict for one in assessment.criteria} if assessment else {}
    for criterion in item.criteria:
        key = VERDICT_KEYS[judged[criterion.id]] if criterion.id in judged else None
        yield ConditionLine(
            text=condition_text(criterion.predicate, catalogue, words),
            law=None if criterion.legal_source == item.legal_basis else criterion.legal_source,
            verdict=key,
            verdict_text=None if key is None else words(f"item.verdict.{key}"),
        )


def _papers(item: Item, entry: Entry | None, catalogue: Catalogue, words: Words) -> Iterator[PaperLine]:
    for id in item.evidence:
        paper = catalogue.evidence_types[id]
        state = None if entry is None else _state(paper, entry.missing)
        text = None if state is None else words(f"item.paper.{state}")
        yield PaperLine(name=words.name(paper.names), state=state, state_text=text)


def _state(paper: EvidenceType, missing: tuple[str, ...]) -> PaperState:
    if paper.id in missing:
        return "missing"
    if paper.kind == "form":
        return "form"
    return "fetchable" if paper.fetchable else "held"


def _validity(item: Item, words: Words) -> str | None:
    """From when until when an item is in force, where its text says so."""
    start, end = (dt.date.fromisoformat(day) if day else None for day in (item.valid_from, item.valid_to))
    if start and end:
        return words("policy.valid_between", start=words.day(start), end=words.day(end))
    if start:
        return words("policy.valid_from", start=words.day(start))
    return words("policy.valid_to", end=words.day(end)) if end else None


def _events(item: Item, catalogue: Catalogue, words: Words) -> Iterator[str]:
    for event in catalogue.events.values():
        steps = {step.service for stage in event.stages for step in stage}
        if (
            item.id in steps
            and event.status is Status.CONFIRMED
            and event.proactive is not Proactive.SEARCH_ONLY
        ):
            yield words.name(event.names)
