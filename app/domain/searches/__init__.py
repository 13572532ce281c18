"""What people search for, and what staff do about it.

Owns the counts of queries (by day, never by person, kept 90 days), the synonyms and the protected
words. Promises: a change of the synonyms holds for the next search, in every process; one of the
protected words as soon as the index has followed.
"""

from app.domain.searches.events import SynonymsChanged
from app.domain.searches.queries import Told, groups, protected, protected_words, synonyms, told
from app.domain.searches.service import (
    Seen,
    add_synonyms,
    count,
    protect_word,
    release_word,
    remove_synonyms,
)

__all__ = [
    "Seen",
    "SynonymsChanged",
    "Told",
    "add_synonyms",
    "count",
    "groups",
    "protect_word",
    "protected",
    "protected_words",
    "release_word",
    "remove_synonyms",
    "synonyms",
    "told",
]
