"""A call of every service function of `app/domain`: by these each is tried when its n-th statement fails.

A service function that has no line here fails tests/reliability/test_statements.py.
"""

from __future__ import annotations

from tests.support.calls import accounts, cases, posts, settings, upkeep
from tests.support.calls.scene import Calls, Scene

CALLS: Calls = {**accounts.CALLS, **cases.CALLS, **posts.CALLS, **settings.CALLS, **upkeep.CALLS}
"""By the service function: what makes what the call needs, and calls it."""

__all__ = ["CALLS", "Calls", "Scene"]
