"""Who is told and who is held out, and in which stage: by a keyed hash, the same whenever it is asked."""

from __future__ import annotations

from typing import Final

from privacy.pseudonym import keyed_digest
from records.campaigns import Draft
from records.keys import VersionedKey
from records.tables.vocabulary import CampaignArm

LABEL: Final = "campaign"
_BITS: Final = 64


class Assignment:
    """The lots of one campaign, drawn with a key that nobody outside has."""

    def __init__(self, secret: VersionedKey, campaign: str, draft: Draft) -> None:
        # The oldest version, so that a new key changes nobody's lot half-way through a campaign.
        self._key = secret.derived(LABEL)[min(secret.versions)]
        self._campaign, self._draft = campaign, draft

    def arm(self, subject: str) -> CampaignArm:
        """Whether the subject is told, or held out."""
        return "held_out" if self._lot("arm", subject) < self._draft.hold_out else "told"

    def stage(self, subject: str) -> int:
        """The stage, from 1, that the subject belongs to."""
        lot = self._lot("stage", subject)
        return next(n for n, share in enumerate(self._draft.stages, 1) if lot < share)

    def _lot(self, what: str, subject: str) -> float:
        digest = keyed_digest(self._key, what, self._campaign, subject)
        return int.from_bytes(digest[: _BITS // 8], "big") / float(2**_BITS)
