"""The process that made this one."""

from __future__ import annotations

import multiprocessing
import os


def is_gone() -> bool:
    """Return whether the process that made this one by `multiprocessing` has ended; False when none did.

    Told by its number: `ParentProcess.is_alive` goes by a pipe, which a sibling that was copied later holds open.
    """
    made_by = multiprocessing.parent_process()
    return made_by is not None and os.getppid() != made_by.pid
