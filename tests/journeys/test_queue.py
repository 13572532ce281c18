"""Staff at work in real browsers: by keyboard alone, two at once, live."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine
from sqlmodel import select

from app.core.clock import utc_now
from app.core.db import make_engine, new_session
from app.domain import escalations, macros
from app.models import Answer, Escalation, User
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.journeys.conftest import Visit
from tests.support import chromium, databases
from tests.support.live import LiveForum, serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TITLES = [f"The fan of my Aerie is loud, number {number}" for number in range(1, 13)]
Desk = tuple[LiveForum, Engine]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A forum with two agents (ines, omar), a macro, and twelve unclaimed cases, the first due first."""
    folder = tmp_path_factory.mktemp("desk")
    with databases.server("sqlite", folder) as server:
        url = server.migrated()
        engine = databases.beside_a_server(make_engine(url))
        with new_session(engine) as db:
            ines, _ = (
                make_user(db, handle=name, display_name=name.title(), support_role="agent")
                for name in ("ines", "omar")
            )
            ask = macros.Action("reply", text="Hello {{asker_name}}, which version is it?")
            macros.create(
                db, by=ines, name="Ask", actions=[ask, macros.Action("state", "wait")], now=utc_now()
            )
            for place, title in enumerate(TITLES):
                opened = utc_now() - timedelta(minutes=60 - place)
                question = make_question(db, title=title, created_at=opened)
                escalations.open_case(db, question=question, code="unanswered", now=opened)
        with serve(folder / "data", database_url=url) as live:
            yield live, engine
        engine.dispose()


def at_the_queue(visit: Visit, desk: Desk, handle: str) -> Page:
    forum, engine = desk
    visitor = visit()
    chromium.sign_in(visitor.context, forum.url, cookie_of(engine, handle))
    visitor.page.goto(f"{forum.url}/desk/queue?view=unclaimed")
    keys_are_there(visitor.page)
    return visitor.page


def cookie_of(engine: Engine, handle: str) -> str:
    with new_session(engine) as db:
        user_id = db.exec(select(User.id).where(User.handle == handle)).one() or 0
        return chromium.session_cookie(db, user_id)


def keys_are_there(page: Page) -> None:
    """Wait until the page's script listens: `?` opens the keys."""
    keys = page.locator("#keys")
    for _ in range(100):
        page.keyboard.press("?")
        if keys.is_visible():
            page.keyboard.press("Escape")
            expect(keys).to_be_hidden()
            return
        page.wait_for_timeout(50)
    raise TimeoutError("no keys")


def test_an_agent_clears_ten_cases_without_the_mouse(visit: Visit, desk: Desk) -> None:
    page = at_the_queue(visit, desk, "ines")
    expect(rows(page)).to_have_count(12)
    for number in range(4):
        reply_and_resolve(page, TITLES[number])
        expect(rows(page)).to_have_count(11 - number)
        keys_are_there(page)
    claim_note_and_ask(page, TITLES[4])
    press(page, "g", "u")
    expect(page.get_by_role("heading", name="Unclaimed", exact=True)).to_be_visible()
    keys_are_there(page)
    press(page, "j", "x", "j", "x", "s", "ArrowDown", "Enter")  # two put aside together
    expect(page.locator("#bulk-results li")).to_have_count(2)
    expect(rows(page)).to_have_count(5)
    press(page, "k", "k", "k", "x", "j", "x", "j", "x", "e")  # three resolved where they stand
    expect(page.locator("#bulk-results li")).to_have_count(3)
    expect(rows(page)).to_have_count(2)

    with new_session(desk[1]) as db:
        states = db.exec(select(Escalation.state)).all()
        assert sorted(states) == sorted(
            ["resolved"] * 7 + ["waiting_customer"] + ["snoozed"] * 2 + ["queued"] * 2
        )
        assert len(db.exec(select(Answer)).all()) == 5


def reply_and_resolve(page: Page, title: str) -> None:
    press(page, "j", "Enter")
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    keys_are_there(page)
    press(page, "r")
    page.keyboard.type("Clean the vent of the fan, then update to firmware 2.1.")
    press(page, "Control+Shift+Enter")


def claim_note_and_ask(page: Page, title: str) -> None:
    press(page, "j", "c")
    expect(page.locator("#bulk-results")).to_contain_text("Claimed")
    expect(rows(page)).to_have_count(7)
    press(page, "g", "m")
    expect(page.get_by_role("heading", name="Mine", exact=True)).to_be_visible()
    keys_are_there(page)
    press(page, "j", "n")
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    expect(page.locator("#f-note")).to_be_focused()
    page.keyboard.type("Known since May.")
    press(page, "Control+Enter")
    expect(page.locator("article.note")).to_contain_text("Known since May.")
    keys_are_there(page)
    press(page, "m", "Enter")
    expect(page.get_by_role("heading", name="Run “Ask”?")).to_be_visible()
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Mine", exact=True)).to_be_visible()
    keys_are_there(page)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def rows(page: Page) -> Locator:
    return page.locator("tr[data-case]")


def test_two_at_one_case_see_one_another_and_one_of_them_gets_it(visit: Visit, desk: Desk) -> None:
    ines, omar = at_the_queue(visit, desk, "ines"), at_the_queue(visit, desk, "omar")
    before = rows(omar).count()
    first = rows(omar).first.get_attribute("data-case")

    ines.keyboard.press("j")
    ines.keyboard.press("r")
    expect(ines.locator("#f-reply")).to_be_focused()
    dot = omar.locator(f"tr[data-case='{first}'] .dot")
    expect(dot).to_have_count(1)
    ines.keyboard.type("One moment")
    expect(omar.locator(f"tr[data-case='{first}'] .dot.is-replying")).to_have_count(1)

    ines.keyboard.press("Escape")
    ines.keyboard.press("c")
    expect(ines.get_by_text("It is yours.")).to_be_visible()
    news = omar.get_by_role("button", name="change")
    expect(news).to_contain_text("1 change")
    expect(rows(omar)).to_have_count(before)  # nothing moves unasked

    omar.keyboard.press("j")
    omar.keyboard.press("c")
    expect(omar.locator("#bulk-results")).to_contain_text("Ines has this case already.")
    expect(rows(omar)).to_have_count(before - 1)


def test_keys_can_be_switched_off(visit: Visit, desk: Desk) -> None:
    page = at_the_queue(visit, desk, "omar")
    page.keyboard.press("?")
    page.get_by_label("Single keys work").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert page.locator("tr[data-case] a:focus").count() == 0
    page.reload()
    page.get_by_role("link", name="Keys").click()
    page.get_by_label("Single keys work").check()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("tr[data-case] a:focus")).to_have_count(1)
    page.keyboard.press("/")
    page.keyboard.type("jkx?")
    expect(page.locator("[data-key=find]")).to_have_value("jkx?")


def test_the_queue_works_without_scripts(visit: Visit, desk: Desk) -> None:
    forum, engine = desk
    visitor = visit(scripts=False)
    chromium.sign_in(visitor.context, forum.url, cookie_of(engine, "omar"))
    page = visitor.page
    page.goto(f"{forum.url}/desk/queue?view=unclaimed")
    page.locator("tr[data-case] label").first.click()
    page.get_by_role("button", name="Claim", exact=True).click()
    expect(page.get_by_role("heading", name="1 of 1 done")).to_be_visible()
    page.get_by_role("link", name="Claimed").click()
    page.get_by_label("Everybody reads this").fill("Clean the vent of the fan, then restart.")
    page.get_by_role("button", name="Reply and resolve").click()
    expect(page.get_by_text("Replied, and resolved")).to_be_visible()
