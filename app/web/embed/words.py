"""The texts of the elements, which go out with their script."""

from __future__ import annotations

from typing import Any

from app.core.i18n import gettext as _
from app.core.i18n import ngettext
from app.web.search import status_words


def words() -> dict[str, Any]:
    """Return every text by its name in peerdesk.js; of a pair the first is for one thing, %s stands for the number."""
    return {
        "locale": "en-GB",  # days before months, 24 hours, as on our pages
        "heading": _("Questions and answers"),
        "status": status_words(),
        "answers": _both("%s answer", "%s answers"),
        "too": _both("%s has this too", "%s have this too"),
        "promise": _("Staff look at it by %s"),
        "paused": _("Waits for the asker"),
        "late": _("Staff are late"),
        "empty": _("No questions yet."),
        "all": _("All questions"),
        "ask": _("Ask a question"),
        "label": _("What is the problem?"),
        "placeholder": _("Error code, model, symptom…"),
        "button": _("Ask"),
        "similar": _("Similar questions"),
        "solved": _both("%s solved question looks like yours.", "%s solved questions look like yours."),
        "alike": _both("%s question looks like yours.", "%s questions look like yours."),
    }


def _both(one: str, many: str) -> tuple[str, str]:
    return ngettext(one, many, 1), ngettext(one, many, 2)
