"""Answers: post, edit, accept, mark as official, remove, restore.

Owns answers and a question's accepted answer and answer count.
Emits AnswerPosted, AnswerEdited, AnswerAccepted, AnswerUnaccepted, AnswerMadeOfficial,
AnswerRemoved, AnswerRestored.
"""

from app.domain.answers.events import (
    AnswerAccepted,
    AnswerEdited,
    AnswerMadeOfficial,
    AnswerPosted,
    AnswerRemoved,
    AnswerRestored,
    AnswerUnaccepted,
)
from app.domain.answers.policy import (
    SILENT_AFTER,
    may_accept,
    may_answer,
    may_edit,
    may_make_official,
    may_remove,
    may_restore,
    may_suggest_edit,
    may_unaccept,
)
from app.domain.answers.queries import (
    SORTS,
    by_author,
    oldest_after,
    one_of_thread,
    under,
    visible,
    visible_post,
)
from app.domain.answers.service.accepting import accept, unaccept
from app.domain.answers.service.posting import ask_and_answer, edit, make_official, post, roll_back
from app.domain.answers.service.removal import remove, restore

__all__ = [
    "SILENT_AFTER",
    "SORTS",
    "AnswerAccepted",
    "AnswerEdited",
    "AnswerMadeOfficial",
    "AnswerPosted",
    "AnswerRemoved",
    "AnswerRestored",
    "AnswerUnaccepted",
    "accept",
    "ask_and_answer",
    "by_author",
    "edit",
    "make_official",
    "may_accept",
    "may_answer",
    "may_edit",
    "may_make_official",
    "may_remove",
    "may_restore",
    "may_suggest_edit",
    "may_unaccept",
    "oldest_after",
    "one_of_thread",
    "post",
    "remove",
    "restore",
    "roll_back",
    "unaccept",
    "under",
    "visible",
    "visible_post",
]
