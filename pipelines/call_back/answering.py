"""The one message that answers a consultation: the services, the papers and where, by the catalogue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from functools import cache
from importlib import resources
from typing import Any, Final

import msgspec

from catalog.catalogue import Catalogue, Item
from catalog.public_service import PublicService
from catalog.vocabulary import Names
from models.homepage import theme_of_item
from models.recommendation import Reason
from pipelines.call_back.matching import Matched
from records.consultations import ConsultationRecord
from records.inbox import Message
from records.reminders import end_of_day, is_delicate
from records.settings import SHANGHAI
from records.tables.vocabulary import ReminderChannel
from records.telling import message_key

CODE: Final = "answer_to_consultation"
GOOD_FOR: Final = dt.timedelta(days=30)
"""An answer that comes later answers nobody."""


@cache
def _words() -> dict[str, Names]:
    text = resources.files("pipelines.call_back").joinpath("words.yaml").read_bytes()
    return msgspec.yaml.decode(text, type=dict[str, Names])


def answer_message(
    one: ConsultationRecord,
    subject: str,
    found: Matched,
    channels: Collection[ReminderChannel],
    catalogue: Catalogue,
) -> Message:
    """The bundle for whoever asked. ValueError where nothing answers."""
    if not found.items:
        raise ValueError(f"nothing answers consultation {one.id}")
    day = one.at.astimezone(SHANGHAI).date()
    return Message(
        key=answer_key(one),
        subject=subject,
        kind="answer",
        template="answer",
        names=found.names,
        topic=theme_of_item(found.items[0], catalogue),
        item=found.items[0] if len(found.items) == 1 else None,
        reason=Reason(CODE, Names(_text("zh", day, found, catalogue), _text("en", day, found, catalogue))),
        catalogue_version=catalogue.version,
        asked=True,
        delicate=any(is_delicate(item, catalogue) for item in found.items),
        detail={"items": [_bundle(catalogue.items[item], catalogue) for item in found.items]},
        expires_at=end_of_day(day + GOOD_FOR),
        channels=frozenset(channels),
        relied_on=None if found.by_standing else (),
    )


def answer_key(one: ConsultationRecord) -> str:
    """The key of the answer to a consultation: it is answered once."""
    return message_key("answer", one.id)


def _bundle(item: Item, catalogue: Catalogue) -> dict[str, Any]:
    """One service of the answer for templates and pages, as the catalogue has it; null is unknown."""
    papers = [catalogue.evidence_types[paper].names for paper in item.evidence]
    channels = item.channels if isinstance(item, PublicService) else None
    return {
        "item": item.id,
        "names_zh": item.names.zh,
        "names_en": item.names.en,
        "papers_zh": [paper.zh for paper in papers],
        "papers_en": [paper.en for paper in papers],
        "authority": _authority(item),
        "channels": {} if channels is None else msgspec.to_builtins(channels),
        "limit": item.processing_limit if isinstance(item, PublicService) else None,
        "law": item.legal_basis,
    }


def _text(language: str, day: dt.date, found: Matched, catalogue: Catalogue) -> str:
    def word(part: str, **values: str) -> str:
        text: str = getattr(_words()[part], language)
        return text.format(**values)

    when = f"{day.month}月{day.day}日" if language == "zh" else f"{day.day} {day:%B}"
    said = [word("asked", day=when, topic=getattr(found.names, language))]
    for id_ in found.items:
        item = catalogue.items[id_]
        papers = [getattr(catalogue.evidence_types[one].names, language) for one in item.evidence]
        said.append(word("item", name=getattr(item.names, language)))
        said.append(word("papers", papers=word("comma").join(papers)) if papers else word("no_papers"))
        said.append(word("authority", authority=_authority(item)))
        where = _where(item)
        said.append(word("hotline") if where is None else word("channel", channel=where))
        said.append(word("end"))
    return "".join(said).strip()


def _authority(item: Item) -> str:
    return item.authority if isinstance(item, PublicService) else item.issuer


def _where(item: Item) -> str | None:
    """The first way to do it that is known, online before a hall."""
    channels = item.channels if isinstance(item, PublicService) else None
    if channels is None:
        return None
    return channels.online or channels.hall or channels.terminal or channels.hotline
