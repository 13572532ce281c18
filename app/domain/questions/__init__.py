"""Questions: ask, edit, close, reopen, remove, restore, lock; and every list of questions.

Owns questions, their environment and suggested edits of them. Promises: what a viewer may not
see is NotFound; an edit made against an older revision is refused with what is new; nothing on
a locked page changes but by moderators.
Emits QuestionAsked, QuestionEdited, QuestionClosed, QuestionReopened, QuestionRemoved,
QuestionRestored, QuestionLocked, QuestionUnlocked.
"""

from app.domain.questions.events import (
    QuestionAsked,
    QuestionClosed,
    QuestionEdited,
    QuestionLocked,
    QuestionRemoved,
    QuestionReopened,
    QuestionRestored,
    QuestionUnlocked,
)
from app.domain.questions.policy import (
    is_stale,
    may_close,
    may_edit,
    may_lock,
    may_remove,
    may_reopen,
    may_restore,
    may_see,
    may_suggest_edit,
)
from app.domain.questions.queries import (
    IS_SHOWN,
    SORTS,
    Listed,
    ListOf,
    active_by_range,
    duplicates_of,
    environment_of,
    headlines,
    how_many,
    indexable,
    listing,
    newest_before,
    products_of_author,
    ranked_ids,
    seen_by,
    still_listed,
    tag_names,
    threads,
    visible,
    visible_thread,
)
from app.domain.questions.service.asking import ask
from app.domain.questions.service.closing import close, lock, reopen, unlock
from app.domain.questions.service.editing import EditConflict, edit, roll_back
from app.domain.questions.service.removal import remove, restore
from app.domain.questions.service.views import count_views
from app.domain.questions.texts import check_body, check_title

__all__ = [
    "IS_SHOWN",
    "SORTS",
    "EditConflict",
    "ListOf",
    "Listed",
    "QuestionAsked",
    "QuestionClosed",
    "QuestionEdited",
    "QuestionLocked",
    "QuestionRemoved",
    "QuestionReopened",
    "QuestionRestored",
    "QuestionUnlocked",
    "active_by_range",
    "ask",
    "check_body",
    "check_title",
    "close",
    "count_views",
    "duplicates_of",
    "edit",
    "environment_of",
    "headlines",
    "how_many",
    "indexable",
    "is_stale",
    "listing",
    "lock",
    "may_close",
    "may_edit",
    "may_lock",
    "may_remove",
    "may_reopen",
    "may_restore",
    "may_see",
    "may_suggest_edit",
    "newest_before",
    "products_of_author",
    "ranked_ids",
    "remove",
    "reopen",
    "restore",
    "roll_back",
    "seen_by",
    "still_listed",
    "tag_names",
    "threads",
    "unlock",
    "visible",
    "visible_thread",
]
