"""The queue: cases as staff list them, and who has which one open.

Owns saved views and presence. Promises: lists and counts are served by indexes, whatever the number of
cases, and a page goes on where the one before ended, also when cases came or went between; nothing
here is for anybody without a support role. Emits nothing.
"""

from app.domain.queue.filters import COLUMNS, USUAL_COLUMNS, Filters, Listing, read
from app.domain.queue.policy import may_change, may_work
from app.domain.queue.queries import (
    MANY,
    ROWS,
    Present,
    Rows,
    colleagues,
    counts,
    listing,
    narrow_counts,
    numbered,
    present,
    rows_of,
    saved_view,
    saved_views,
    teams,
)
from app.domain.queue.reading import Reading, reading, readings, usual_hours
from app.domain.queue.selecting import Row
from app.domain.queue.service import DOINGS, forget_absent, left, remove_view, save_view, seen
from app.domain.queue.snoozing import SNOOZES, snoozed_until
from app.domain.queue.sorting import SORTS, Cursor
from app.domain.queue.views import VIEWS, View
from app.domain.queue.walking import ranked_ids, still_listed

__all__ = [
    "COLUMNS",
    "DOINGS",
    "MANY",
    "ROWS",
    "SNOOZES",
    "SORTS",
    "USUAL_COLUMNS",
    "VIEWS",
    "Cursor",
    "Filters",
    "Listing",
    "Present",
    "Reading",
    "Row",
    "Rows",
    "View",
    "colleagues",
    "counts",
    "forget_absent",
    "left",
    "listing",
    "may_change",
    "may_work",
    "narrow_counts",
    "numbered",
    "present",
    "ranked_ids",
    "read",
    "reading",
    "readings",
    "remove_view",
    "rows_of",
    "save_view",
    "saved_view",
    "saved_views",
    "seen",
    "snoozed_until",
    "still_listed",
    "teams",
    "usual_hours",
]
