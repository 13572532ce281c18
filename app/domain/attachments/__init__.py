"""Attachments: images and log files that members upload into what they write.

Owns uploads, the files of them, and the note of which post shows which. Promises: nothing of an
image is kept but its pixels; one member's uploads are bounded by the day; a file that nothing has
shown for two days is gone, and one that something shows stays; what only hidden posts show, only those
who see them can have. Emits no events.
"""

from app.domain.attachments.consumers import on_answer_written, on_comment_written, on_question_written
from app.domain.attachments.policy import LIMITS, DailyUploads, largest_today
from app.domain.attachments.queries import is_visible, strays
from app.domain.attachments.service import (
    STRAY_AFTER,
    UNUSED_FOR,
    markdown_of,
    purge_unused,
    remove_strays,
    upload,
)

__all__ = [
    "LIMITS",
    "STRAY_AFTER",
    "UNUSED_FOR",
    "DailyUploads",
    "is_visible",
    "largest_today",
    "markdown_of",
    "on_answer_written",
    "on_comment_written",
    "on_question_written",
    "purge_unused",
    "remove_strays",
    "strays",
    "upload",
]
