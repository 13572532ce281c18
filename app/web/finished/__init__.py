"""Finished pages: what visitors see, kept as bytes for as long as it is true.

A page for somebody who is not signed in is the same for everybody. It is kept together with what
it depends on, and sent again as long as nothing of that was touched. Whether it was is read from
the outbox before each answer, so that all processes are right about every change at once; no time
must pass for a hidden post to be gone. Only texts like "5 min ago" age: a page lasts a while at most.

Pages of results are true only of one state of the search index, too, so that is part of their address.
They are kept apart: who searches for ever other words must not push out the threads.

Members share pages, too: those of the same rights, who left the same marks in the thread, see the
same but for their header and the token of the forms, for which the shared page has holes (members.py).
"""

from app.web.finished.follower import Follower
from app.web.finished.members import Members
from app.web.finished.middleware import FinishedPages
from app.web.finished.sharing import share, share_search, share_thread
from app.web.finished.store import FinishedPage, PageStore, Searched

__all__ = [
    "FinishedPage",
    "FinishedPages",
    "Follower",
    "Members",
    "PageStore",
    "Searched",
    "share",
    "share_search",
    "share_thread",
]
