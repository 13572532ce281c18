from __future__ import annotations

from collections.abc import Callable

from sqlmodel import Session

from app.models import User
from tests.api.conftest import Client
from tests.factories.products import make_environment_field, make_product

ASKED = {
    "title": "No sound after the update",
    "body": "Since the update to 1.4 the speakers are silent.",
    "tags": ["sound"],
    "product": "x1",
    "environment": {"os": "Windows 11"},
}


def test_a_question_is_asked_answered_voted_accepted_and_found(
    api: Client,
    as_member: Callable[..., Client],
    db: Session,
    asker: User,
    answerer: User,
    drain: Callable[[Session], None],
) -> None:
    make_environment_field(db, product=make_product(db, slug="x1"), name="os")
    theirs, helper = as_member(asker), as_member(answerer)

    asked = theirs("POST", "/questions", ASKED)
    assert asked.status_code == 201, asked.text
    question = asked.json()
    number = question["id"]
    assert asked.headers["location"].endswith(f"/api/v1/questions/{number}")
    assert question["product"]["slug"] == "x1"
    assert question["environment"] == [{"name": "os", "label": "OS", "value": "Windows 11"}]
    assert question["viewer"]["follows"] is True
    assert question["author"]["handle"] == "asker"

    answered = helper("POST", f"/questions/{number}/answers", {"body": "Reset the mixer to its defaults."})
    assert answered.status_code == 201, answered.text
    answer = answered.json()["id"]
    assert theirs("PUT", f"/answers/{answer}/vote", {"value": 1}).json()["score"] == 1
    accepted = theirs("PUT", f"/questions/{number}/accepted-answer", {"answer_id": answer})
    assert accepted.json()["accepted_answer_id"] == answer

    drain(db)
    found = api("GET", "/search", params={"q": "speakers is:solved"}).json()
    assert [row["question"]["id"] for row in found["data"]] == [number]
    assert "<mark>" in found["data"][0]["passage_html"]
    assert found["total"] == 1
    assert found["facets"]["products"] == [{"value": "x1", "count": 1, "operator": "product:x1"}]
    similar = api.rows("/questions/similar", title="No sound since the update")
    assert similar[0]["question"]["id"] == number
    assert "mixer" in similar[0]["solution_html"]

    page = api("GET", f"/questions/{number}").json()
    assert (page["status"], page["answer_count"], page["viewer"]) == ("solved", 1, None)
    assert api.rows(f"/questions/{number}/answers")[0]["is_accepted"] is True
