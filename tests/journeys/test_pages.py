"""Every kind of page: accessible, narrow enough for a phone, silent in the console, and small."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy import Engine

from app.core.db import new_session
from tests.journeys.conftest import Visit
from tests.support import chromium, pagelist
from tests.support.community import Community
from tests.support.live import LiveForum

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Furnished = tuple[LiveForum, Community, Engine]
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
KILOBYTE = 1000


@pytest.mark.parametrize("pattern", pagelist.STRANGERS.values(), ids=pagelist.STRANGERS)
def test_a_strangers_page_is_sound(furnished: Furnished, visit: Visit, pattern: str) -> None:
    check(visit().page, furnished, pattern)


@pytest.mark.parametrize("pattern", pagelist.MEMBERS.values(), ids=pagelist.MEMBERS)
def test_a_members_page_is_sound(furnished: Furnished, visit: Visit, pattern: str) -> None:
    check(signed_in(visit, furnished, furnished[1].asker), furnished, pattern)


@pytest.mark.parametrize("pattern", pagelist.STAFF.values(), ids=pagelist.STAFF)
def test_a_page_of_staff_is_sound(furnished: Furnished, visit: Visit, pattern: str) -> None:
    check(signed_in(visit, furnished, furnished[1].admin), furnished, pattern)


@pytest.mark.parametrize("pattern", pagelist.AGENTS.values(), ids=pagelist.AGENTS)
def test_a_page_of_agents_is_sound(furnished: Furnished, visit: Visit, pattern: str) -> None:
    check(signed_in(visit, furnished, furnished[1].agent), furnished, pattern)


def test_the_reference_of_the_api_is_sound(furnished: Furnished, visit: Visit) -> None:
    """Its beginning and end are: axe would take minutes for all its rows, which one template makes."""
    page = visit().page
    page.goto(f"{furnished[0].url}/api/v1/docs")
    for size in (chromium.PHONE, chromium.DESK):
        page.set_viewport_size(size)
        assert too_wide(page, size["width"]) == []
    page.evaluate(
        "[...document.querySelectorAll('article > .prose > *')].slice(25, -12).forEach((e) => e.remove())"
    )
    assert page.get_by_role("heading", level=3).count() > 4
    assert found_by_axe(page) == []
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(chromium.PHONE)
    assert found_by_axe(page) == []


def test_a_question_with_ten_answers_is_small(furnished: Furnished, visit: Visit) -> None:
    forum, community, _ = furnished
    page = visit().page
    sizes: list[int] = []
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    page.goto(forum.url + pagelist.address("/questions/{thread}/-", community), wait_until="networkidle")
    assert page.locator(".answer").count() == 10
    assert sum(sizes) <= 60 * KILOBYTE, f"{len(sizes)} responses, {sorted(sizes, reverse=True)} bytes"
    first = sum(sizes)
    sizes.clear()
    page.goto(f"{forum.url}/questions", wait_until="networkidle")
    assert sum(sizes) <= 12 * KILOBYTE, f"a next page after {first} bytes: {sorted(sizes, reverse=True)}"


def signed_in(visit: Visit, furnished: Furnished, user_id: int) -> Page:
    forum, _, engine = furnished
    visitor = visit()
    with new_session(engine) as db:
        chromium.sign_in(visitor.context, forum.url, chromium.session_cookie(db, user_id))
    return visitor.page


def check(page: Page, furnished: Furnished, pattern: str) -> None:
    forum, community, _ = furnished
    response = page.goto(forum.url + pagelist.address(pattern, community))
    assert response is not None
    assert response.status == 200
    violations: list[str] = []
    for scheme, size in (("light", chromium.DESK), ("dark", chromium.PHONE)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a literal, through a tuple
        page.set_viewport_size(size)
        violations += [f"{scheme} {size['width']}: {line}" for line in found_by_axe(page)]
        violations += too_wide(page, size["width"])
    assert not violations, "\n".join(violations)


def found_by_axe(page: Page, *, iframes: bool = True) -> list[str]:
    results = Axe().run(page, options={**WCAG, "iframes": iframes})
    return [describe(violation) for violation in results.response["violations"]]


def describe(violation: dict[str, Any]) -> str:
    nodes = [f"{node['target'][0]} ({node.get('failureSummary', '')})" for node in violation["nodes"][:3]]
    return f"{violation['id']}: {violation['help']}: {'; '.join(nodes)}"


def too_wide(page: Page, width: int) -> list[str]:
    needed = page.evaluate("document.documentElement.scrollWidth")
    return [f"scrolls sideways at {width} pixels: {needed} are needed"] if needed > width else []
