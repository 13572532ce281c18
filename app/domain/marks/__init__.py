"""Marks: what a member left in a thread, which makes its page different for them.

Owns no rows: it reads those of votes, me-toos, follows, posts, drafts and notifications in one
statement. Promises: two members with equal marks and equal rights see the same thread.
"""

from app.domain.marks.queries import Marks, in_thread

__all__ = ["Marks", "in_thread"]
