"""Whether anything can be saved: what a full disk, a read-only one or a lost database do, and when it is over.

Reading goes on through most of it. Each process finds out by a write that fails, says so in its pages
and in `/readyz`, and tries by itself until a write succeeds.
"""

from __future__ import annotations

import errno
import logging
import threading
import time

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlmodel import Session

from app.core.db import atomic, in_a_hurry, is_locked, new_session

FULL, READ_ONLY, LOCKED, AWAY = "full", "read-only", "locked", "away"
RETRY_SECONDS = 10
"""What clients are told to wait."""

_TRUSTED_SECONDS = 5.0
_HURRY_SECONDS = 0.5
_OF_DISKS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), FULL),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), READ_ONLY),
}
_OF_POSTGRESQL = {"53100": FULL, "25006": READ_ONLY}
# https://www.sqlite.org/rescode.html
_OF_SQLITE = {"SQLITE_FULL": FULL, "SQLITE_READONLY": READ_ONLY, "SQLITE_IOERR": FULL, "SQLITE_BUSY": LOCKED}

log = logging.getLogger(__name__)


def outage_of(error: BaseException) -> str:
    """Return FULL, READ_ONLY, LOCKED or AWAY when an error means that nothing can be saved now, "" for any other."""
    if isinstance(error, NoConnection):
        return AWAY
    if isinstance(error, OSError):
        return _OF_DISKS.get(error.errno or 0, "")
    if not isinstance(error, DBAPIError):
        return ""
    code = str(getattr(error.orig, "sqlite_errorname", ""))
    for start, outage in _OF_SQLITE.items():
        if code.startswith(start):
            return outage
    known = _OF_POSTGRESQL.get(str(getattr(error.orig, "sqlstate", "")))
    if known:
        return known
    return AWAY if isinstance(error, OperationalError | InterfaceError | InternalError) else ""


class Writing:
    """What this process knows of it. Safe for threads."""

    def __init__(self, bind: Engine | Connection) -> None:
        self._bind = bind
        self._lock = threading.Lock()
        self._outage = ""
        self._looked_at = float("-inf")

    @property
    def outage(self) -> str:
        """Why nothing can be saved, as far as is known without looking; "" when it can."""
        return self._outage

    def failed(self, error: BaseException) -> str:
        """Note that a write failed; return why, "" when the error is of another kind or only of a busy moment."""
        outage = outage_of(error)
        if outage in (FULL, READ_ONLY, LOCKED):
            self._outage, self._looked_at = outage, float("-inf")
        return outage

    def look(self) -> str:
        """Write something that changes nothing, at most every few seconds; return why it can't be done, or ""."""
        with self._lock:
            if time.monotonic() - self._looked_at >= _TRUSTED_SECONDS:
                self._outage = self._try()
                self._looked_at = time.monotonic()
            return self._outage

    def _try(self) -> str:
        try:
            with new_session(self._bind) as db:
                if self._outage:
                    _make_room(db)
                with in_a_hurry(db, seconds=_HURRY_SECONDS):
                    _touch(db)
        except DBAPIError as error:
            if is_locked(
                error
            ):  # somebody else is writing, so it can be done, unless people waited in vain for it
                return LOCKED if self._outage == LOCKED else ""
            log.warning("nothing can be saved: %s", error.orig)
            return outage_of(error)
        except NoConnection:
            return self._outage
        if self._outage:
            log.warning("everything can be saved again")
        return ""


@atomic
def _touch(db: Session) -> None:
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SET LOCAL lock_timeout = '500ms'"))  # a migration may hold the row
    db.execute(text("UPDATE alembic_version SET version_num = version_num"))


@atomic
def _make_room(db: Session) -> None:
    """Take new pages and give them back: what only writes over a page may still work on a full disk."""
    if db.get_bind().dialect.name == "postgresql":
        numbers = "SELECT generate_series(1, 20000) AS room"
        db.execute(text(f"CREATE TEMPORARY TABLE room_to_write ON COMMIT DROP AS {numbers}"))
        return
    db.execute(text("CREATE TABLE room_to_write AS SELECT zeroblob(65536) AS room"))
    db.execute(text("DROP TABLE room_to_write"))
