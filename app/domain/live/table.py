"""Which event becomes which live message. An empty name is a decision, too: nobody is told.

An event that names a case (`escalation_id`) needs no line: it goes to staff, to the topics
"queue" and "case:{id}", as the message "case" with the event's name in `event`.
"""

from __future__ import annotations

from app.domain import (
    accounts,
    answers,
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
    searches,
    sla,
    suggestions,
    votes,
)
from app.domain.outbox import Event

PUBLIC: dict[type[Event], str] = {
    # questions: to "public", "question:{id}" and "product:{slug}" of the product and those above it
    questions.QuestionAsked: "question.created",
    questions.QuestionEdited: "question.updated",
    questions.QuestionClosed: "question.closed",
    questions.QuestionReopened: "question.reopened",
    questions.QuestionRemoved: "question.removed",
    questions.QuestionRestored: "question.created",
    questions.QuestionLocked: "question.updated",
    questions.QuestionUnlocked: "question.updated",
    # answers
    answers.AnswerPosted: "answer.created",
    answers.AnswerEdited: "answer.updated",
    answers.AnswerAccepted: "question.solved",
    answers.AnswerUnaccepted: "question.unsolved",
    answers.AnswerMadeOfficial: "answer.updated",
    answers.AnswerRemoved: "answer.removed",
    answers.AnswerRestored: "answer.created",
    # comments
    comments.CommentPosted: "comment.created",
    comments.CommentEdited: "comment.updated",
    comments.CommentRemoved: "comment.removed",
    comments.CommentRestored: "comment.created",
    # too many, or nobody's business
    votes.VoteCast: "",
    me_too.MeTooAdded: "",
    me_too.MeTooWithdrawn: "",
    notifications.ReminderDue: "",
    suggestions.EditSuggested: "",
    suggestions.EditDecided: "",
    moderation.PostFlagged: "",
    moderation.FlagDecided: "",
    catalog.ProductChanged: "",
    catalog.TagsMerged: "",
    searches.SynonymsChanged: "",
    calendars.CalendarChanged: "",
    sla.PoliciesChanged: "",
    entry_rules.EntryRulesChanged: "",
    escalations.PromiseChanged: "",
    escalations.PlanInterrupted: "",
    escalations.BacklogWanted: "",
    accounts.MemberJoined: "",
    accounts.MemberRenamed: "",
    accounts.MemberSuspended: "",
    accounts.MemberReleased: "",
    accounts.RolesChanged: "",
    accounts.MemberDeleted: "",
    doctor.Mended: "",
    importing.ContentMovedIn: "",
}
