"""Notifications: who hears of what, in the inbox and by e-mail.

Owns notifications and members' choices about them. Written by consumers of other features'
events. Promises: nobody hears of an event twice, of their own doing, or of what they may not see;
an e-mail is written only when its time comes, from what is still true then; an asker is reminded
of an answer at most three times. Emits ReminderDue.
"""

from app.domain.notifications.consumers import (
    remind_asker,
    tell_of_acceptance,
    tell_of_answer,
    tell_of_closing,
    tell_of_comment,
    tell_of_decided_edit,
    tell_of_edited_answer,
    tell_of_edited_comment,
    tell_of_edited_question,
    tell_of_official_answer,
    tell_of_question,
    tell_of_removed_comment,
    tell_of_removed_post,
    tell_of_restored_post,
    tell_of_suggestion,
)
from app.domain.notifications.events import ReminderDue
from app.domain.notifications.kinds import KINDS, Kind
from app.domain.notifications.letters import TEMPLATE, letter
from app.domain.notifications.queries import InboxRow, choices, has_unread_about, inbox, unread_count
from app.domain.notifications.reminders import remind
from app.domain.notifications.service import choose, mark_all_read, mark_thread_read, tell

__all__ = [
    "KINDS",
    "TEMPLATE",
    "InboxRow",
    "Kind",
    "ReminderDue",
    "choices",
    "choose",
    "has_unread_about",
    "inbox",
    "letter",
    "mark_all_read",
    "mark_thread_read",
    "remind",
    "remind_asker",
    "tell",
    "tell_of_acceptance",
    "tell_of_answer",
    "tell_of_closing",
    "tell_of_comment",
    "tell_of_decided_edit",
    "tell_of_edited_answer",
    "tell_of_edited_comment",
    "tell_of_edited_question",
    "tell_of_official_answer",
    "tell_of_question",
    "tell_of_removed_comment",
    "tell_of_removed_post",
    "tell_of_restored_post",
    "tell_of_suggestion",
    "unread_count",
]
