"""What search engines and social sites read of a question's page."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import html5lib
import pytest
from sqlmodel import Session

from app.domain import answers, comments, questions
from app.models import Question, User
from tests.factories.answers import make_answer
from tests.factories.comments import make_comment
from tests.factories.questions import make_question
from tests.support.browser import ORIGIN, Browser

HOSTILE = "</script><script>alert(1)</script><!--<script> & \u2028 of all"
POST = {"text", "upvoteCount", "datePublished", "author"}


@pytest.fixture
def solved(db: Session, asker: User, answerer: User, now: datetime) -> Question:
    question = questions.ask(
        db,
        author=asker,
        title=HOSTILE,
        body="It **sleeps** at once. ![log](/uploads/" + "a" * 64 + ".png) &lt;/script>",
        tags="wifi",
        product_id=None,
        environment={},
        now=now,
    )
    helpful = answers.post(
        db, question=question, author=answerer, body="Turn `</script>` off in the setup.", now=now
    )
    answers.post(db, question=question, author=answerer, body="Or buy another one, they are cheap.", now=now)
    comments.post(db, post=question, author=answerer, body="Which firmware is it?", now=now)
    comments.post(db, post=helpful, author=asker, body="Where in the setup?", now=now)
    answers.accept(db, answer=helpful, by=asker, now=now)
    return question


def read(client: Browser, question: Question) -> Any:
    """Return the page's tree, as a browser makes it."""
    answer = client.get(f"/questions/{question.id}", follow_redirects=True)
    assert answer.status_code == 200
    return html5lib.parse(answer.text, namespaceHTMLElements=False)


def blocks(tree: Any) -> list[Any]:
    return [script for script in tree.iter("script") if script.get("src") is None]


def meta(tree: Any) -> dict[str, str]:
    named = (
        (tag.get("property") or tag.get("name") or "", tag.get("content") or "") for tag in tree.iter("meta")
    )
    return dict(named)


def test_a_question_is_described_with_everything_that_is_wanted(client: Browser, solved: Question) -> None:
    (block,) = blocks(read(client, solved))
    assert block.get("type") == "application/ld+json"
    document = json.loads(block.text)
    assert (document["@context"], document["@type"]) == ("https://schema.org", "QAPage")
    question = document["mainEntity"]
    assert question["@type"] == "Question"
    assert question["name"] == solved.title
    assert question["answerCount"] == 2
    assert question["image"].startswith(f"{ORIGIN}/uploads/")
    accepted, (suggested,) = question["acceptedAnswer"], question["suggestedAnswer"]
    assert accepted["text"] == "Turn </script> off in the setup."
    for answer in (accepted, suggested):
        assert answer["@type"] == "Answer"
        assert answer["url"].startswith(f"{ORIGIN}/questions/{solved.id}/")
    for post in (question, accepted, suggested):
        assert post.keys() >= POST
        assert post["author"].keys() == {"@type", "name", "url"}
        datetime.fromisoformat(post["datePublished"])
    assert [comment["text"] for comment in question["comment"]] == ["Which firmware is it?"]
    assert accepted["comment"][0].keys() == {"@type", "text", "datePublished", "author"}


def test_no_text_ends_the_block_or_begins_a_script(client: Browser, solved: Question) -> None:
    tree = read(client, solved)
    assert len(blocks(tree)) == 1
    assert len(list(tree.iter("script"))) == 2  # ours, by its address, and the data
    raw = client.get(f"/questions/{solved.id}", follow_redirects=True).text
    data = raw.partition('<script type="application/ld+json">')[2].partition("</script>")[0]
    assert not set("<>&\u2028\u2029") & set(data)


def test_what_is_hidden_is_not_in_it(client: Browser, db: Session, now: datetime, moderator: User) -> None:
    removed: dict[str, Any] = {"removed_at": now, "removed_by_id": moderator.id, "removal": "hidden"}
    question = make_question(db)
    make_answer(db, question=question)
    make_answer(db, question=question, body="SECRET answer", **removed)
    make_comment(db, post=question, body="SECRET comment", body_html="SECRET comment", **removed)
    page = client.get(f"/questions/{question.id}", follow_redirects=True).text
    assert '"@type":"QAPage"' in page
    assert "SECRET" not in page
    assert (
        "ld+json"
        not in client.sign_in(moderator).get(f"/questions/{question.id}", follow_redirects=True).text
    )


def test_only_the_page_of_an_answered_question_is_a_question_and_answer_page(
    client: Browser, db: Session, solved: Question
) -> None:
    assert blocks(read(client, make_question(db))) == []
    for path in ("/", "/questions", "/tags/wifi", "/users/asker", f"/posts/{solved.id}/revisions"):
        assert "ld+json" not in client.get(path).text, path


def test_a_link_that_is_shared_has_a_title_a_text_and_a_picture(client: Browser, solved: Question) -> None:
    found = meta(read(client, solved))
    assert found["og:type"] == "article"
    assert solved.title in found["og:title"]
    assert found["og:url"].startswith(f"{ORIGIN}/questions/{solved.id}/")
    assert found["og:description"] == "Turn </script> off in the setup."
    assert found["og:image"].startswith(f"{ORIGIN}/uploads/")
    assert found["twitter:card"] == "summary"
    assert found["og:site_name"] == "Peerdesk"


def test_a_question_that_nobody_answered_for_a_year_is_kept_out_of_search_engines(
    client: Browser, db: Session, now: datetime
) -> None:
    long_ago = now - timedelta(days=366)
    stale = make_question(db, created_at=long_ago)
    answered = make_question(db, created_at=long_ago)
    make_answer(db, question=answered)
    assert meta(read(client, stale))["robots"] == "noindex, follow"
    assert "robots" not in meta(read(client, answered))
    assert "robots" not in meta(read(client, make_question(db, created_at=now - timedelta(days=364))))


def test_only_the_usual_order_of_a_list_is_for_search_engines(client: Browser, db: Session) -> None:
    make_question(db)
    for usual, other in (
        ("/questions", "/questions?sort=votes"),
        ("/users", "/users?sort=newest"),
        ("/tags", "/tags?find=x"),
    ):
        page = client.get(usual).text
        assert f'<link rel="canonical" href="{ORIGIN}{usual}">' in page
        assert "noindex" not in page
        assert '<meta name="robots" content="noindex, follow">' in client.get(other).text
    assert '<meta name="robots" content="noindex">' in client.get("/search?q=x").text
