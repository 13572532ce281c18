"""The forum on pages of another origin, under the strictest policy that docs/embedding.md allows."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, Route, expect

from app.cli.demo_site import make_server, origin_at, sample_page
from app.core.clock import utc_now
from app.core.db import make_engine, new_session
from app.main import create_app
from app.models import IdentityKey
from app.settings import Settings
from tests.factories.identity import make_key, make_site, token_of
from tests.journeys.conftest import Visit
from tests.journeys.test_pages import found_by_axe, too_wide
from tests.support import chromium, databases, indexing
from tests.support.community import Community, settle
from tests.support.served import served
from tests.support.source import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GUIDE = (ROOT / "docs" / "embedding.md").read_text()
EXAMPLE_FORUM = "https://support.example.com"
THREAD = "Wi-Fi is gone after waking the Aerie 14 from sleep"
KEPT = "[document.cookie, localStorage.length, sessionStorage.length]"


@dataclass(frozen=True)
class Sites:
    """A forum, and the site of a company that embeds it."""

    forum: str
    shop: str
    app: FastAPI
    community: Community
    key: IdentityKey


@contextmanager
def shop(*, page: str, policy: str) -> Iterator[str]:
    """Serve a page on an origin of its own; yields the origin."""
    with make_server("127.0.0.1", 0, page=page, policy=policy) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield origin_at("127.0.0.1", site.server_address[1])
        site.shutdown()


def allow(app: FastAPI, *origins: str) -> None:
    app.state.settings = app.state.settings.model_copy(update={"embed_origins": origins})


@pytest.fixture(autouse=True)
def allowed(sites: Sites) -> None:
    """Let the product site in, whatever the test before did."""
    allow(sites.app, sites.shop)


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    folder: Path = tmp_path_factory.mktemp("embedding")
    with databases.server("sqlite", folder) as server:
        engine = make_engine(server.migrated())
        settings = Settings(_env_file=None, data_dir=folder, secret_key="for tests only " * 3)  # type: ignore[call-arg]
        with new_session(engine) as db:
            community = settle(db)
            key = make_key(db, site=make_site(db))
            indexing.catch_up(db, settings, now=utc_now())
        app = create_app(settings, engine=engine)
        with served(app) as forum, shop(**sample_page(forum, product="aerie-14", name="Aerie 14")) as origin:
            app.state.settings = settings.model_copy(update={"base_url": forum})
            yield Sites(forum, origin, app, community, key)
        engine.dispose()


def test_a_product_site_shows_the_forum_and_keeps_nothing(sites: Sites, visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    page.goto(sites.shop)
    listed = page.locator("peerdesk-questions")
    expect(listed.get_by_role("heading", name="What others asked")).to_be_visible()
    expect(listed.get_by_role("listitem").filter(has_text=THREAD)).to_contain_text(
        re.compile("Solved.*10 answers", re.DOTALL)
    )
    expect(listed.get_by_role("link", name="Ask a question")).to_have_attribute(
        "href", f"{sites.forum}/ask?product=aerie-14"
    )
    page.locator("iframe").scroll_into_view_if_needed()
    expect(page.frame_locator("iframe").get_by_role("link", name=THREAD)).to_be_visible()
    assert page.evaluate(KEPT) == ["", 0, 0]
    assert visitor.context.cookies() == []


def test_a_thread_is_found_and_a_question_asked_by_keyboard_alone(sites: Sites, visit: Visit) -> None:
    page = visit().page
    page.goto(sites.shop)
    field = page.get_by_role("textbox", name="What is the problem?")
    while not field.evaluate("(field) => field.getRootNode().activeElement === field"):
        page.keyboard.press("Tab")
    page.keyboard.type("wifi gone after sleep")
    said = page.locator("peerdesk-ask").get_by_role("status")
    expect(said).to_have_text(re.compile(r"solved questions? looks? like yours"))
    page.keyboard.press("ArrowDown")
    first = page.locator("peerdesk-ask").get_by_role("link").first
    expect(first).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).to_be_focused()
    expect(page.locator("peerdesk-ask").get_by_role("link")).to_have_count(0)
    page.keyboard.type("!")
    expect(first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"{sites.forum}/questions/{sites.community.thread}/.*#answer-\d+"))
    page.goto(sites.shop)
    page.route(f"{sites.forum}/ask*", lambda route: route.fulfill(body="asked"))
    field.fill("The hinge is loose & it squeaks")
    field.press("Enter")
    expect(page).to_have_url(f"{sites.forum}/ask?product=aerie-14&title=The+hinge+is+loose+%26+it+squeaks")


def test_a_customer_whom_the_site_knows_asks_without_a_password(sites: Sites, visit: Visit) -> None:
    page = visit().page
    page.goto(sites.shop)
    token = token_of(
        sites.key, secret=sites.app.state.secret, now=utc_now(), audience=sites.forum, sub="customer-7"
    )
    asking = page.locator("peerdesk-ask")
    asking.evaluate("(element, token) => element.setAttribute('token', token)", token)
    page.get_by_role("textbox", name="What is the problem?").fill("The hinge is loose & it squeaks")
    asking.get_by_role("button", name="Ask").click()
    expect(page).to_have_url(f"{sites.forum}/enter")  # the token is in no address any more
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_label("Title")).to_have_value("The hinge is loose & it squeaks")
    expect(page).to_have_url(re.compile(r"/ask\?product=aerie-14"))
    page.goto(sites.shop)
    listed = page.locator("peerdesk-questions")
    listed.evaluate("(element) => element.setAttribute('issuer', 'shop.example.com')")
    expect(listed.get_by_role("link", name="Ask a question")).to_have_attribute(
        "href", f"{sites.forum}/enter/from/shop.example.com?product=aerie-14"
    )


def test_a_promise_is_shown_with_its_state(sites: Sites, visit: Visit) -> None:
    page = visit().page
    promises = [
        ({"state": "open", "due_at": "2999-11-24T14:20:00Z"}, "Staff look at it by"),
        ({"state": "open", "due_at": "2020-11-24T14:20:00Z"}, "Staff are late"),
        ({"state": "paused", "due_at": None}, "Waits for the asker"),
    ]

    def promise(route: Route) -> None:
        answer = route.fetch()
        rows = [
            {**row, "status": "unanswered", "promise": given}
            for row, (given, _) in zip(answer.json()["data"], promises, strict=False)
        ]
        route.fulfill(response=answer, json={"data": rows})

    page.route("**/api/v1/questions?*", promise)
    page.goto(sites.shop)
    rows = page.locator("peerdesk-questions").get_by_role("listitem")
    expect(rows.first).to_be_visible()
    for row, (_, words) in zip(rows.all(), promises, strict=False):
        expect(row).to_contain_text(words)


def test_hostile_answers_of_the_api_stay_text(sites: Sites, visit: Visit) -> None:
    page = visit().page
    title = "<img src=x onerror=alert(1)>"

    def change(route: Route) -> None:
        answer = route.fetch()
        row = {**answer.json()["data"][0], "title": title, "url": "javascript:alert(2)", "status": "<b>"}
        route.fulfill(response=answer, json={"data": [row]})

    page.route("**/api/v1/questions?*", change)
    page.goto(sites.shop)
    link = page.locator("peerdesk-questions").get_by_role("link", name=title)
    expect(link).to_have_attribute("href", f"{sites.forum}/")


def test_without_scripts_there_are_plain_links(sites: Sites, visit: Visit) -> None:
    page = visit(scripts=False).page
    page.goto(sites.shop)
    expect(page.get_by_role("link", name="Questions about Aerie 14")).to_have_attribute(
        "href", f"{sites.forum}/products/aerie-14"
    )
    expect(page.get_by_role("link", name="Ask the community")).to_be_visible()


def test_a_site_that_is_not_allowed_gets_plain_links_and_no_frame(sites: Sites, visit: Visit) -> None:
    allow(sites.app)
    visitor = visit()
    page = visitor.page
    page.goto(sites.shop)
    page.locator("iframe").scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("link", name="Questions about Aerie 14")).to_be_visible()
    expect(page.frame_locator("iframe").get_by_role("link", name=THREAD)).to_have_count(0)
    assert any("CORS" in line for line in visitor.noise)
    visitor.noise.clear()


def test_the_product_site_is_accessible_and_narrow_enough(sites: Sites, visit: Visit) -> None:
    page = visit().page
    page.goto(sites.shop)
    page.get_by_label("What is the problem?").fill("wifi gone after sleep")
    expect(page.locator("peerdesk-ask").get_by_role("link").first).to_be_visible()
    expect(page.locator("peerdesk-questions").get_by_role("listitem").first).to_be_visible()
    violations: list[str] = []
    schemes: list[Any] = ["light", "dark"]
    for scheme, size in zip(schemes, (chromium.DESK, chromium.PHONE), strict=True):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        violations += [f"{scheme}: {line}" for line in found_by_axe(page, iframes=False)] + too_wide(
            page, size["width"]
        )
    assert violations == []


@pytest.mark.parametrize(
    "example", re.findall(r"```html\n(.*?)```", GUIDE, re.DOTALL), ids=["elements", "query", "frame"]
)
def test_an_example_of_the_guide_works_under_the_policy_of_the_guide(
    sites: Sites, visit: Visit, example: str
) -> None:
    (policy,) = re.findall(r"Content-Security-Policy: (.*)", GUIDE)
    with example_page(sites, example, policy) as origin:
        page = visit().page
        page.goto(origin)
        expect_shown(page, example)


def test_the_examples_of_the_help_page_work_under_its_policy(sites: Sites, visit: Visit) -> None:
    page = visit().page
    page.goto(f"{sites.forum}/help/embedding")
    elements, policy, frame = page.locator("pre").all_inner_texts()
    for example in (elements, frame):
        with example_page(sites, example, f"default-src 'none'; {policy}") as origin:
            page.goto(origin)
            expect_shown(page, example)


@contextmanager
def example_page(sites: Sites, example: str, policy: str) -> Iterator[str]:
    """Serve a page with nothing but an example, as a site that may embed the forum; yields its origin."""
    html = f'<!doctype html><html lang="en"><title>A shop</title><link rel="icon" href="data:,">{example}'
    facts = {"page": html, "policy": f"{policy}; img-src data:"}
    with shop(**{name: text.replace(EXAMPLE_FORUM, sites.forum) for name, text in facts.items()}) as origin:
        allow(sites.app, sites.shop, origin)
        yield origin


def expect_shown(page: Page, example: str) -> None:
    if "<iframe" in example:
        expect(page.frame_locator("iframe").get_by_role("link", name=THREAD)).to_be_visible()
    else:
        expect(page.locator("peerdesk-questions").get_by_role("link", name=THREAD)).to_be_visible()
        expect(page.locator("peerdesk-ask").get_by_role("button")).to_have_count(
            example.count("<peerdesk-ask")
        )


def test_the_commands_of_the_guide_are_answered(sites: Sites, visit: Visit) -> None:
    addresses = re.findall(r'^curl "(.*)"$', GUIDE, re.MULTILINE)
    assert len(addresses) == 2
    for address in addresses:
        answer = visit().context.request.get(address.replace(EXAMPLE_FORUM, sites.forum))
        assert answer.status == 200, address
        assert "Aerie 14" in answer.text(), address


def test_a_site_gives_the_elements_its_own_colours_as_the_guide_says(sites: Sites, visit: Visit) -> None:
    (styles,) = re.findall(r"```css\n(.*?)```", GUIDE, re.DOTALL)
    page = visit().page
    page.goto(sites.shop)
    page.evaluate(
        "(css) => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets.push(s) }",
        styles,
    )
    expect(page.locator("peerdesk-questions").get_by_role("heading")).to_have_css("font-size", "24px")
    expect(page.locator("peerdesk-ask").get_by_role("button")).to_have_css(
        "background-color", "rgb(140, 59, 18)"
    )
    expect(page.locator("peerdesk-ask").get_by_role("button")).to_have_css("border-radius", "0px")


def test_the_guide_names_every_property_part_and_attribute(sites: Sites, visit: Visit) -> None:
    script = visit().context.request.get(f"{sites.forum}/embed/peerdesk.js").text()
    for name in set(re.findall(r"--peerdesk(-[a-z-]+)", script)):
        assert f"`{name}`" in GUIDE or f"`--peerdesk{name}`" in GUIDE, name
    for name in {
        word for words in re.findall(r"\bpart: [\"`]([a-z -]+)", script) for word in words.split()
    } - {"status-"}:
        assert f"`{name}`" in GUIDE, name
    for names in re.findall(r"observedAttributes = \[(.*?)\]", script):
        for name in re.findall(r"\w+", names):
            assert f"`{name}`" in GUIDE, name
