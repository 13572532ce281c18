"""What people search for, and what staff do about it.

Owns the counts of queries (by day, never by person, kept 90 days) and the synonyms. Promises: a
change of the synonyms holds for the next search, in every process.
"""

from app.domain.searches.queries import Told, groups, synonyms, told
from app.domain.searches.service import Seen, add_synonyms, count, remove_synonyms

__all__ = ["Seen", "Told", "add_synonyms", "count", "groups", "remove_synonyms", "synonyms", "told"]
