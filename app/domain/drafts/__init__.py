"""Drafts: what members are writing, kept by the key of the form ("ask", "answer:42").

Owns draft rows. A draft is its author's alone, and gone once the form is posted.
"""

from app.domain.drafts.queries import find
from app.domain.drafts.service import discard, keep, purge_old

__all__ = ["discard", "find", "keep", "purge_old"]
