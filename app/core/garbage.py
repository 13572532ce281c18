"""Python's search for garbage, kept away from what a process loads once and never lets go.

A start makes half a million objects and no garbage, but sets off search after search through all of them:
a fifth of its time. Afterwards each full search would look through them again, for 0.1 s in the middle of a
request. So a program that starts turns the search off (`gc.disable`), and then calls this.
"""

from __future__ import annotations

import gc


def keep_what_is_loaded() -> None:
    """Let the search begin, for what comes from now on; where it was not turned off, change nothing.

    See `gc.freeze` in Python's documentation.
    """
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
