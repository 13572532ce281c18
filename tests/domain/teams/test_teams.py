"""Teams: set up by leads, found by product, and taken in turns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from app.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from app.domain import teams
from app.models import AuditEntry, Product, Team, User
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.teams import make_absence, make_case, make_team
from tests.factories.users import make_user

DAY = timedelta(days=1)


@pytest.fixture
def line(db: Session) -> Product:
    return make_product(db, slug="kestrel", parent=make_product(db, slug="norvane"))


def change(db: Session, team: Team, *, by: User | None, now: datetime, **facts: object) -> Team:
    start: dict[str, object] = {
        "name": team.name,
        "assignment": team.assignment,
        "returns_after": None,
        "products": [],
    }
    return teams.change_team(db, team=team, by=by, now=now, **{**start, **facts})  # type: ignore[arg-type]


def test_a_question_goes_to_the_team_of_the_nearest_product(
    db: Session, line: Product, lead: User, now: datetime
) -> None:
    model = make_product(db, slug="kestrel-13", parent=line)
    brand = db.get_one(Product, line.parent_id)
    for_brand, for_line = make_team(db, slug="norvane"), make_team(db, slug="laptops")
    change(db, for_brand, by=lead, now=now, products=[brand])
    change(db, for_line, by=lead, now=now, products=[line])
    expected = {None: "support", brand.id: "norvane", line.id: "laptops", model.id: "laptops"}
    for product_id, slug in expected.items():
        assert teams.team_for(db, make_question(db, product_id=product_id)).slug == slug
    teams.retire_team(db, team=for_line, is_retired=True, by=lead, now=now)
    assert teams.team_for(db, make_question(db, product_id=model.id)).slug == "norvane"


def test_what_makes_no_sense_is_refused_with_a_sentence(
    db: Session, line: Product, lead: User, asker: User, now: datetime
) -> None:
    team, other = make_team(db, slug="laptops"), make_team(db, slug="printers")
    change(db, other, by=lead, now=now, products=[line])
    make_case(db, team_id=other.id)
    default = teams.default_team(db)
    refusals: list[tuple[Callable[[], object], type[DomainError], str]] = [
        (lambda: teams.add_team(db, name=" ", by=lead, now=now), Invalid, "name"),
        (lambda: teams.add_team(db, name="Printers", by=lead, now=now), Invalid, "already"),
        (lambda: change(db, team, by=lead, now=now, products=[line]), Invalid, "Printers"),
        (lambda: change(db, team, by=lead, now=now, assignment="dice"), Invalid, "given out"),
        (lambda: change(db, team, by=lead, now=now, returns_after=0), Invalid, "minutes"),
        (lambda: teams.set_member(db, team=team, user=asker, by=lead, now=now), Invalid, "role"),
        (
            lambda: teams.set_member(db, team=team, user=lead, capacity=-1, by=lead, now=now),
            Invalid,
            "points",
        ),
        (lambda: teams.remove_member(db, team=team, user=lead, by=lead, now=now), NotFound, "nothing here"),
        (lambda: teams.retire_team(db, team=default, is_retired=True, by=lead, now=now), Conflict, "default"),
        (
            lambda: teams.retire_team(db, team=other, is_retired=True, by=lead, now=now),
            Conflict,
            "open cases",
        ),
    ]
    for act, kind, words in refusals:
        with pytest.raises(kind, match=words):
            act()


def test_only_leads_and_administrators_set_up_teams(
    db: Session, agent: User, moderator: User, admin: User, now: datetime
) -> None:
    for nobody in (agent, moderator):
        with pytest.raises(NotAllowed):
            teams.add_team(db, name="Printers", by=nobody, now=now)
        with pytest.raises(NotAllowed):
            teams.set_skills(db, user=agent, products=[], by=nobody, now=now)
    assert teams.add_team(db, name="Printers", by=admin, now=now).slug == "printers"


def test_there_is_always_one_default_and_every_act_is_in_the_log(
    db: Session, lead: User, agent: User, line: Product, now: datetime
) -> None:
    team = teams.add_team(db, name="Laptops & more", by=lead, now=now)
    teams.set_member(db, team=team, user=agent, capacity=10, by=lead, now=now)
    teams.set_member(db, team=team, user=agent, capacity=10, by=lead, now=now)
    teams.make_default(db, team=team, by=lead, now=now)
    teams.set_skills(db, user=agent, products=[line], by=lead, now=now)
    teams.remove_member(db, team=team, user=agent, by=lead, now=now)
    assert db.exec(select(Team.slug).where(Team.is_default)).all() == ["laptops-more"]
    assert [product.slug for product in teams.skills_of(db, agent)] == ["kestrel"]
    assert db.exec(select(AuditEntry.action).order_by(AuditEntry.id)).all() == [  # type: ignore[arg-type]
        "team.add",
        "team.set_member",
        "team.make_default",
        "user.skills",
        "team.remove_member",
    ]


def test_turns_pass_by_who_is_away_full_or_the_asker(
    db: Session, agent: User, lead: User, now: datetime
) -> None:
    third = make_user(db, handle="third", support_role="agent")
    team = make_team(db, agent, lead, third, assignment="round_robin", capacity=4)
    question = make_question(db, author=third)
    assert teams.candidate(db, team=team, question=question, now=now) == agent
    make_case(db, owner_id=lead.id, priority="high", state="claimed")
    assert teams.candidate(db, team=team, question=question, now=now) == agent, "the lead has no room for 2"
    assert teams.candidate(db, team=team, question=question, priority="low", now=now) == lead
    absence = teams.add_absence(db, user=agent, starts_at=now, ends_at=now + DAY, by=agent, now=now)
    assert teams.is_away(db, agent, now)
    assert teams.candidate(db, team=team, question=question, now=now) is None
    teams.end_absence(db, absence=absence, user=agent, by=agent, now=now)
    assert teams.candidate(db, team=team, question=question, now=now) == agent


def test_who_knows_the_product_comes_first_and_who_left_support_gets_nothing(
    db: Session, line: Product, agent: User, lead: User, now: datetime
) -> None:
    team = make_team(db, agent, lead, assignment="least_loaded")
    teams.set_skills(db, user=lead, products=[db.get_one(Product, line.parent_id)], by=lead, now=now)
    question = make_question(db, product_id=line.id)
    make_case(db, owner_id=lead.id, state="waiting_customer")
    assert teams.candidate(db, team=team, question=question, now=now) == lead
    assert teams.candidate(db, team=team, question=make_question(db), now=now) == agent
    agent.support_role = ""
    db.add(agent)
    db.commit()
    assert teams.candidate(db, team=team, question=make_question(db), now=now) == lead
    change(db, team, by=lead, now=now, assignment="manual")
    assert teams.candidate(db, team=team, question=question, now=now) is None


def test_load_weighs_what_is_not_done(db: Session, agent: User, lead: User) -> None:
    for priority, state in (
        ("urgent", "claimed"),
        ("low", "snoozed"),
        ("high", "resolved"),
        ("high", "closed"),
    ):
        make_case(db, owner_id=agent.id, priority=priority, state=state)
    assert teams.load(db, agent) == 5
    assert teams.load(db, lead) == 0


@pytest.mark.parametrize(("starts", "ends"), [(1, 1), (2, 1), (-3, -1), (0, 400), (4, 6), (0, 9)])
def test_absences_that_can_not_be_are_refused(
    db: Session, agent: User, now: datetime, starts: int, ends: int
) -> None:
    make_absence(db, user=agent, starts_at=now + 5 * DAY, ends_at=now + 7 * DAY)
    with pytest.raises(Invalid):
        teams.add_absence(
            db, user=agent, starts_at=now + starts * DAY, ends_at=now + ends * DAY, by=agent, now=now
        )


def test_agents_note_their_own_absence_only(db: Session, agent: User, lead: User, now: datetime) -> None:
    other = make_user(db, support_role="agent")
    with pytest.raises(NotAllowed):
        teams.add_absence(db, user=other, starts_at=now, ends_at=now + DAY, by=agent, now=now)
    noted = teams.add_absence(db, user=agent, starts_at=now, ends_at=now + DAY, by=lead, now=now)
    with pytest.raises(NotAllowed):
        teams.end_absence(db, absence=noted, user=agent, by=other, now=now)
    teams.end_absence(db, absence=noted, user=agent, by=agent, now=now + timedelta(hours=1))
    assert not teams.absences_of(db, agent, now=now + timedelta(hours=1))
