"""A change of a package as the one message that tells of it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from typing import Any, Final

import msgspec

from catalog.catalogue import Catalogue
from models.policy_package.change import Held, PackageChange
from models.policy_package.change_words import reason, title
from records.inbox import Message
from records.reminders import end_of_day, is_delicate
from records.telling import message_key

NEWS_FOR: Final = dt.timedelta(days=30)
"""How long a change without a last day is worth a push."""


def digest_key(enterprise: str, change: PackageChange) -> str:
    """The same change is told once."""
    content = hashlib.sha256(msgspec.json.encode(change)).hexdigest()
    return message_key("policy_package", enterprise, content)


def digest_message(enterprise: str, change: PackageChange, catalogue: Catalogue) -> Message:
    """One message for all that changed; what of it is delicate makes the whole message so."""
    named = (*change.added, *(each.was for each in change.lost), *(each.now for each in change.altered))
    told_until = change.apply_by or change.on + NEWS_FOR
    return Message(
        key=digest_key(enterprise, change),
        subject=enterprise,
        kind="policy_package",
        template="policy_package",
        names=title(change),
        reason=reason(change),
        topic=Counter(held.category for held in named).most_common(1)[0][0],
        catalogue_version=change.catalogue_version,
        due_on=change.apply_by,
        delicate=any(held.item in catalogue.items and is_delicate(held.item, catalogue) for held in named),
        expires_at=end_of_day(told_until),
        detail={
            "added": [_plain(held) for held in change.added],
            "lost": [{**_plain(each.was), "why": each.why} for each in change.lost],
            "altered": [{**_plain(each.now), "yuan_before": each.was.yuan} for each in change.altered],
            "yuan_more": change.yuan_more,
        },
    )


def _plain(held: Held) -> dict[str, Any]:
    return {
        "item": held.item,
        "scope_item": held.scope_item,
        "names_zh": held.names.zh,
        "names_en": held.names.en,
        "yuan": held.yuan,
        "due_on": None if held.due_on is None else held.due_on.isoformat(),
    }
