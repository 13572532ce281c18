"""Suggested edits: members who may not edit alone suggest, others decide.

Owns suggested edits; one open suggestion a post.
"""

from app.domain.suggestions.service import suggest_for_answer, suggest_for_question

__all__ = ["suggest_for_answer", "suggest_for_question"]
