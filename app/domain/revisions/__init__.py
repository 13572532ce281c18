"""Revisions: every text a post ever had, and what changed between two of them.

Owns revisions. Written by the services that write posts, within their transactions.
"""

from app.domain.revisions.difference import Cell, DiffRow, side_by_side
from app.domain.revisions.queries import Change, history, newest_before, numbered
from app.domain.revisions.service import record

__all__ = ["Cell", "Change", "DiffRow", "history", "newest_before", "numbered", "record", "side_by_side"]
