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
    catalog,
    comments,
    importing,
    me_too,
    moderation,
    notifications,
    questions,
    suggestions,
    votes,
)
from app.domain.outbox import Consumer, Event, name_of

CONSUMERS: dict[type[Event], list[Consumer]] = {
    # questions
    questions.QuestionAsked: [attachments.on_question_written, notifications.tell_of_question],
    questions.QuestionEdited: [attachments.on_question_written, suggestions.on_post_changed],
    questions.QuestionClosed: [notifications.tell_of_closing],
    questions.QuestionReopened: [],
    questions.QuestionRemoved: [notifications.tell_of_removed_question, suggestions.on_post_changed],
    questions.QuestionRestored: [],
    questions.QuestionLocked: [],
    questions.QuestionUnlocked: [],
    # answers
    answers.AnswerPosted: [attachments.on_answer_written, notifications.tell_of_answer],
    answers.AnswerEdited: [attachments.on_answer_written, suggestions.on_post_changed],
    answers.AnswerAccepted: [notifications.tell_of_acceptance],
    answers.AnswerUnaccepted: [],
    answers.AnswerMadeOfficial: [notifications.tell_of_official_answer],
    answers.AnswerRemoved: [notifications.tell_of_removed_answer, suggestions.on_post_changed],
    answers.AnswerRestored: [],
    # comments, votes, me-toos
    comments.CommentPosted: [attachments.on_comment_written, notifications.tell_of_comment],
    comments.CommentEdited: [attachments.on_comment_written],
    comments.CommentRemoved: [],
    comments.CommentRestored: [],
    votes.VoteCast: [],
    me_too.MeTooAdded: [],
    me_too.MeTooWithdrawn: [],
    # suggested edits, flags
    suggestions.EditSuggested: [],
    suggestions.EditDecided: [],
    moderation.PostFlagged: [],
    moderation.FlagDecided: [],
    # catalog
    catalog.ProductChanged: [],
    catalog.TagsMerged: [],
    # accounts
    accounts.MemberJoined: [],
    accounts.MemberRenamed: [],
    accounts.MemberSuspended: [],
    accounts.MemberReleased: [],
    accounts.RolesChanged: [],
    accounts.MemberDeleted: [],
    # moving in
    importing.ContentMovedIn: [],
}

BY_NAME: dict[str, Consumer] = {
    name_of(consumer): consumer for listed in CONSUMERS.values() for consumer in listed
}
"""The consumers by the name that jobs remember."""
