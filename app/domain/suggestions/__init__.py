"""Suggested edits: members who may not edit alone suggest, others decide.

Owns suggested edits; one open suggestion a post. Promises: an approved edit is its author's
revision and brings them points once; one that was made against an older text is never published.
Emits EditSuggested, EditDecided.
"""

from app.domain.suggestions.consumers import on_post_changed
from app.domain.suggestions.events import EditDecided, EditSuggested
from app.domain.suggestions.policy import may_decide, may_see
from app.domain.suggestions.queries import (
    Review,
    Waiting,
    by_author,
    how_many_wait,
    newest_for,
    open_for,
    review,
    waiting,
)
from app.domain.suggestions.service import (
    AlreadyDecided,
    AlreadySuggested,
    approve,
    reject,
    suggest_for_answer,
    suggest_for_question,
    withdraw,
)

__all__ = [
    "AlreadyDecided",
    "AlreadySuggested",
    "EditDecided",
    "EditSuggested",
    "Review",
    "Waiting",
    "approve",
    "by_author",
    "how_many_wait",
    "may_decide",
    "may_see",
    "newest_for",
    "on_post_changed",
    "open_for",
    "reject",
    "review",
    "suggest_for_answer",
    "suggest_for_question",
    "waiting",
    "withdraw",
]
