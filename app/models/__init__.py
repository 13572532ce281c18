"""All tables. Import tables from here and nowhere deeper: all mappers are then complete, and no cycles form."""

from app.models.account_token import AccountToken
from app.models.answer import Answer
from app.models.answer_reminder import AnswerReminder
from app.models.api_key import ApiKey
from app.models.attachment import Attachment, PostAttachment
from app.models.audit_entry import AuditEntry
from app.models.badge_award import BadgeAward
from app.models.base import metadata
from app.models.calendar import Calendar, CalendarVersion
from app.models.comment import Comment
from app.models.draft import Draft
from app.models.entry_rule import AnswerPromise, EntryRule, EntryStart, EntryWatch
from app.models.escalation import (
    ENTRY_REASONS,
    ESCALATION_STATES,
    PRIORITIES,
    Escalation,
    EscalationEvent,
    EscalationNote,
    EscalationPresence,
    EscalationReason,
)
from app.models.flag import FLAG_REASONS, Flag
from app.models.follow import Follow
from app.models.former_handle import FormerHandle
from app.models.idempotency import StoredAnswer
from app.models.job import Job
from app.models.login_session import LoginSession
from app.models.me_too import MeToo
from app.models.moved_in import ImportCount, ImportProgress, MovedIn
from app.models.notification import Notification, NotificationChoice
from app.models.outbox_event import OutboxEvent
from app.models.outgoing_email import OutgoingEmail
from app.models.post import Post, PostFacts
from app.models.post_link import PostLink
from app.models.product import EnvironmentField, Product, ProductVersion
from app.models.question import CLOSE_REASONS, EnvironmentValue, Question
from app.models.question_vector import QuestionVector
from app.models.queue_view import Macro, SavedView
from app.models.reputation_entry import ReputationEntry
from app.models.revision import Revision, RevisionText, SuggestedEdit
from app.models.search_count import ProtectedWord, SearchCount, SynonymGroup
from app.models.signed_identity import IdentityKey, IdentitySite, SignedIdentity, UsedToken
from app.models.sla_clock import CLOCK_STATES, METRICS, ClockEvent, ClockStep, SlaClock
from app.models.sla_policy import SlaPolicy, SlaPolicyVersion
from app.models.tag import QuestionTag, Tag
from app.models.team import Absence, Skill, Team, TeamMember, TeamProduct
from app.models.throttle import Throttle
from app.models.user import User
from app.models.vote import Vote
from app.models.webhook import (
    DELIVERY_STATES,
    DISABLED_REASONS,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)

__all__ = [
    "CLOCK_STATES",
    "CLOSE_REASONS",
    "DELIVERY_STATES",
    "DISABLED_REASONS",
    "ENTRY_REASONS",
    "ESCALATION_STATES",
    "FLAG_REASONS",
    "METRICS",
    "PRIORITIES",
    "Absence",
    "AccountToken",
    "Answer",
    "AnswerPromise",
    "AnswerReminder",
    "ApiKey",
    "Attachment",
    "AuditEntry",
    "BadgeAward",
    "Calendar",
    "CalendarVersion",
    "ClockEvent",
    "ClockStep",
    "Comment",
    "Draft",
    "EntryRule",
    "EntryStart",
    "EntryWatch",
    "EnvironmentField",
    "EnvironmentValue",
    "Escalation",
    "EscalationEvent",
    "EscalationNote",
    "EscalationPresence",
    "EscalationReason",
    "Flag",
    "Follow",
    "FormerHandle",
    "IdentityKey",
    "IdentitySite",
    "ImportCount",
    "ImportProgress",
    "Job",
    "LoginSession",
    "Macro",
    "MeToo",
    "MovedIn",
    "Notification",
    "NotificationChoice",
    "OutboxEvent",
    "OutgoingEmail",
    "Post",
    "PostAttachment",
    "PostFacts",
    "PostLink",
    "Product",
    "ProductVersion",
    "ProtectedWord",
    "Question",
    "QuestionTag",
    "QuestionVector",
    "ReputationEntry",
    "Revision",
    "RevisionText",
    "SavedView",
    "SearchCount",
    "SignedIdentity",
    "Skill",
    "SlaClock",
    "SlaPolicy",
    "SlaPolicyVersion",
    "StoredAnswer",
    "SuggestedEdit",
    "SynonymGroup",
    "Tag",
    "Team",
    "TeamMember",
    "TeamProduct",
    "Throttle",
    "UsedToken",
    "User",
    "Vote",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "metadata",
]
