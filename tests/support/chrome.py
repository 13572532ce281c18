"""One browser for all tests of a process: Playwright's loop can run only once in a thread."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support import chromium


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    with chromium.launched() as browser:
        yield browser
