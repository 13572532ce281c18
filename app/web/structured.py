"""Questions as search engines read them: schema.org's QAPage as JSON-LD.

What is required and recommended: https://developers.google.com/search/docs/appearance/structured-data/qapage
The block is data, no script: browsers do not run it, so the Content-Security-Policy says nothing of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from markupsafe import Markup

from app.core import markdown
from app.core.slugs import slug
from app.models import Answer, Comment, Question, User
from app.web.atom import rfc3339

_UPLOADED_IMAGE = re.compile(r'<img[^>]*? src="(/uploads/[^"]+)"')
# Inside a script element only "<" can end it or hide its end; the rest keeps the block safe wherever it is copied to.
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_NEEDS_ESCAPE = re.compile("[<>&\u2028\u2029]")


class Shown(Protocol):
    """An answer as a page shows it."""

    @property
    def answer(self) -> Answer: ...

    @property
    def comments(self) -> Sequence[Comment]: ...


def qa_page(
    base_url: str,
    question: Question,
    *,
    comments: Iterable[Comment],
    solution: Shown | None,
    answers: Iterable[Shown],
) -> Markup:
    """Return the data block of a thread as its page shows it; empty without answers: the type wants one at least."""
    others = [each for each in answers if solution is None or each.answer.id != solution.answer.id]
    if solution is None and not others:
        return Markup()
    entity = {
        "@type": "Question",
        "name": question.title,
        **_post(base_url, question, comments),
        "answerCount": question.answer_count,
        **({"acceptedAnswer": _answer(base_url, question, solution)} if solution else {}),
        **({"suggestedAnswer": [_answer(base_url, question, each) for each in others]} if others else {}),
    }
    return _block({"@context": "https://schema.org", "@type": "QAPage", "mainEntity": entity})


def image_of(base_url: str, body_html: str) -> str:
    """Return the address of the first image that was uploaded with a post; "" without."""
    found = _UPLOADED_IMAGE.search(body_html)
    return base_url + found[1] if found else ""


def _answer(base_url: str, question: Question, shown: Shown) -> dict[str, Any]:
    address = f"{base_url}/questions/{question.id}/{slug(question.title)}#answer-{shown.answer.id}"
    return {"@type": "Answer", "url": address, **_post(base_url, shown.answer, shown.comments)}


def _post(base_url: str, post: Question | Answer, comments: Iterable[Comment]) -> dict[str, Any]:
    image = image_of(base_url, post.body_html)
    under = [_comment(base_url, comment) for comment in comments]
    return {
        "text": markdown.plain_text(post.body_html),
        "upvoteCount": post.score,  # one number for both directions, as Google wants it
        **_dates(post.created_at, post.edited_at),
        "author": _person(base_url, post.author),
        **({"image": image} if image else {}),
        **({"comment": under} if under else {}),
    }


def _comment(base_url: str, comment: Comment) -> dict[str, Any]:
    return {
        "@type": "Comment",
        "text": markdown.plain_text(comment.body_html),
        **_dates(comment.created_at, comment.edited_at),
        "author": _person(base_url, comment.author),
    }


def _dates(created_at: datetime, edited_at: datetime | None) -> dict[str, str]:
    dates = {"datePublished": rfc3339(created_at)}
    return {**dates, "dateModified": rfc3339(edited_at)} if edited_at else dates


def _person(base_url: str, member: User) -> dict[str, str]:
    person = {"@type": "Person", "name": member.display_name}
    return person if member.deleted_at else {**person, "url": f"{base_url}/users/{member.handle}"}


def _block(data: dict[str, Any]) -> Markup:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    safe = _NEEDS_ESCAPE.sub(lambda match: _ESCAPES[match[0]], text)
    return Markup('<script type="application/ld+json">' + safe + "</script>")  # noqa: S704 (escaped just before)
