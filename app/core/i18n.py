"""Translation of what people read. Texts are English in the code; catalogs lie in `app/locales/`."""

from __future__ import annotations

from contextvars import ContextVar
from gettext import NullTranslations

_present: ContextVar[NullTranslations] = ContextVar("translations", default=NullTranslations())


def gettext(message: str) -> str:
    """Return the message in the language of the present request."""
    return _present.get().gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """Return the form for `n` things in the language of the present request."""
    return _present.get().ngettext(singular, plural, n)
