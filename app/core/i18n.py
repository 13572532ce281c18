"""The way of every text that people read.

English is the only language so far, so these give back what they get. Texts pass through here from
the first day, in the code and in the templates, so that a catalog needs a change in this file only.
"""

from __future__ import annotations


def gettext(message: str) -> str:
    """Return the message in the reader's language."""
    return message


def ngettext(singular: str, plural: str, n: int) -> str:
    """Return the form for `n` things in the reader's language."""
    return singular if n == 1 else plural
