"""Finding what was answered before.

Owns the search index of the machine, the query language, passages and suggestions. Promises: a
post shows up in results, counts and suggestions only while everybody may see it, whatever state
the index is in; an index that is behind, killed or missing never makes a page fail. The index
follows the outbox by its own position. Engines stand behind one interface (`backend.py`).
"""

from app.domain.search.backend import IndexMissing
from app.domain.search.documents import SORTS
from app.domain.search.embedding import Embedder
from app.domain.search.engines import ENGINES
from app.domain.search.index import SearchIndex
from app.domain.search.indexer import (
    behind,
    differences,
    follow,
    is_far_behind,
    is_worn,
    rebuild,
    state,
    tidy,
)
from app.domain.search.language import Parsed, quoted
from app.domain.search.queries import (
    Results,
    SearchResult,
    Similar,
    Suggestions,
    knows_related,
    likely_duplicates,
    passages,
    related,
    search,
    similar,
    suggest,
)
from app.domain.search.tokens import PROTECTED
from app.domain.search.vectors import VectorKeeper

__all__ = [
    "ENGINES",
    "PROTECTED",
    "SORTS",
    "Embedder",
    "IndexMissing",
    "Parsed",
    "Results",
    "SearchIndex",
    "SearchResult",
    "Similar",
    "Suggestions",
    "VectorKeeper",
    "behind",
    "differences",
    "follow",
    "is_far_behind",
    "is_worn",
    "knows_related",
    "likely_duplicates",
    "passages",
    "quoted",
    "rebuild",
    "related",
    "search",
    "similar",
    "state",
    "suggest",
    "tidy",
]
