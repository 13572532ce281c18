"""Members at the desk: finding them, roles, suspensions."""

from __future__ import annotations

from sqlmodel import Session, select

from app.domain import accounts
from app.models import AuditEntry, User
from tests.factories.users import make_user
from tests.support.browser import Browser


def test_members_are_found_by_name_and_by_moderators_by_address(
    client: Browser, asker: User, moderator: User
) -> None:
    client.sign_in(moderator)
    assert "/desk/people/asker" in client.get("/desk/people?find=Ask").text
    assert "Nobody is called that" in client.get("/desk/people?find=zz").text
    found = {
        find: client.post_form("/desk/people", {"find": find})
        for find in ("Ask", "@asker", asker.email or "")
    }
    assert [each.headers["location"] for each in found.values()] == [
        "/desk/people?find=Ask",
        "/desk/people?find=%40asker",
        "/desk/people/asker",
    ]
    assert "Nobody is called that" in client.post_form("/desk/people", {"find": "no@example.org"}).text


def test_addresses_are_for_moderators(client: Browser, asker: User, agent: User, moderator: User) -> None:
    assert asker.email
    assert asker.email in client.sign_in(moderator).get("/desk/people/asker").text
    client.sign_in(agent)
    assert asker.email not in client.get("/desk/people/asker").text
    assert "Nobody is called that" in client.post_form("/desk/people", {"find": asker.email}).text


def test_a_moderator_suspends_and_releases(
    client: Browser, db: Session, asker: User, moderator: User
) -> None:
    client.sign_in(moderator)
    fields = {"days": "7", "reason": "Advertising."}
    assert client.post_form("/desk/people/asker/suspend", fields).status_code == 303
    assert "Suspended until" in client.get("/desk/people/asker").text
    assert client.post_form("/desk/people/asker/release", {"reason": "A mistake."}).status_code == 303
    assert db.get_one(User, asker.id).suspended_until is None
    assert db.exec(select(AuditEntry.reason).order_by(AuditEntry.id)).all() == ["Advertising.", "A mistake."]  # type: ignore[arg-type]


def test_a_suspension_needs_days_and_a_reason(
    client: Browser, db: Session, asker: User, moderator: User
) -> None:
    client.sign_in(moderator)
    for fields in ({"days": "7", "reason": ""}, {"days": "3650", "reason": "x"}, {"reason": "x"}):
        assert client.post_form("/desk/people/asker/suspend", fields).status_code == 422
    assert db.get_one(User, asker.id).suspended_until is None


def test_agents_do_not_suspend_and_moderators_not_each_other(
    client: Browser, db: Session, asker: User, agent: User, moderator: User
) -> None:
    fields = {"days": "7", "reason": "Advertising."}
    assert client.sign_in(agent).post_form("/desk/people/asker/suspend", fields).status_code == 404
    make_user(db, handle="other", moderation_role="moderator")
    assert client.sign_in(moderator).post_form("/desk/people/other/suspend", fields).status_code == 403
    assert db.get_one(User, asker.id).suspended_until is None


def test_an_administrator_signs_a_member_out_everywhere(
    client: Browser, db: Session, asker: User, moderator: User, admin: User
) -> None:
    theirs = Browser(client.forum, db).sign_in(asker)
    token = accounts.reset_token(db, member=asker, now=client.forum.state.now())
    assert theirs.get("/settings").status_code == 200
    assert client.sign_in(moderator).post_form("/desk/people/asker/sign-out").status_code == 404
    client.sign_in(admin)
    assert "/desk/people/asker/sign-out" in client.get("/desk/people/asker").text
    done = client.post_form("/desk/people/asker/sign-out", {"reason": "A lost phone."})
    assert done.status_code == 303
    assert theirs.get("/settings").status_code == 303
    assert client.open_link(f"/reset/{token}").status_code == 404
    entry = db.exec(select(AuditEntry)).one()
    assert (entry.action, entry.reason, entry.subject_id) == ("user.sign_out", "A lost phone.", asker.id)


def test_roles_are_given_by_administrators_only(
    client: Browser, db: Session, asker: User, moderator: User, admin: User
) -> None:
    fields = {"support_role": "agent", "moderation_role": ""}
    assert client.sign_in(moderator).post_form("/desk/people/asker/roles", fields).status_code == 404
    assert db.get_one(User, asker.id).support_role == ""
    assert client.sign_in(admin).post_form("/desk/people/asker/roles", fields).status_code == 303
    assert db.get_one(User, asker.id).support_role == "agent"
    unknown = client.post_form("/desk/people/asker/roles", {"support_role": "king"})
    assert unknown.status_code == 422


def test_fields_that_no_form_has_are_refused(client: Browser, db: Session, asker: User, admin: User) -> None:
    fields = {"support_role": "", "moderation_role": "", "reputation": "9999"}
    assert client.sign_in(admin).post_form("/desk/people/asker/roles", fields).status_code == 422
    assert db.get_one(User, asker.id).reputation == 100
