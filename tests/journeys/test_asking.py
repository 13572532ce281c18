"""From signing up to a solved question, as people do it: with scripts and without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.factories.accounts import PASSWORD
from tests.journeys.conftest import Visit
from tests.support.live import LiveForum

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TITLE = "The second screen stays black after docking"
PASTE_AN_IMAGE = """async (area) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 60, height: 40 });
  canvas.getContext("2d").fillRect(5, 5, 30, 20);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([blob], "screen.png", { type: "image/png" }));
  area.focus();
  area.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


def test_a_customer_gets_help_and_others_find_it(forum: LiveForum, visit: Visit) -> None:
    asker = visit()
    sign_up(asker.page, forum, "carla@example.org")
    ask(asker.page, forum, TITLE, with_image=True)
    expect(asker.page.get_by_role("heading", name=TITLE)).to_be_visible()
    image = asker.page.locator(".prose img").first
    expect(image).to_be_visible()
    assert image.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 60
    address = asker.page.url

    helper = visit()
    sign_in(helper.page, forum, "helper@example.org")
    answer(helper.page, address)
    helper.page.get_by_role("button", name="Vote up").first.click()
    expect(helper.page.get_by_role("button", name="Vote up").first).to_have_attribute("aria-pressed", "true")
    assert helper.page.url.partition("#")[0] == address.partition("#")[0]

    accept(asker.page, address)
    expect_found(visit().page, forum)


def test_everything_works_without_scripts(forum: LiveForum, visit: Visit) -> None:
    asker = visit(scripts=False)
    sign_up(asker.page, forum, "dario@example.org")
    ask(asker.page, forum, "The dock charges but shows no second picture", with_image=False)
    address = asker.page.url

    helper = visit(scripts=False)
    sign_in(helper.page, forum, "helper@example.org")
    answer(helper.page, address)
    helper.page.get_by_role("button", name="Vote up").first.click()
    expect(helper.page.get_by_role("button", name="Vote up").first).to_have_attribute("aria-pressed", "true")

    accept(asker.page, address)
    visitor = visit(scripts=False).page
    visitor.goto(f"{forum.url}/questions")
    expect(visitor.get_by_text("The dock charges but shows no second picture")).to_be_visible()


def sign_up(page: Page, forum: LiveForum, address: str) -> None:
    page.goto(f"{forum.url}/signup")
    page.get_by_label("Name").fill(address.partition("@")[0].title())
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_text(address)).to_be_visible()
    page.goto(forum.link_mailed_to(address))
    page.get_by_role("button", name="Confirm").click()
    if page.get_by_label("Password").count():
        fill_in_sign_in(page, address)


def sign_in(page: Page, forum: LiveForum, address: str) -> None:
    page.goto(f"{forum.url}/signin")
    fill_in_sign_in(page, address)


def fill_in_sign_in(page: Page, address: str) -> None:
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_have_count(0)


def ask(page: Page, forum: LiveForum, title: str, *, with_image: bool) -> None:
    page.goto(f"{forum.url}/ask?product=aerie")
    page.get_by_label("Title").fill(title)
    details = page.get_by_label("What happens, and what have you tried?")
    details.fill("It worked until last week. Other cables and another dock made no difference.\n\n")
    if with_image:
        details.focus()
        # The editor's script comes with the person's first act; its toolbar tells that it is there.
        expect(page.get_by_role("toolbar").first).to_be_visible()
        details.evaluate(PASTE_AN_IMAGE)
        expect(details).to_have_value(re.compile(r"!\[.*\]\(/uploads/\w+\.png.*\)"), timeout=20_000)
    page.get_by_label("Tags").fill("dock, screen")
    page.get_by_role("button", name="Post question").click()
    confirm = page.get_by_role("button", name="None of these: post my question")
    expect(confirm.or_(page.locator("#answers"))).to_be_visible(timeout=20_000)
    if confirm.is_visible():
        confirm.click()
    expect(page).to_have_url(re.compile(r"/questions/\d+/"))


def answer(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("Answer", exact=True).fill(
        "Update the firmware of the dock, then restart with it plugged in."
    )
    page.get_by_role("button", name="Post answer").click()
    expect(page.locator(".answer")).to_have_count(1)


def accept(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("button", name="This solved it").click()
    expect(page.get_by_text("Accepted answer").first).to_be_visible()


def expect_found(page: Page, forum: LiveForum) -> None:
    page.goto(f"{forum.url}/search?q=screen+docking")
    for _ in range(40):
        if page.get_by_role("link", name=TITLE).count():
            break
        page.wait_for_timeout(250)
        page.reload()
    page.get_by_role("link", name=TITLE).first.click()
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
