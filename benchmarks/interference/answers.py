"""Everything one subject is answered, as bytes: pages, JSON, explanations, reminders, and what is logged."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from benchmarks.interference.call_back import called_back
from benchmarks.interference.people import AT, TODAY
from benchmarks.interference.secrets import Sight
from benchmarks.interference.town import Town
from catalog.catalogue import Catalogue, Item
from catalog.vocabulary import Scope, SubjectKind, ValueType
from features.registers import stored_attributes
from features.statements import AttributeHistory
from models.eligibility.rule_book import RuleBook
from models.homepage import Champions, LearnedSignals
from models.standing.working_days import published_calendar
from pipelines.difference.reassess import Reassessor
from pipelines.difference.seen import INBOX_USE, see
from pipelines.invite import ground as invitations
from pipelines.invite.proposing import proposals
from pipelines.invite.standings import stood
from pipelines.score.ground import Rules
from records.choices import EVERY_THEME, Choices
from records.database import reading
from records.profiles import ProfileReader
from records.reminders import USE_OF, reminders_of
from records.tables.vocabulary import ReminderChannel
from serving.api.assessments import _answer as assessments_of
from serving.api.homepage_schemas import HomepageSchema
from serving.api.items import confirmed
from serving.api.packages import PolicyPackageSchema
from serving.api.what_if_answer import Case, answer
from serving.api.what_if_reading import read_supposition
from serving.api.what_if_schemas import WhatIfRequestSchema
from serving.desk import Clock, Desk, Known
from serving.errors import InvalidRequest
from serving.pages.cards import Reader
from serving.pages.frame import Frame, frame
from serving.pages.homepage_context import homepage_context
from serving.pages.item_context import Asked, item_context
from serving.pages.items_context import Narrowing, items_context
from serving.pages.package_context import package_context
from serving.pages.rendering import Renderer
from serving.parts import Parts
from serving.privacy.held import _open_to as open_to
from serving.privacy.tags_shown import tags_of
from serving.wording import LANGUAGES, Language, Mode, Words, load_words

MODES: tuple[Mode, ...] = ("standard", "elder")
Answers = Mapping[str, bytes]
WRONG = "not as the gate opens: "
OUTWARD: tuple[ReminderChannel, ...] = ("sms", "email", "webhook")
RENDERER = Renderer()
WORDS = load_words()


@dataclass(frozen=True)
class Counter:
    """A desk that serves a town, and how it words its answers."""

    town: Town
    catalogue: Catalogue
    champions: Champions
    judge: RuleBook

    @cached_property
    def desk(self) -> Desk:
        """The product's own, with the clock held."""
        return Desk(
            catalogue=self.catalogue,
            engine=self.town.engine,
            profiles=ProfileReader(self.town.engine, self.town.online),
            judge=self.judge,
            calendar=published_calendar(),
            clock=Clock(on=lambda: TODAY, at=lambda: AT),
            learned=LearnedSignals(self.champions, self.catalogue),
        )

    @property
    def parts(self) -> Parts:
        """What a request's handlers read of the open parts."""
        return cast(Parts, _Open(self.catalogue, self.desk))

    def ranked(self, kind: SubjectKind, subject: str, asked: random.Random) -> Answers:
        """What rests on the purposes assess and rank: the homepage, its lists, the policy package."""
        with told() as lines:
            known = self.desk.known(kind, subject)
            page = self.desk.homepage_of(known)
            language, mode = asked.choice(LANGUAGES), asked.choice(MODES)
            words = WORDS[language]
            reader, layout = self._reader(known, words, mode), _frame(words, mode)
            package = self.desk.package_of(known) if kind is SubjectKind.ENTERPRISE else None
            context = homepage_context(page, self.catalogue, reader, layout, package)
            everything = items_context(page, Narrowing(None, None), self.catalogue, reader, layout)
            found = {
                "homepage.json": HomepageSchema.of(page, self.catalogue).model_dump_json().encode(),
                "homepage.html": RENDERER.html("homepage", context).encode(),
                "items.html": RENDERER.html("items", everything).encode(),
                "tags": repr(tags_of(self.desk, kind, subject)).encode(),
            }
            if package is not None:
                context_of_package = package_context(package, self.catalogue, reader, layout)
                found["package.json"] = PolicyPackageSchema.of(package).model_dump_json().encode()
                found["package.html"] = RENDERER.html("package", context_of_package).encode()
        return {**found, "log": _joined(lines)}

    def decided(self, kind: SubjectKind, subject: str, asked: random.Random) -> Answers:
        """What rests on the purpose assess alone: why and why not, an item's page, what if."""
        item = asked.choice(
            [
                i
                for i in self.catalogue.items.values()
                if i.subject is kind and confirmed(i.id, self.catalogue)
            ]
        )
        language: Language = asked.choice(LANGUAGES)
        with told() as lines:
            known = self.desk.known(kind, subject)
            found = {
                "assessments.json": assessments_of(self.parts, kind, subject, item.id)
                .model_dump_json()
                .encode(),
                "item.html": self._item_page(item, known, WORDS[language]).encode(),
                "what-if.json": self._what_if(kind, subject, known, asked),
                "openings": self._openings(kind, subject),
            }
        return {**found, "log": _joined(lines)}

    def reminded(self, kind: SubjectKind, subject: str, asked: random.Random) -> Answers:
        """What rests on the purpose remind."""
        with told() as lines:
            found = {"reminders": self._reminders(kind, subject, "inbox"), **self._told_anew(kind, subject)}
            answers = called_back(self.town, self.catalogue, self.judge, kind, subject)
            found["called back"] = repr(answers).encode()
        return {**found, "log": _joined(lines)}

    def invited(self, kind: SubjectKind, subject: str, asked: random.Random) -> Answers:
        """What rests on the purposes remind and rank: what days are proposed for, and how likely each is."""
        history = AttributeHistory(self.town.settings.attributes_path, self.catalogue)
        rules = Rules(self.catalogue, history, self.judge, published_calendar(), TODAY)
        ground = invitations.Ground(rules, self.desk.profiles, AT, self.desk.learned)
        with told() as lines, reading(self.town.engine) as connection:
            seen = invitations.see(ground, connection, subject)
            entries = invitations.entries_for(ground, seen)
            pairs = {(entry.scope_item, entry.item) for entry in entries}
            asked_of = invitations.Asked(seen, pairs, entries, {entry.item for entry in entries})
            page = list(stood(ground, connection, kind, [subject], ()).items())
            found = {
                "entries": repr(entries).encode(),
                "chances": repr(invitations.chances(ground, [asked_of])).encode(),
                "stood": repr([(one.entries, sorted(one.items)) for _, one in page]).encode(),
                "proposals": repr(list(proposals(ground, connection, {}, page))).encode(),
            }
        return {**found, "log": _joined(lines)}

    def _told_anew(self, kind: SubjectKind, subject: str) -> dict[str, bytes]:
        """What the live worker would tell one subject of, and what package a firm would be told of."""
        made = Reassessor(self.catalogue, self.desk.profiles, self.judge, published_calendar())
        with reading(self.town.engine) as connection:
            seen = see(self.desk.profiles, connection, subject)
            found = {
                "reassessed": repr(made.entries(seen, INBOX_USE, AT, TODAY)).encode(),
                "keys": repr(sorted(made.keys(seen, INBOX_USE, AT, TODAY))).encode(),
            }
            if kind is SubjectKind.ENTERPRISE:
                found["renewal"] = repr(made.renewer.prepare(connection, subject, AT, TODAY)).encode()
        return found

    def previewed(self, kind: SubjectKind, subject: str, asked: random.Random) -> Answers:
        """What leaves the inbox: previews by every channel, all wanted."""
        with told() as lines:
            found = {
                channel: self._reminders(kind, subject, channel) for channel in ("sms", "email", "webhook")
            }
        return {**found, "log": _joined(lines)}

    def _reminders(self, kind: SubjectKind, subject: str, channel: ReminderChannel) -> bytes:
        page = self.desk.reminder_page(kind, subject, USE_OF[channel])
        wanted = Choices(reminders={(EVERY_THEME, channel): True})
        return repr(reminders_of(page, self.catalogue, wanted, channel)).encode()

    def _openings(self, kind: SubjectKind, subject: str) -> bytes:
        """For which purposes each thing is said to be usable, where that is not what the gate opens."""
        profile, consents, *_ = self.desk.read(kind, subject)
        wrong = []
        for purpose, said in open_to(self.parts, profile, consents).items():
            sight = Sight.of(profile, consents, [purpose], self.catalogue)
            shown = [item for item in profile.scope_items if sight.scope_item(item)]
            held = {(item.id, name) for item in shown for name in item.attributes if sight.attribute(name)}
            wrong += sorted(held ^ said)
        return f"{WRONG}{wrong}".encode() if wrong else b""

    def _item_page(self, item: Item, known: Known, words: Words) -> str:
        asked = Asked(
            reader=self._reader(known, words, "standard"),
            assessments=self.desk.assessments_of(known, item),
            standings=self.desk.standings_of(known, item),
            labels={one.id: one.label for one in known.assess.scope_items},
            heard={one.id: {**known.assess.itself.as_of, **one.as_of} for one in known.assess.scope_items},
        )
        context = item_context(item, self.catalogue, words, _frame(words, "standard"), asked)
        return RENDERER.html("item", context)

    def _what_if(self, kind: SubjectKind, subject: str, known: Known, asked: random.Random) -> bytes:
        told = stored_attributes(self.catalogue, kind, Scope.SELF)
        supposed = [a for a in told if a.type is ValueType.BOOLEAN] or list(told)
        attribute = asked.choice(supposed)
        value = asked.random() < 0.5 if attribute.type is ValueType.BOOLEAN else None
        request = WhatIfRequestSchema.model_validate(
            {
                "kind": kind.value,
                "subject": subject,
                "changes": [{"scope_item": subject, "attributes": {attribute.name: value}}],
            }
        )
        try:
            supposition = read_supposition(request, known.assess, self.catalogue, TODAY)
        except InvalidRequest as refused:
            return repr(refused).encode()
        return answer(Case(known.assess, known.judgement, self.parts), supposition).model_dump_json().encode()

    def _reader(self, known: Known, words: Words, mode: Mode) -> Reader:
        kind, subject = known.assess.kind, known.assess.subject
        return Reader(
            ref=f"{kind.value}:{subject}",
            home_url=f"/{kind.value}/{subject}",
            judgement=known.judgement,
            words=words,
            mode=mode,
            withheld=known.assess.withheld,
        )


@dataclass(frozen=True)
class _Open:
    """What answers read of the open parts: no other part is reached."""

    catalogue: Catalogue
    desk: Desk


def _frame(words: Words, mode: Mode) -> Frame:
    return frame(words, mode, "page", TODAY, "/page", {}, catalogue_version="random", synthetic=False)


class _Keeping(logging.Handler):
    """Keeps every line in a list."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(f"{record.name} {record.getMessage()}")


@contextmanager
def told() -> Iterator[list[str]]:
    """Every line logged meanwhile, at any level."""
    lines: list[str] = []
    handler = _Keeping(lines)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def _joined(lines: list[str]) -> bytes:
    return "\n".join(lines).encode()
