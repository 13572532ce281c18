"""Follows: questions, tags, products and members that a member wants to hear of.

Owns follow rows; both verbs are idempotent.
"""

from app.domain.follows.queries import followed_questions, followers_of_question, followers_of_topics, follows
from app.domain.follows.service import copy_to, follow, unfollow

__all__ = [
    "copy_to",
    "follow",
    "followed_questions",
    "followers_of_question",
    "followers_of_topics",
    "follows",
    "unfollow",
]
