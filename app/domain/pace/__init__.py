"""Pace: how much a member may post in a day.

Owns nothing: it counts the posts themselves, so a limit costs one look-up and no write. Newcomers
have lower limits until their first up votes; staff have none.
"""

from app.domain.pace.policy import LIMITS, NEWCOMER_BELOW, DailyLimit
from app.domain.pace.queries import check_answers, check_comments, check_questions

__all__ = ["LIMITS", "NEWCOMER_BELOW", "DailyLimit", "check_answers", "check_comments", "check_questions"]
