"""Decisions of subjects, each with its line in the audit chain, in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

from sqlalchemy import Connection, select

from catalog.vocabulary import SubjectKind
from features.schema import PurposeName
from privacy.consent_texts import default_texts
from privacy.tags import tag_names
from records.audit import AuditEntry
from records.audit_encoding import Scalar
from records.choices import (
    EVERY_THEME,
    choices_of,
    choose_recommendation,
    choose_reminders,
    delete_tag,
    restore_tag,
)
from records.consents import grant, withdraw
from records.database import reading, writing
from records.holdings import owned
from records.questions import answered
from records.requests import Asked, PrivacyRequest, open_request
from records.settings import moment_of_writing
from records.subjects import UnknownSubject, kind_of
from records.tables import scope_item as scope_items
from records.tables.vocabulary import ReminderChannel
from serving.errors import Fault, InvalidRequest
from serving.parts import Parts
from serving.privacy.consent_themes import targets_of

_Result = TypeVar("_Result")
Detail = dict[str, Scalar]


@dataclass(frozen=True, slots=True)
class By:
    """Who decides, and in which capacity, as the audit has it."""

    role: str
    actor: str


class ConsentOutcome(NamedTuple):
    """For how many targets a consent changed, and how many waiting pushes that ended."""

    changed: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class Decisions:
    """What one subject decides, by themselves or through whoever may act for them."""

    parts: Parts
    kind: SubjectKind
    subject: str
    by: By

    def recommend(self, personalised: bool) -> int:
        """Switch personalised recommendation; how many waiting pushes that ends."""

        def work(connection: Connection, at: dt.datetime) -> tuple[int, Detail]:
            cancelled = choose_recommendation(connection, self.subject, personalised, at)
            return cancelled, {"personalised": personalised, "cancelled": cancelled}

        return self.decide("recommendation", None, work)

    def remind(self, theme: str, channel: ReminderChannel, wanted: bool) -> int:
        """Switch reminders on a theme (`*`: all others) by a channel; how many waiting pushes that ends."""
        known = self.parts.catalogue.themes.get(theme)
        if theme != EVERY_THEME and (known is None or known.subject is not self.kind):
            raise InvalidRequest(Fault("/body/theme", "no theme of such subjects; write * for all others"))

        def work(connection: Connection, at: dt.datetime) -> tuple[int, Detail]:
            cancelled = choose_reminders(connection, self.subject, theme, channel, wanted, at)
            return cancelled, {"theme": theme, "channel": channel, "wanted": wanted, "cancelled": cancelled}

        return self.decide("reminders", "remind", work)

    def remind_of(self, channel: ReminderChannel, themes: frozenset[str]) -> int:
        """Want reminders by a channel on these themes and no others; how many waiting pushes that ends."""
        known = [id_ for id_, theme in self.parts.catalogue.themes.items() if theme.subject is self.kind]
        if themes - set(known):
            raise InvalidRequest(Fault("/body/theme", "no theme of such subjects"))

        def work(connection: Connection, at: dt.datetime) -> tuple[int, Detail]:
            now = choices_of(connection, self.subject)
            changed = [theme for theme in known if now.wanted(theme, channel) != (theme in themes)]
            cancelled = sum(
                choose_reminders(connection, self.subject, theme, channel, theme in themes, at)
                for theme in changed
            )
            return cancelled, {"channel": channel, "changed": ",".join(changed), "cancelled": cancelled}

        return self.decide("reminders", "remind", work)

    def tag(self, tag: str, wanted: bool) -> bool:
        """Delete a tag or take its deletion back; False if nothing changed. Raises UnknownTag."""
        tag_names(tag, self.parts.catalogue, self.kind)

        def work(connection: Connection, at: dt.datetime) -> tuple[bool, Detail]:
            if wanted:
                changed = restore_tag(connection, self.subject, tag)
            else:
                changed = delete_tag(connection, self.subject, tag, at)
            return changed, {"tag": tag, "wanted": wanted}

        return self.decide("tag", "rank", work)

    def consent(
        self, purpose: PurposeName, theme: str, granted: bool, text_version: str | None
    ) -> ConsentOutcome:
        """Say yes to a purpose's use of a theme, in the words of a version, or no.

        A yes counts only for the words in force: InvalidRequest for others, and for a theme or purpose
        that asks for nothing.
        """
        targets = targets_of(self.parts.catalogue, self.kind, purpose, theme)
        if not targets:
            raise InvalidRequest(Fault("/path", "nothing of such subjects is asked for under this theme"))
        texts = default_texts()
        version, words = texts.version(purpose, theme), texts.hash(purpose, theme)
        if granted and text_version != version:
            raise InvalidRequest(
                Fault("/body/text_version", f"the words in force are version {version}: show those")
            )

        def work(connection: Connection, at: dt.datetime) -> tuple[ConsentOutcome, Detail]:
            answered(connection, (self.subject, purpose, theme), granted, (version, words), at)
            if granted:
                outcome = ConsentOutcome(
                    grant(connection, self.subject, purpose, targets, version, at), cancelled=0
                )
            else:
                outcome = ConsentOutcome(*withdraw(connection, self.subject, purpose, targets, at))
            said: Detail = {"theme": theme, "granted": granted, **outcome._asdict()}
            return outcome, {**said, "text_version": version, "text_hash": words}

        return self.decide("consent", purpose, work)

    def request(self, asked: Asked) -> PrivacyRequest:
        """Take in a request of the subject's; a disputed value goes to the authority that answers for it.

        The value itself is never changed here. InvalidRequest for a correction of nothing that is held.
        """
        if asked.kind == "correct":
            asked = self._disputing(asked)

        def work(connection: Connection, at: dt.datetime) -> tuple[PrivacyRequest, Detail]:
            made = open_request(connection, asked, at, self.parts.desk.calendar)
            return made, {"kind": made.kind, "request": made.id, "due_on": made.due_on.isoformat()}

        return self.decide("request", None, work)

    def _disputing(self, asked: Asked) -> Asked:
        attribute = self.parts.catalogue.attributes.get(asked.attribute or "")
        if attribute is None or attribute.subject is not self.kind:
            raise InvalidRequest(Fault("/body/attribute", "name the attribute whose value is disputed"))
        scope_item = asked.scope_item or self.subject
        with reading(self.parts.engine) as connection:
            own = owned(scope_items, self.subject)
            mine = set(connection.execute(select(scope_items.c.id).where(own)).scalars()) | {self.subject}
        if scope_item not in mine:
            raise InvalidRequest(Fault("/body/scope_item", "not one of the subject's"))
        return replace(asked, scope_item=scope_item, authority=attribute.authority)

    def decide(
        self,
        action: str,
        purpose: PurposeName | None,
        work: Callable[[Connection, dt.datetime], tuple[_Result, Detail]],
    ) -> _Result:
        """Do a piece of work and write it down, in one transaction. Raises UnknownSubject."""
        at = moment_of_writing(self.parts.settings)
        with writing(self.parts.engine) as connection:
            if kind_of(connection, self.subject) is not self.kind:
                raise UnknownSubject(self.subject)
            result, detail = work(connection, at)
            entry = AuditEntry(at, self.by.role, self.by.actor, action, self.subject, purpose, detail)
            self.parts.audit.append(connection, entry)
        return result
