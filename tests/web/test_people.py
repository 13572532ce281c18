from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session

from app.domain import accounts
from app.models import User
from tests.factories.answers import make_answer
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.clock import Clock


def names(page: str) -> list[str]:
    return [part.partition("<")[0] for part in page.split("<bdi>")[1:]]


def test_members_are_listed_by_reputation_or_newest_or_staff_only(client: Any, db: Session) -> None:
    make_user(db, handle="high", reputation=900)
    make_user(db, handle="low", reputation=5)
    make_user(db, handle="lena", reputation=50, support_role="agent")
    assert names(client.get("/users").text) == ["High", "Lena", "Low"]
    assert names(client.get("/users?sort=newest").text) == ["Lena", "Low", "High"]
    assert names(client.get("/users?sort=staff").text) == ["Lena"]
    assert client.get("/users?sort=email").status_code == 404


@pytest.mark.parametrize("find", ["mar", "Mar", "MARA", "mara l", "mara-l"])
def test_a_member_is_found_by_the_beginning_of_the_name_or_by_handle(
    client: Any, db: Session, find: str
) -> None:
    make_user(db, handle="mara-l", handle_key="marai", display_name="Mara Lind")
    make_user(db, handle="tom", display_name="Tom Maras")
    assert names(client.get("/users", params={"find": find}).text) == ["Mara Lind"]


@pytest.mark.parametrize("find", ["%", "_", "\\", "'", "nobody", "x" * 60])
def test_what_nobody_is_called_finds_nobody(client: Any, db: Session, find: str) -> None:
    make_user(db, handle="mara")
    page = client.get("/users", params={"find": find})
    assert page.status_code == 200
    assert names(page.text) == []


def test_an_address_with_a_nul_is_refused(client: Any) -> None:
    for path in ("/users?find=%00", "/users/%00", "/tags/a%00b"):
        assert client.get(path).status_code == 400


def test_a_long_list_has_pages(client: Any, db: Session) -> None:
    for _member in range(31):
        make_user(db)
    assert len(names(client.get("/users").text)) == 30
    assert len(names(client.get("/users?page=2").text)) == 1
    assert client.get("/users?page=0").status_code == 404


def test_a_profile_shows_what_the_public_may_see(
    client: Any, db: Session, answerer: User, asker: User, clock: Clock
) -> None:
    shown = make_question(db, author=asker, title="The screen stays black after the update")
    hidden = make_question(
        db, author=asker, title="A question that staff hid", removed_at=clock.now, removal="hidden"
    )
    make_answer(db, question=shown, author=answerer)
    make_answer(db, question=hidden, author=answerer)
    page = client.get("/users/answerer").text
    assert "The screen stays black" in page
    assert "staff hid" not in page
    assert "Answers (1)" in page
    asked = client.get("/users/asker?tab=questions").text
    assert "The screen stays black" in asked
    assert "staff hid" not in asked
    assert "asker@example.org" not in asked


def test_a_profile_of_nobody_is_not_found(client: Any, db: Session) -> None:
    make_user(db, handle="gone", deleted_at=None)
    assert client.get("/users/nobody").status_code == 404
    assert client.get("/users/gone?tab=votes").status_code == 404


def test_a_former_handle_and_another_spelling_lead_to_the_profile(
    client: Any, db: Session, clock: Clock
) -> None:
    ann = make_user(db, handle="ann")
    accounts.change_profile(
        db, by=ann, display_name="Ann", handle="ann-lee", location="", about="", theme="", now=clock.now
    )
    for old in ("ann", "Ann-Lee"):
        moved = client.get(f"/users/{old}")
        assert (moved.status_code, moved.headers["location"]) == (301, "/users/ann-lee")


def test_the_ledger_is_for_its_owner_and_staff(client: Any, asker: User, answerer: User, agent: User) -> None:
    path = f"/users/{asker.handle}/reputation"
    assert client.get(path).headers["location"].startswith("/signin")
    assert client.sign_in(answerer).get(path).status_code == 404
    assert client.sign_in(agent).get(path).status_code == 200
    page = client.sign_in(asker).get(path)
    assert page.status_code == 200
    assert "+100" in page.text


def test_a_list_of_one_and_of_thirty_costs_the_same(client: Any, db: Session, count_queries: Any) -> None:
    counts = []
    for more in (1, 29):
        for _member in range(more):
            make_user(db)
        with count_queries() as queries:
            client.get("/users")
        counts.append(len(queries))
    assert counts[0] == counts[1]
