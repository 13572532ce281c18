"""ETags: nothing is sent twice, and no edit is lost."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
from sqlmodel import Session

from app.models import User
from tests.api.conftest import Client
from tests.factories.answers import make_answer
from tests.factories.questions import make_question
from tests.factories.tags import make_tag

EDIT = {"body": "It shows error 49 since the update of May."}


@pytest.fixture
def path(db: Session, asker: User) -> str:
    tags = [make_tag(db, name="printer")]
    return f"/questions/{make_question(db, author=asker, tags=tags, body='x' * 900).id}"


def test_what_the_client_has_already_is_not_sent_again(api: Client, path: str, db: Session) -> None:
    for address in (path, "/questions", "/products", "/users/asker", "/openapi.json"):
        first = api("GET", address)
        etag = first.headers["etag"]
        assert etag.startswith('"')
        for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
            again = api("GET", address, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        assert api("GET", address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_tag_names_bytes_so_packed_ones_have_another(api: Client, path: str) -> None:
    plain = api("GET", path, headers={"Accept-Encoding": "identity"})
    packed = api("GET", path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json() == plain.json()
    assert packed.headers["etag"] != plain.headers["etag"]
    assert len(gzip.compress(plain.content)) < len(plain.content)
    assert "Accept-Encoding" in packed.headers["vary"]


def test_a_strangers_copy_is_never_a_members(
    api: Client, as_member: Callable[..., Client], asker: User, path: str
) -> None:
    strangers, members = api("GET", path), as_member(asker)("GET", path)
    assert strangers.headers["etag"] != members.headers["etag"]
    assert strangers.json()["viewer"] is None
    assert members.json()["viewer"]["may_edit"] is True
    for answer in (strangers, members):
        assert {"Authorization", "Cookie", "Origin"} <= set(answer.headers["vary"].split(", "))
        assert answer.headers["cache-control"] == "private, no-cache"


def test_an_edit_must_say_what_it_changes(as_member: Callable[..., Client], asker: User, path: str) -> None:
    member = as_member(asker)
    assert member("PATCH", path, EDIT).status_code == 428
    etag = member("GET", path).headers["etag"]
    first = member("PATCH", path, EDIT, {"If-Match": etag})
    assert first.status_code == 200
    assert first.json()["body"] == EDIT["body"]
    stale = member("PATCH", path, EDIT, {"If-Match": etag})
    assert (stale.status_code, stale.json()["title"]) == (412, "Changed meanwhile")
    assert member("PATCH", path, EDIT, {"If-Match": first.headers["etag"]}).status_code == 200
    assert member("PATCH", path, EDIT, {"If-Match": "*"}).status_code == 200
    for weak in (f"W/{member('GET', path).headers['etag']}", '"r99.x"', "r5", "nonsense"):
        assert member("PATCH", path, EDIT, {"If-Match": weak}).status_code == 412


def test_a_vote_cast_meanwhile_does_not_stand_in_the_way_of_an_edit(
    as_member: Callable[..., Client], asker: User, answerer: User, path: str
) -> None:
    member = as_member(asker)
    etag = member("GET", path).headers["etag"]
    assert as_member(answerer)("PUT", f"{path}/vote", {"value": 1}).status_code == 200
    assert member("GET", path).headers["etag"] != etag
    assert member("PATCH", path, EDIT, {"If-Match": etag}).status_code == 200


def test_what_is_left_out_of_an_edit_stays(as_member: Callable[..., Client], asker: User, path: str) -> None:
    member = as_member(asker)
    before = member("GET", path).json()
    change = {"title": "Printer prints blank pages only"}
    after = member("PATCH", path, change, {"If-Match": "*"}).json()
    assert after["title"] == change["title"]
    assert {name: after[name] for name in ("body", "tags", "product", "environment")} == {
        name: before[name] for name in ("body", "tags", "product", "environment")
    }


def test_answers_are_edited_by_the_same_rules(
    as_member: Callable[..., Client], db: Session, answerer: User
) -> None:
    path = f"/answers/{make_answer(db, question=make_question(db), author=answerer).id}"
    member = as_member(answerer)
    assert member("PATCH", path, EDIT).status_code == 428
    etag = member("GET", path).headers["etag"]
    assert member("PATCH", path, EDIT, {"If-Match": etag}).json()["revision"] == 2
    assert member("PATCH", path, EDIT, {"If-Match": etag}).status_code == 412
