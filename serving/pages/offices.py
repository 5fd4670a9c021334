"""Who answers for an item, where it can be done, by which law, and where its page is."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from catalog.catalogue import Item
from catalog.public_service import Channels, PublicService
from serving.wording import Words


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """One way to do an item; `url` when it can be followed."""

    label: str
    text: str
    url: str | None


def item_url(item: Item, subject_ref: str | None = None, scope_item: str | None = None) -> str:
    """The address of an item's page, as seen by a subject when one is given."""
    kind = "public-services" if isinstance(item, PublicService) else "support-policies"
    query = {"subject": subject_ref, "scope_item": scope_item}
    asked = urlencode({name: value for name, value in query.items() if value is not None})
    return f"/{kind}/{quote(item.id, safe='')}" + (f"?{asked}" if asked else "")


def authority_of(item: Item) -> str:
    """The office that answers for an item."""
    return item.authority if isinstance(item, PublicService) else item.issuer


def call_to_action(item: Item, words: Words) -> str | None:
    """What a policy asks of the enterprise; a public service says it by its channels."""
    return None if isinstance(item, PublicService) else words(f"apply_mode.{item.apply_mode}")


def channels_of(item: Item, words: Words) -> tuple[ChannelLine, ...]:
    """The known ways to do an item; where none is known, the 12345 hotline, said to be just that."""
    channels = item.channels if isinstance(item, PublicService) else None
    known = _known(channels, words) if channels is not None else ()
    return known or (
        ChannelLine(words("card.channel_unknown"), words("channel.hotline_default"), "tel:12345"),
    )


def _known(channels: Channels, words: Words) -> tuple[ChannelLine, ...]:
    ways = {
        "online": channels.online,
        "terminal": channels.terminal,
        "hall": channels.hall,
        "hotline": channels.hotline,
    }
    return tuple(
        ChannelLine(words(f"channel.{way}"), text, text if text.startswith("https://") else None)
        for way, text in ways.items()
        if text is not None
    )


def citations(legal_basis: str) -> tuple[str, ...]:
    """The texts of a legal basis, one each."""
    return tuple(part.strip() for part in legal_basis.replace(";", ";").split(";") if part.strip())
