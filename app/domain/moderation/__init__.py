"""Moderation: flags, what moderators decide on them, and the lists of what needs a look.

Owns flags. Promises: a member flags a post once; a decision covers every flag that waits on the
post, acts in the same transaction, and is in the audit log.
Emits PostFlagged, FlagDecided.
"""

from app.domain.moderation.events import FlagDecided, PostFlagged
from app.domain.moderation.policy import FLAGS_A_DAY, may_decide, may_flag
from app.domain.moderation.queries import (
    MANY,
    Flagged,
    Removed,
    RemovedKind,
    best_answers,
    flagged,
    flagged_of,
    how_many_flagged,
    how_many_removed,
    how_many_silent,
    removed,
    silent,
)
from app.domain.moderation.service import ACTS, AlreadyFlagged, decide, flag

__all__ = [
    "ACTS",
    "FLAGS_A_DAY",
    "MANY",
    "AlreadyFlagged",
    "FlagDecided",
    "Flagged",
    "PostFlagged",
    "Removed",
    "RemovedKind",
    "best_answers",
    "decide",
    "flag",
    "flagged",
    "flagged_of",
    "how_many_flagged",
    "how_many_removed",
    "how_many_silent",
    "may_decide",
    "may_flag",
    "removed",
    "silent",
]
