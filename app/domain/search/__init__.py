"""Finding what was answered before.

Owns the search index, the query language, snippets and suggestions. Engines stand behind one
interface (`backend.py`); only `engines/` imports them.
"""
