"""Teams, skills and absences at the desk."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from app.domain import teams
from app.models import Absence, AuditEntry, User
from tests.factories.products import make_product
from tests.factories.teams import make_team
from tests.factories.users import make_user
from tests.support.browser import Browser
from tests.support.clock import Clock

AWAY = {"starts_at": "2026-03-05T08:00", "ends_at": "2026-03-09", "reason": "Skiing"}


def test_a_lead_makes_a_team_and_sets_it_up(client: Browser, db: Session, lead: User, agent: User) -> None:
    line = make_product(db, slug="kestrel", parent=make_product(db, slug="norvane"))
    client.sign_in(lead)
    assert client.post_form("/desk/teams", {"name": "Laptops"}).headers["location"] == "/desk/teams/laptops"
    assert client.post_form("/desk/teams", {"name": "Laptops"}).status_code == 422
    assert client.post_form("/desk/teams/laptops/members", {"handle": "agent", "capacity": "8"}).is_redirect
    set_up = {
        "name": "Laptops",
        "assignment": "least_loaded",
        "returns_after": "120",
        "products": "norvane,kestrel",
    }
    assert client.post_form("/desk/teams/laptops", set_up).is_redirect
    team = teams.by_slug(db, "laptops")
    assert (team.assignment, team.returns_after) == ("least_loaded", 120)
    assert line in teams.products_of(db, team)
    page = client.get("/desk/teams/laptops").text
    assert 'value="kestrel" checked' in page
    assert "Agent" in page
    assert "Norvane" in client.get("/desk/teams").text
    assert client.post_form("/desk/teams/laptops/members/agent", {"capacity": "0"}).is_redirect
    assert "Nobody here has room" in client.get("/desk/teams/laptops").text
    assert client.post_form("/desk/teams/laptops/members/agent/remove").is_redirect
    assert not teams.members_of(db, team, now=team.created_at)


@pytest.mark.parametrize(
    ("address", "fields", "words"),
    [
        ("", {"name": "Laptops", "assignment": "dice"}, "Choose how cases are given out"),
        ("", {"name": "Laptops", "returns_after": "soon"}, "Write a number of minutes"),
        ("", {"name": "Laptops", "products": "nothing"}, "choose again"),
        ("/members", {"handle": "nobody"}, "Choose who joins"),
        ("/members", {"handle": "agent", "capacity": "much"}, "Write a number of points"),
        ("/members/agent", {"capacity": "1001"}, "from 0 to 1,000"),
        ("/members/asker", {"capacity": "1"}, "give them the role first"),
    ],
)
@pytest.mark.usefixtures("agent", "asker")
def test_what_is_wrong_is_said_beside_what_was_typed(
    client: Browser, db: Session, lead: User, address: str, fields: dict[str, str], words: str
) -> None:
    make_team(db, slug="laptops")
    client.sign_in(lead)
    answer = client.post_form(f"/desk/teams/laptops{address}", fields)
    assert answer.status_code == 422
    assert words in answer.text


def test_the_default_can_be_changed_but_not_retired(client: Browser, db: Session, admin: User) -> None:
    make_team(db, slug="laptops")
    client.sign_in(admin)
    assert client.post_form("/desk/teams/support/retire").status_code == 409
    assert client.post_form("/desk/teams/laptops/default").is_redirect
    assert client.post_form("/desk/teams/support/retire").is_redirect
    assert teams.default_team(db).slug == "laptops"
    assert client.post_form("/desk/teams/support/bring-back").is_redirect


def test_agents_note_when_they_are_away_in_the_time_of_the_desk(
    client: Browser, db: Session, agent: User, clock: Clock
) -> None:
    client.sign_in(agent)
    assert client.post_form("/desk/colleagues/agent/absences", AWAY).is_redirect
    page = client.get("/desk/colleagues/agent").text
    assert "Thu 5 Mar 2026, 08:00" in page
    assert "Mon 9 Mar 2026, 00:00" in page
    assert "Times are those of UTC" in page
    assert "Products they know" not in page
    for wrong in ({**AWAY}, {"ends_at": "tomorrow"}, {"ends_at": "2026-03-01"}, {}):
        assert client.post_form("/desk/colleagues/agent/absences", wrong).status_code == 422, wrong
    address = f"/desk/colleagues/agent/absences/{db.exec(select(Absence.id)).one()}/end"
    assert client.post_form(address).is_redirect
    assert client.post_form(address).status_code == 404
    assert not teams.absences_of(db, agent, now=clock.now)
    assert db.exec(select(AuditEntry.action)).all() == ["user.away", "user.back"]


def test_only_leads_see_teams_and_other_colleagues(
    client: Browser, db: Session, agent: User, moderator: User, lead: User
) -> None:
    other = make_user(db, handle="other", support_role="agent")
    client.sign_in(agent)
    assert client.get("/desk/teams").status_code == 404
    assert client.get("/desk/colleagues/other").status_code == 404
    assert client.post_form("/desk/colleagues/other/absences", AWAY).status_code == 404
    assert client.post_form("/desk/colleagues/agent/skills", {"products": ""}).status_code == 404
    client.sign_in(moderator)
    assert client.get("/desk/colleagues/agent").status_code == 404
    client.sign_in(lead)
    make_product(db, slug="kestrel")
    assert client.post_form("/desk/colleagues/other/skills", {"products": "kestrel"}).is_redirect
    assert [product.slug for product in teams.skills_of(db, other)] == ["kestrel"]
    assert 'value="kestrel" checked' in client.get("/desk/colleagues/other").text
    assert client.get("/desk/colleagues/moderator").status_code == 404
