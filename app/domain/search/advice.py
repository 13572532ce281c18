"""What to tell a person who found little: other words that may be meant, and names that nothing has.

Drawn from the index without the threads that may not be shown, so that it tells nothing of them.
"""

from __future__ import annotations

from app.core.i18n import gettext as _
from app.domain.search.backend import SearchReader
from app.domain.search.documents import SearchQuery
from app.domain.search.language import Parsed

TAG, PRODUCT, AUTHOR = "t:", "p:", "u:"


def did_you_mean(reader: SearchReader, parsed: Parsed, query: SearchQuery) -> str:
    """Return what was typed with misspelt words and tags replaced; "" when there is nothing better."""
    tags = [
        mark[len(TAG) :] for mark in query.marks if mark.startswith(TAG) and _is_unknown(reader, mark, query)
    ]
    written = [*tags, *query.words]
    better = reader.did_you_mean(written, hidden_ids=query.hidden_ids)
    if better is None:
        return ""
    text = parsed.text
    for old, new in zip(written, better, strict=False):
        if old != new:
            text = text.replace(old, new, 1)
    return text


def unknown_names(reader: SearchReader, query: SearchQuery) -> list[str]:
    """Return a sentence for each tag, product and member asked for that no thread has."""
    sentences = {
        TAG: _("No question has the tag “%(name)s”."),
        PRODUCT: _(
            "No question is about a product “%(name)s”. Its short name in the address of its page is meant."
        ),
        AUTHOR: _("Nobody called “%(name)s” asked a question."),
    }
    return [
        sentences[mark[:2]] % {"name": mark[2:]}
        for mark in dict.fromkeys(query.marks)
        if mark[:2] in sentences and _is_unknown(reader, mark, query)
    ]


def _is_unknown(reader: SearchReader, mark: str, query: SearchQuery) -> bool:
    return not reader.search(SearchQuery(marks=(mark,), hidden_ids=query.hidden_ids, limit=1)).total
