"""The closed word lists of the records; those of profiles are read off `features.schema`."""

from __future__ import annotations

from typing import Literal, get_args

from catalog.vocabulary import Scope, SubjectKind
from features import schema
from models.recommendation import Standing

RelationKind = Literal["guardian", "proxy", "staff", "owner", "legal_representative", "spouse", "parent"]
"""What `subject` is to `other`: guardian of, proxy for, on the staff of, owner of ..."""
InboxKind = Literal["reminder", "invitation", "policy_package", "answer", "notice"]
InvitationStatus = Literal["proposed", "accepted", "postponed", "declined", "completed", "expired"]
CallBackOutcome = Literal["sent", "nobody_known", "nothing_matches", "not_to_be_told"]
"""What came of a closed consultation: only the first reached anybody."""
CampaignState = Literal["draft", "approved", "sending", "stopped", "finished"]
CampaignArm = Literal["told", "held_out"]
OutboxState = Literal["pending", "sending", "sent", "failed", "cancelled", "expired"]
DeliveryOutcome = Literal["delivered", "temporary_failure", "permanent_failure", "technical_failure"]
ReminderChannel = Literal["inbox", "app", "email", "sms", "webhook", "letter"]
AddressChannel = Literal["email", "sms", "webhook", "letter"]
"""The channels that go to an address the subject gave and that was verified."""
Digest = Literal["none", "daily", "weekly"]
"""Whether what is not urgent comes one by one, or together once a day or week."""
FollowedKind = Literal["item", "event", "theme"]
Template = Literal[
    "reminder", "invitation", "policy_package", "answer", "notice", "campaign", "digest", "code"
]
"""How a push is worded (serving/delivery); `code` carries the code that verifies an address."""
CloseReason = Literal["done", "declined", "untrue", "dismissed", "by_choice", "departed"]
"""Why a message is closed; one that was `untrue` opens again when it is told again, and so does one whose
reader was `departed` by a word taken back since."""
RequestKind = Literal["access", "copy", "correct", "explain", "erase", "complaint"]
RequestCapacity = Literal["self", "guardian", "near_relative", "representative"]
RequestState = Literal["open", "granted", "refused"]
Office = Literal["agent", "operator", "data_scientist", "auditor", "channel"]
"""What a login may be appointed to, beside being somebody; a channel hands in what happened on its pages."""
SessionMode = Literal["standard", "kiosk"]
OpeningGround = Literal["presence", "grant"]
DepartureKind = Literal["death", "dissolution", "move_away"]
"""How a subject ends: nothing is told or computed for it from then on."""
DiscreetAudience = Literal["proxy", "kiosk"]
"""Before whom delicate items stay hidden unless the subject asked otherwise."""

ArrivalKind = Literal[
    "interaction",
    "case",
    "consultation",
    "evidence",
    "register",
    "relation",
    "consent",
    "departure",
    "catalogue",
]
"""What came of a subject and may change what they are shown or told."""

SUBJECT_KINDS = tuple(kind.value for kind in SubjectKind)
SCOPES = tuple(scope.value for scope in Scope)
STANDINGS = tuple(standing.value for standing in Standing)
CASE_STATUSES: tuple[str, ...] = get_args(schema.CaseStatus)
INTERACTION_KINDS: tuple[str, ...] = get_args(schema.InteractionKind)
PURPOSES: tuple[str, ...] = get_args(schema.PurposeName)
EVIDENCE_SOURCES: tuple[str, ...] = ("authority", "upload")
RELATION_KINDS: tuple[str, ...] = get_args(RelationKind)
INBOX_KINDS: tuple[str, ...] = get_args(InboxKind)
INVITATION_STATUSES: tuple[str, ...] = get_args(InvitationStatus)
CALL_BACK_OUTCOMES: tuple[str, ...] = get_args(CallBackOutcome)
CAMPAIGN_STATES: tuple[str, ...] = get_args(CampaignState)
CAMPAIGN_ARMS: tuple[str, ...] = get_args(CampaignArm)
OUTBOX_STATES: tuple[str, ...] = get_args(OutboxState)
DELIVERY_OUTCOMES: tuple[str, ...] = get_args(DeliveryOutcome)
REMINDER_CHANNELS: tuple[str, ...] = get_args(ReminderChannel)
ADDRESS_CHANNELS: tuple[AddressChannel, ...] = get_args(AddressChannel)
DIGESTS: tuple[str, ...] = get_args(Digest)
FOLLOWED_KINDS: tuple[str, ...] = get_args(FollowedKind)
REQUEST_KINDS: tuple[str, ...] = get_args(RequestKind)
REQUEST_CAPACITIES: tuple[str, ...] = get_args(RequestCapacity)
REQUEST_STATES: tuple[str, ...] = get_args(RequestState)
OFFICES: tuple[str, ...] = get_args(Office)
SESSION_MODES: tuple[str, ...] = get_args(SessionMode)
OPENING_GROUNDS: tuple[str, ...] = get_args(OpeningGround)
DISCREET_AUDIENCES: tuple[str, ...] = get_args(DiscreetAudience)
DEPARTURE_KINDS: tuple[str, ...] = get_args(DepartureKind)
ARRIVAL_KINDS: tuple[str, ...] = get_args(ArrivalKind)
