"""An open question page, while others answer."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine

from app.core.clock import utc_now
from app.core.db import new_session
from app.domain import answers, questions
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.journeys.conftest import Visit
from tests.support.community import Community
from tests.support.live import LiveForum

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Furnished = tuple[LiveForum, Community, Engine]


def test_an_open_page_says_that_there_is_a_new_answer(furnished: Furnished, visit: Visit) -> None:
    forum, _, engine = furnished
    with new_session(engine) as db:
        question_id = make_question(db).id
    page = visit().page
    page.clock.install()
    with page.expect_request("**/api/v1/events*"):
        page.goto(f"{forum.url}/questions/{question_id}/-")
        page.clock.fast_forward(5_000)
    told = page.get_by_role("status").filter(has_text="1 new answer")
    before = page.locator(".q-head").bounding_box()
    with new_session(engine) as db:
        answer = answers.post(
            db,
            question=questions.visible(db, viewer=None, question_id=question_id),
            author=make_user(db),
            body="Take the cable out and put it in again.",
            now=utc_now(),
        )
    expect(told).to_be_visible()
    assert page.locator(".q-head").bounding_box() == before
    told.get_by_role("link").click()
    expect(page.locator(f"#answer-{answer.id}")).to_be_in_viewport()
    expect(told).to_have_count(0)
