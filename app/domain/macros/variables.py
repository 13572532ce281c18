"""Variables in the texts of macros: `{{asker_name}}` becomes the asker's name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from app.core.i18n import gettext as _

_VARIABLE = re.compile(r"\{\{\s*([^{}\n]{0,60}?)\s*\}\}")
_JOINER = "\u2060"  # no width: keeps "@name", "#tag" and "https://" from becoming links
_LINKED = re.compile(r"[@#]|:(?=//)")
_OURS = ("link", "due_time")  # what we write ourselves
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&])")


def names() -> dict[str, str]:
    """Return every variable with what it stands for."""
    return {
        "asker_name": _("the asker's name"),
        "agent_name": _("your own name"),
        "product": _("the product"),
        "question_title": _("the title of the question"),
        "link": _("the address of the question"),
        "due_time": _("when the next clock of the case is due"),
    }


def unknown(texts: Iterable[str]) -> list[str]:
    """Return the variables in these texts that we don't have, each once, in order."""
    known = names()
    found = dict.fromkeys(name for text in texts for name in _VARIABLE.findall(text))
    return [name for name in found if name not in known]


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its variables replaced.

    What people called themselves or their question is text and never becomes Markdown: an asker named
    "[x](https://…)" puts no link into a reply of staff.
    """
    return _VARIABLE.sub(lambda found: _as_text(found[1], values[found[1]]), text)


def _as_text(name: str, value: str) -> str:
    if name in _OURS:
        return value
    unlinked = _LINKED.sub(lambda found: found[0] + _JOINER, value)
    return _MARKDOWN.sub(r"\\\1", unlinked)
