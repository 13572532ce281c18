"""Who may do what with a suggested edit."""

from __future__ import annotations

from app.domain import answers, questions
from app.models import Answer, Question, SuggestedEdit, User


def may_decide(viewer: User | None, suggestion: SuggestedEdit, post: Question | Answer) -> bool:
    """Allow whoever may edit the post themselves, its author among them; never who made the suggestion."""
    if viewer is None or viewer.id == suggestion.author_id:
        return False
    if isinstance(post, Question):
        return questions.may_edit(viewer, post)
    return answers.may_edit(viewer, post, post.question)


def may_see(viewer: User | None, suggestion: SuggestedEdit, post: Question | Answer) -> bool:
    """Show it to whoever may decide, to who made it, to the author of the post, and to staff."""
    if viewer is None:
        return False
    if viewer.is_staff or viewer.id in (suggestion.author_id, post.author_id):
        return True
    return may_decide(viewer, suggestion, post)
