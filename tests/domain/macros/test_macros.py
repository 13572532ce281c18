"""Macros: what is refused on saving, what is filled in, and that a run is whole."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from app.core import markdown
from app.core.errors import Conflict, Invalid, NotFound
from app.domain import escalations, macros
from app.domain.macros.variables import filled_in
from app.models import Answer, AuditEntry, Escalation, EscalationNote, Macro, Question, User
from tests.factories.macros import make_macro
from tests.factories.products import make_product
from tests.factories.questions import make_question
from tests.factories.tags import make_tag
from tests.factories.teams import make_team
from tests.factories.users import make_user

SITE = "https://help.example"
REPLY = macros.Action("reply", text="Hello {{asker_name}}, see {{link}}.")


@pytest.fixture
def case(db: Session, now: datetime, asker: User) -> Escalation:
    product = make_product(db, name="Aerie 14")
    question = make_question(
        db, author=asker, title="Fan is very loud", product_id=product.id, tags=[make_tag(db, name="fan")]
    )
    return escalations.open_case(db, question=question, code="unanswered", now=now)


@pytest.mark.parametrize(
    ("actions", "sentence"),
    [
        ([], "at least one thing"),
        ([macros.Action("reply", text="Hi {{asker}}, {{ due }}")], r"no variable \{\{asker\}\}, \{\{due\}\}"),
        ([macros.Action("note", text="{{asker_email}}")], "These can be used: {{asker_name}}"),
        ([macros.Action("note", text=" ")], "need their text"),
        ([macros.Action("explode")], "from the list"),
        ([macros.Action("priority", "huge")], "from the list"),
        ([macros.Action("assign", "person", "nobody-here")], "no agent's handle"),
        ([macros.Action("assign", "person", "asker")], "no agent's handle"),
        ([REPLY, REPLY], "at most once"),
        ([macros.Action("snooze", "1h"), macros.Action("state", "resolve")], "can't be snoozed"),
        ([macros.Action("state", "wait"), REPLY], "reply to them first"),
        ([macros.Action("note", text="x")] * 11, "at most 10"),
    ],
)
@pytest.mark.usefixtures("asker")
def test_what_makes_no_sense_is_refused_when_saved(
    db: Session, now: datetime, agent: User, actions: list[macros.Action], sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence):
        macros.create(db, by=agent, name="Odd", actions=actions, now=now)


def test_a_macro_is_made_changed_and_retired(db: Session, now: datetime, agent: User, lead: User) -> None:
    other = make_user(db, support_role="agent")
    macro = macros.create(db, by=agent, name=" Ask  again ", actions=[REPLY], now=now)
    assert (macro.name, macro.version) == ("Ask again", 1)
    with pytest.raises(Invalid, match="Another macro"):
        macros.create(db, by=other, name="Ask again", actions=[REPLY], now=now)
    with pytest.raises(NotFound):
        macros.change(db, macro=macro, by=other, name="Mine", actions=[REPLY], now=now)
    changed = macros.change(db, macro=macro, by=lead, name="Ask again", actions=[REPLY], now=now)
    assert changed.version == 2
    macros.retire(db, macro=macro, by=agent, now=now)
    assert macros.listing(db, viewer=agent) == []
    with pytest.raises(NotFound):
        macros.macro(db, viewer=agent, macro_id=macro.id or 0)
    macros.create(db, by=agent, name="Ask again", actions=[REPLY], now=now)
    assert db.exec(select(AuditEntry.action).order_by(AuditEntry.id)).all() == [  # type: ignore[arg-type]
        "macro.create",
        "macro.change",
        "macro.retire",
        "macro.create",
    ]


@pytest.mark.parametrize("role", ["asker", "moderator", "admin"])
def test_nobody_else_has_macros(
    db: Session, now: datetime, request: pytest.FixtureRequest, role: str
) -> None:
    viewer: User = request.getfixturevalue(role)
    macro = make_macro(db)
    with pytest.raises(NotFound):
        macros.listing(db, viewer=viewer)
    with pytest.raises(NotFound):
        macros.macro(db, viewer=viewer, macro_id=macro.id or 0)
    with pytest.raises(NotFound):
        macros.create(db, by=viewer, name="Mine", actions=[REPLY], now=now)


def test_macros_of_a_team_are_for_its_members_and_leads(db: Session, agent: User, lead: User) -> None:
    inside = make_user(db, support_role="agent")
    team = make_team(db, inside)
    common, special = make_macro(db, name="A"), make_macro(db, name="B", team_id=team.id)

    def names(viewer: User) -> list[int | None]:
        return [macro.id for macro in macros.listing(db, viewer=viewer)]

    assert names(agent) == [common.id]
    assert names(inside) == names(lead) == [common.id, special.id]


def test_a_run_does_everything_in_order(
    db: Session, now: datetime, case: Escalation, agent: User, lead: User
) -> None:
    macro = make_macro(
        db,
        {"do": "reply", "text": "Hello {{asker_name}}, {{product}}: {{link}}"},
        {"do": "note", "text": "Told {{asker_name}}, due {{due_time}}."},
        {"do": "tags", "text": "noise, #Fan"},
        {"do": "priority", "to": "high"},
        {"do": "assign", "to": "person", "text": lead.handle},
        {"do": "state", "to": "resolve"},
    )
    number = case.id or 0

    macros.run(db, macro=macro, escalation=case, by=agent, site=SITE, seen=0, now=now)

    case = escalations.case(db, agent, number)
    assert (case.state, case.priority, case.owner_id) == ("resolved", "high", lead.id)
    assert [tag.name for tag in case.question.tags] == ["fan", "noise"]
    link = f"{SITE}/questions/{case.question_id}/fan-is-very-loud"
    assert db.exec(select(Answer.body)).all() == [f"Hello Asker, Aerie 14: {link}"]
    assert db.exec(select(EscalationNote.body)).all() == ["Told Asker, due Mon 2 Mar, 17:00 (UTC)."]
    assert "macro.run" in db.exec(select(AuditEntry.action)).all()


def test_a_run_that_fails_half_way_leaves_nothing(
    db: Session, now: datetime, case: Escalation, agent: User
) -> None:
    macro = make_macro(
        db, {"do": "reply", "text": "Hello."}, {"do": "assign", "to": "person", "text": "gone"}
    )
    for broken in (macro, make_macro(db, {"do": "note", "text": "Note."}, {"do": "reply", "text": "x"})):
        with pytest.raises(Invalid):
            macros.run(db, macro=broken, escalation=case, by=agent, site=SITE, seen=0, now=now)
    assert db.exec(select(Answer)).all() == []
    assert db.exec(select(EscalationNote)).all() == []
    assert db.get_one(Escalation, case.id).state == "queued"


def test_a_run_waits_or_snoozes_or_puts_back(db: Session, now: datetime, agent: User) -> None:
    def state_after(*actions: dict[str, str]) -> str:
        question = make_question(db)
        case = escalations.open_case(db, question=question, code="unanswered", now=now)
        macro = make_macro(db, *actions)
        macros.run(db, macro=macro, escalation=case, by=agent, site=SITE, seen=0, now=now)
        return db.get_one(Escalation, case.id).state

    reply = {"do": "reply", "text": "Which version is it?"}
    assert state_after(reply, {"do": "state", "to": "wait"}) == "waiting_customer"
    assert state_after({"do": "snooze", "to": "monday"}) == "snoozed"
    assert state_after({"do": "assign", "to": "me"}) == "claimed"
    assert state_after({"do": "assign", "to": "me"}, {"do": "assign", "to": "nobody"}) == "queued"
    assert state_after({"do": "assign", "to": "nobody"}) == "queued"


def test_a_macro_can_not_be_run_on_what_has_ended(
    db: Session, now: datetime, case: Escalation, agent: User
) -> None:
    escalations.cancel(db, escalation=case, reason="Mistake.", by=agent, now=now)
    with pytest.raises(Conflict):
        macros.run(db, macro=make_macro(db), escalation=case, by=agent, site=SITE, seen=0, now=now)


@given(name=st.text(max_size=60) | st.text(alphabet="@#:/ahtps._[]()<>`*!\\&;0", max_size=60))
def test_a_name_stays_text(name: str) -> None:
    html = markdown.render(filled_in("Hello {{asker_name}}!", {"asker_name": name}))
    for tag in ("<a ", "<img", "<code", "<em", "<strong", "<h1", "<script", "<li"):
        assert tag not in html


def test_saved_macros_can_be_run(db: Session, now: datetime, agent: User, case: Escalation) -> None:
    """Every kind of action that can be saved by itself has its act."""
    for kind, choices in macros.CHOICES.items():
        for to in choices or ("",):
            action = macros.Action(kind, to, agent.handle if to == "person" else "noise")
            if (kind, to) == ("state", "wait"):
                continue
            macro = macros.create(db, by=agent, name=f"{kind} {to}", actions=[action], now=now)
            assert db.get_one(Macro, macro.id).actions == [action.stored()]
            question = make_question(db, author=make_user(db), body="It is loud since the update of May.")
            assert isinstance(question, Question)
            opened = escalations.open_case(db, question=question, code="unanswered", now=now)
            if kind != "reply":  # "noise" is too short for one
                macros.run(db, macro=macro, escalation=opened, by=agent, site=SITE, seen=0, now=now)
