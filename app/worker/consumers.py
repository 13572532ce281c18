"""Every side effect of the forum on one screen: which functions react to which event.

Reputation is not here: the ledger is written by the service itself, in the same transaction.
Nor is the search index, which reads the change feed by its own position (domain/search).
An empty list is a decision, too.
"""

from __future__ import annotations

from app.domain import (
    accounts,
    answers,
    attachments,
    calendars,
    catalog,
    comments,
    doctor,
    entry_rules,
    escalations,
    identity,
    importing,
    me_too,
    moderation,
    notifications,
    questions,
    searches,
    sla,
    suggestions,
    votes,
    webhooks,
)
from app.domain.outbox import Consumer, Event, name_of

CONSUMERS: dict[type[Event], list[Consumer]] = {
    # questions
    questions.QuestionAsked: [
        attachments.on_question_written,
        notifications.tell_of_question,
        webhooks.tell_webhooks,
        escalations.on_thread_changed,
    ],
    questions.QuestionEdited: [
        attachments.on_question_written,
        suggestions.on_post_changed,
        notifications.tell_of_edited_question,
        webhooks.tell_webhooks,
        escalations.on_question_edited,
    ],
    questions.QuestionClosed: [
        notifications.tell_of_closing,
        webhooks.tell_webhooks,
        escalations.on_question_gone,
    ],
    questions.QuestionReopened: [webhooks.tell_webhooks, escalations.on_thread_changed],
    questions.QuestionRemoved: [
        suggestions.on_post_changed,
        notifications.tell_of_removed_post,
        webhooks.tell_webhooks,
        escalations.on_question_gone,
    ],
    questions.QuestionRestored: [
        notifications.tell_of_restored_post,
        webhooks.tell_webhooks,
        escalations.on_thread_changed,
    ],
    questions.QuestionLocked: [],
    questions.QuestionUnlocked: [],
    # answers
    answers.AnswerPosted: [
        attachments.on_answer_written,
        notifications.tell_of_answer,
        webhooks.tell_webhooks,
        escalations.on_answer_posted,
    ],
    answers.AnswerEdited: [
        attachments.on_answer_written,
        suggestions.on_post_changed,
        notifications.tell_of_edited_answer,
    ],
    answers.AnswerAccepted: [
        notifications.tell_of_acceptance,
        webhooks.tell_webhooks,
        escalations.on_answer_accepted,
    ],
    answers.AnswerUnaccepted: [webhooks.tell_webhooks, escalations.on_answer_unaccepted],
    answers.AnswerMadeOfficial: [notifications.tell_of_official_answer, escalations.on_answer_made_official],
    answers.AnswerRemoved: [
        suggestions.on_post_changed,
        notifications.tell_of_removed_post,
        webhooks.tell_webhooks,
        escalations.on_thread_changed,
    ],
    answers.AnswerRestored: [
        notifications.tell_of_restored_post,
        webhooks.tell_webhooks,
        escalations.on_thread_changed,
    ],
    # comments
    comments.CommentPosted: [
        attachments.on_comment_written,
        notifications.tell_of_comment,
        webhooks.tell_webhooks,
        escalations.on_comment_posted,
    ],
    comments.CommentEdited: [attachments.on_comment_written, notifications.tell_of_edited_comment],
    comments.CommentRemoved: [notifications.tell_of_removed_comment, escalations.on_thread_changed],
    comments.CommentRestored: [escalations.on_thread_changed],
    # votes, me-toos, reminders
    votes.VoteCast: [escalations.on_vote_cast],
    me_too.MeTooAdded: [escalations.on_me_too],
    me_too.MeTooWithdrawn: [],
    notifications.ReminderDue: [notifications.remind_asker],
    # suggested edits, flags
    suggestions.EditSuggested: [notifications.tell_of_suggestion],
    suggestions.EditDecided: [notifications.tell_of_decided_edit],
    moderation.PostFlagged: [],
    moderation.FlagDecided: [],
    # catalog
    catalog.ProductChanged: [escalations.on_product_changed],
    catalog.TagsMerged: [],
    searches.SynonymsChanged: [],  # kept pages of results are made anew
    # what brings questions to staff
    calendars.CalendarChanged: [escalations.on_calendar_changed],
    sla.PoliciesChanged: [escalations.on_policies_changed],
    entry_rules.EntryRulesChanged: [escalations.on_rules_changed],
    # accounts
    accounts.MemberJoined: [webhooks.tell_webhooks],
    accounts.MemberRenamed: [],
    accounts.MemberSuspended: [escalations.on_standing_changed],
    accounts.MemberReleased: [],
    accounts.RolesChanged: [escalations.on_standing_changed],
    accounts.MemberDeleted: [webhooks.tell_webhooks, identity.forget_member, escalations.on_standing_changed],
    # the doctor: finished pages are made anew
    doctor.Mended: [],
    # cases of staff
    escalations.EscalationOpened: [webhooks.tell_webhooks],
    escalations.EscalationReasonAdded: [],
    escalations.EscalationAssigned: [escalations.tell_of_owner, webhooks.tell_webhooks],
    escalations.EscalationReturned: [escalations.tell_of_return, webhooks.tell_webhooks],
    escalations.EscalationHandedOver: [escalations.tell_of_handing_over, webhooks.tell_webhooks],
    escalations.EscalationSnoozed: [webhooks.tell_webhooks],
    escalations.EscalationWoken: [webhooks.tell_webhooks],
    escalations.EscalationReplied: [],
    escalations.EscalationHeard: [escalations.tell_of_customer],
    escalations.EscalationWaiting: [webhooks.tell_webhooks],
    escalations.EscalationNoted: [escalations.tell_of_note],
    escalations.EscalationChanged: [],
    escalations.EscalationWarned: [escalations.tell_of_warning, webhooks.tell_webhooks],
    escalations.EscalationBreached: [escalations.tell_of_breach, webhooks.tell_webhooks],
    escalations.EscalationResolved: [webhooks.tell_webhooks],
    escalations.EscalationReopened: [escalations.tell_of_reopening, webhooks.tell_webhooks],
    escalations.EscalationClosed: [escalations.on_thread_changed, webhooks.tell_webhooks],
    escalations.EscalationCancelled: [escalations.on_thread_changed, webhooks.tell_webhooks],
    escalations.PromiseChanged: [],
    escalations.PlanInterrupted: [escalations.on_plan_interrupted],
    escalations.BacklogWanted: [escalations.on_backlog_wanted],
    # moving in
    importing.ContentMovedIn: [escalations.on_moved_in],
}


def consumers_of(feature: str) -> dict[type[Event], list[Consumer]]:
    """Return what of the table belongs to one feature."""
    prefix = f"{feature}."
    return {
        event: [consumer for consumer in listed if name_of(consumer).startswith(prefix)]
        for event, listed in CONSUMERS.items()
    }


BY_NAME: dict[str, Consumer] = {
    name_of(consumer): consumer for listed in CONSUMERS.values() for consumer in listed
}
"""The consumers by the name that jobs remember."""
