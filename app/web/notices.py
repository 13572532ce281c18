"""What members are told on top of every page, whichever it is."""

from __future__ import annotations

from app.core.i18n import gettext as _
from app.core.writing import AWAY, FULL, READ_ONLY


def of_outage(outage: str) -> list[tuple[str, str]]:
    """Return the notice, as flash messages are, of why nothing can be saved; none when it can."""
    told = {
        FULL: _("Nothing can be saved at the moment: the forum's disk is full. Reading works as ever."),
        READ_ONLY: _("Nothing can be saved at the moment: the forum may only be read."),
        AWAY: _("Nothing can be saved at the moment: the forum's database does not answer."),
    }
    return [("problem", told[outage])] if outage else []
