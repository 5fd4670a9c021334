"""The ways out that the settings open, each by its channel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from records.keys import Secrets
from records.tables.vocabulary import AddressChannel
from records.unsubscribing import unsubscribe_word
from serving.delivery.by_file import ByFile
from serving.delivery.by_mail import ByMail, Note
from serving.delivery.by_webhook import ByWebhook
from serving.delivery.outcome import Sender
from serving.delivery.parcel import Parcel
from serving.delivery.settings import DeliverySettings
from serving.delivery.wording import Worded, word

UNSUBSCRIBE = "/unsubscribe"


def sender_of(
    settings: DeliverySettings,
    secrets: Secrets,
    channel: AddressChannel,
    note: Note,
    clock: Callable[[], dt.datetime],
) -> Sender:
    """The way out of a channel. ValueError for one that is not open."""

    def worded(parcel: Parcel) -> Worded:
        several = len(parcel.pieces) > 1
        said = unsubscribe_word(secrets, parcel.pieces[0].id, every_topic=several)
        return word(parcel, settings.address, f"{settings.address}{UNSUBSCRIBE}/{said}")

    if channel == "email" and settings.mail_host is not None:
        return ByMail(settings, worded, note, clock)
    if channel == "letter" and settings.letters_folder is not None:
        return ByFile(settings.letters_folder, worded, clock)
    return ByWebhook(settings, channel, worded, clock)
