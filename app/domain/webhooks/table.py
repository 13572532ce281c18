"""Which event of the outbox is told to webhooks, and as which types."""

from __future__ import annotations

TEST = "webhook.test"
"""The type of what the button "Send a test" sends."""

TYPES: dict[str, tuple[str, ...]] = {
    "QuestionAsked": ("question.created",),
    "QuestionEdited": ("question.updated",),
    "QuestionReopened": ("question.updated",),
    "QuestionRestored": ("question.updated",),
    "QuestionRemoved": ("question.updated",),  # by its id, with the status "removed"
    "QuestionClosed": ("question.closed",),
    "AnswerPosted": ("answer.created",),
    "AnswerRemoved": ("question.updated",),
    "AnswerRestored": ("answer.created",),
    "AnswerAccepted": ("answer.accepted", "question.solved"),
    "AnswerUnaccepted": ("question.unsolved",),
    "CommentPosted": ("comment.created",),
    "EscalationOpened": ("escalation.opened",),
    "EscalationAssigned": ("escalation.claimed",),
    "EscalationReturned": ("escalation.state_changed",),
    "EscalationHandedOver": ("escalation.state_changed",),
    "EscalationSnoozed": ("escalation.state_changed",),
    "EscalationWoken": ("escalation.state_changed",),
    "EscalationWaiting": ("escalation.state_changed",),
    "EscalationReopened": ("escalation.state_changed",),
    "EscalationClosed": ("escalation.state_changed",),
    "EscalationCancelled": ("escalation.state_changed",),
    "EscalationWarned": ("escalation.sla_warning",),
    "EscalationBreached": ("escalation.sla_breached",),
    "EscalationResolved": ("escalation.resolved",),
    "MemberJoined": ("user.created",),
    "MemberDeleted": ("user.deleted",),
}
"""By the event's name. Each needs `webhooks.tell_webhooks` among its consumers in worker/consumers.py."""

EVENT_TYPES = tuple(dict.fromkeys(kind for kinds in TYPES.values() for kind in kinds))
"""All types that an endpoint can ask for, in the order in which people are shown them."""
