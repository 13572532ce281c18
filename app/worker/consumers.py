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
    importing,
    me_too,
    moderation,
    notifications,
    questions,
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
    ],
    questions.QuestionEdited: [
        attachments.on_question_written,
        suggestions.on_post_changed,
        notifications.tell_of_edited_question,
        webhooks.tell_webhooks,
    ],
    questions.QuestionClosed: [notifications.tell_of_closing, webhooks.tell_webhooks],
    questions.QuestionReopened: [webhooks.tell_webhooks],
    questions.QuestionRemoved: [
        suggestions.on_post_changed,
        notifications.tell_of_removed_post,
        webhooks.tell_webhooks,
    ],
    questions.QuestionRestored: [notifications.tell_of_restored_post, webhooks.tell_webhooks],
    questions.QuestionLocked: [],
    questions.QuestionUnlocked: [],
    # answers
    answers.AnswerPosted: [
        attachments.on_answer_written,
        notifications.tell_of_answer,
        webhooks.tell_webhooks,
    ],
    answers.AnswerEdited: [
        attachments.on_answer_written,
        suggestions.on_post_changed,
        notifications.tell_of_edited_answer,
    ],
    answers.AnswerAccepted: [notifications.tell_of_acceptance, webhooks.tell_webhooks],
    answers.AnswerUnaccepted: [webhooks.tell_webhooks],
    answers.AnswerMadeOfficial: [notifications.tell_of_official_answer],
    answers.AnswerRemoved: [
        suggestions.on_post_changed,
        notifications.tell_of_removed_post,
        webhooks.tell_webhooks,
    ],
    answers.AnswerRestored: [notifications.tell_of_restored_post, webhooks.tell_webhooks],
    # comments
    comments.CommentPosted: [
        attachments.on_comment_written,
        notifications.tell_of_comment,
        webhooks.tell_webhooks,
    ],
    comments.CommentEdited: [attachments.on_comment_written, notifications.tell_of_edited_comment],
    comments.CommentRemoved: [notifications.tell_of_removed_comment],
    comments.CommentRestored: [],
    # votes, me-toos, reminders
    votes.VoteCast: [],
    me_too.MeTooAdded: [],
    me_too.MeTooWithdrawn: [],
    notifications.ReminderDue: [notifications.remind_asker],
    # suggested edits, flags
    suggestions.EditSuggested: [notifications.tell_of_suggestion],
    suggestions.EditDecided: [notifications.tell_of_decided_edit],
    moderation.PostFlagged: [],
    moderation.FlagDecided: [],
    # catalog
    catalog.ProductChanged: [],
    catalog.TagsMerged: [],
    # what brings questions to staff
    calendars.CalendarChanged: [],
    sla.PoliciesChanged: [],
    entry_rules.EntryRulesChanged: [],
    # accounts
    accounts.MemberJoined: [webhooks.tell_webhooks],
    accounts.MemberRenamed: [],
    accounts.MemberSuspended: [],
    accounts.MemberReleased: [],
    accounts.RolesChanged: [],
    accounts.MemberDeleted: [webhooks.tell_webhooks],
    # the doctor: finished pages are made anew
    doctor.Mended: [],
    # moving in
    importing.ContentMovedIn: [],
}

BY_NAME: dict[str, Consumer] = {
    name_of(consumer): consumer for listed in CONSUMERS.values() for consumer in listed
}
"""The consumers by the name that jobs remember."""
