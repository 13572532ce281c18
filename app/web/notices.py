"""What members are told on top of every page, whichever it is."""

from __future__ import annotations

from app.core.i18n import gettext as _
from app.core.writing import AWAY, FULL, LOCKED, READ_ONLY


def of_outage(outage: str) -> list[tuple[str, str]]:
    """Return the notice, as flash messages are, of why nothing can be saved; none when it can."""
    told = {
        FULL: _("Nothing can be saved at the moment: the forum's disk is full. Reading works as ever."),
        READ_ONLY: _("Nothing can be saved at the moment: the forum may only be read."),
        LOCKED: _(
            "Nothing can be saved at the moment: another program keeps the forum's database to itself."
        ),
        AWAY: _("Nothing can be saved at the moment: the forum's database does not answer."),
    }
    return [("problem", told[outage])] if outage else []
