"""Mail: e-mails wait in a table, written in the transaction that causes them, until the worker sends them.

Owns outgoing e-mails. Promises: an e-mail goes out exactly when its cause was committed; each is
tried for about three days under one Message-ID; once it went out, or was given up, only its
template and times are kept, and those for a week.
"""

from app.domain.mail.queries import failed, is_waiting
from app.domain.mail.service import (
    Claimed,
    Letter,
    bring_back,
    claim,
    forget_old,
    give_up,
    mark_sent,
    postpone,
    queue,
    stands,
    withdraw,
)

__all__ = [
    "Claimed",
    "Letter",
    "bring_back",
    "claim",
    "failed",
    "forget_old",
    "give_up",
    "is_waiting",
    "mark_sent",
    "postpone",
    "queue",
    "stands",
    "withdraw",
]
