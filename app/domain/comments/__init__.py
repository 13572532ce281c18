"""Comments: short remarks under questions and answers.

Owns comments and the comment counts of posts. Emits CommentPosted, CommentEdited,
CommentRemoved, CommentRestored.
"""

from app.domain.comments.events import CommentEdited, CommentPosted, CommentRemoved, CommentRestored
from app.domain.comments.policy import may_comment, may_edit, may_remove, may_restore
from app.domain.comments.queries import of_thread, under_post, visible
from app.domain.comments.service import edit, post, remove, restore

__all__ = [
    "CommentEdited",
    "CommentPosted",
    "CommentRemoved",
    "CommentRestored",
    "edit",
    "may_comment",
    "may_edit",
    "may_remove",
    "may_restore",
    "of_thread",
    "post",
    "remove",
    "restore",
    "under_post",
    "visible",
]
