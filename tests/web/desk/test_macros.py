"""The pages of macros, and a macro on several cases."""

from __future__ import annotations

import re

from sqlmodel import Session, select

from app.domain import answers, escalations
from app.models import Answer, Escalation, Macro, User
from tests.factories.macros import make_macro
from tests.factories.questions import make_question
from tests.factories.users import make_user
from tests.support.browser import Browser
from tests.support.clock import Clock


def test_a_macro_is_written_changed_and_taken_out_of_use(client: Browser, db: Session, agent: User) -> None:
    client.sign_in(agent)
    fields = {
        "name": "Ask for the version",
        "do_1": "reply",
        "text_1": "Hello {{asker_name}}",
        "do_3": "state:wait",
    }
    assert client.get("/desk/macros/new").status_code == 200
    assert client.post_form("/desk/macros/new", fields).status_code == 303
    macro = db.exec(select(Macro)).one()
    assert macro.actions == [{"do": "reply", "text": "Hello {{asker_name}}"}, {"do": "state", "to": "wait"}]
    assert "Hello {{asker_name}}" in client.get("/desk/macros").text
    assert "Hello {{asker_name}}" in client.get(f"/desk/macros/{macro.id}").text
    changed = {**fields, "name": "Ask", "do_3": "", "do_2": "priority:high"}
    assert client.post_form(f"/desk/macros/{macro.id}", changed).status_code == 303
    db.refresh(macro)
    assert (macro.name, macro.version, macro.actions[1]) == ("Ask", 2, {"do": "priority", "to": "high"})
    assert client.post_form(f"/desk/macros/{macro.id}/retire").status_code == 303
    assert "No macros yet" in client.get("/desk/macros").text


def test_an_unknown_variable_is_named_and_what_was_typed_is_kept(client: Browser, agent: User) -> None:
    fields = {"name": "Odd", "do_1": "reply", "text_1": "Hello {{asker}}, and a long text."}
    answer = client.sign_in(agent).post_form("/desk/macros/new", fields)
    assert answer.status_code == 422
    assert "There is no variable {{asker}}." in answer.text
    assert "Hello {{asker}}, and a long text.</textarea>" in answer.text
    assert client.post_form("/desk/macros/new", {"name": "Odd", "do_11": "note"}).status_code == 422


def test_only_its_author_and_leads_change_a_macro(
    client: Browser, db: Session, agent: User, lead: User, moderator: User
) -> None:
    macro = make_macro(db, created_by_id=make_user(db, support_role="agent").id)
    address = f"/desk/macros/{macro.id}"
    client.sign_in(agent)
    for answer in (client.get(address), client.post_form(address), client.post_form(f"{address}/retire")):
        assert answer.status_code == 404
    assert client.sign_in(moderator).get("/desk/macros").status_code == 404
    assert client.sign_in(lead).get(address).status_code == 200


def test_a_macro_on_several_cases_is_shown_first_and_has_a_result_for_each(
    client: Browser, db: Session, clock: Clock, agent: User
) -> None:
    macro = make_macro(
        db,
        {"do": "reply", "text": "Version 2.1 solves “{{question_title}}”."},
        {"do": "state", "to": "resolve"},
    )
    questions = [make_question(db, title=f"Fan is loud, part {number}") for number in range(3)]
    cases = [escalations.open_case(db, question=each, code="unanswered", now=clock.now) for each in questions]
    chosen = [str(case.id) for case in cases]
    client.sign_in(agent)
    page = client.post_form(
        "/desk/queue/bulk", {"case": chosen, "act": "macro", "macro": str(macro.id), "back": "?view=mine"}
    )
    assert page.text.count("Version 2.1 solves") == 3
    assert db.exec(select(Answer)).all() == []
    seen = re.findall(r'name="seen" value="([\d:]+)"', page.text)
    answers.post(
        db, question=questions[1], author=make_user(db), body="I solved it with tape.", now=clock.now
    )
    fields = {"case": chosen, "act": "run", "macro": str(macro.id), "seen": seen, "back": "?view=mine"}
    results = client.post_form("/desk/queue/bulk", fields).text
    assert "2 of 3 done" in results
    assert "part 1: Something new was written meanwhile" in results
    assert 'href="/desk/queue?view=mine"' in results
    states = [db.get_one(Escalation, case.id).state for case in cases]
    assert states == ["resolved", "queued", "resolved"]


def test_each_case_of_a_selection_has_its_own_result(
    client: Browser, db: Session, clock: Clock, agent: User
) -> None:
    other = make_user(db, display_name="Omar", support_role="agent")
    cases = [
        escalations.open_case(db, question=make_question(db, title=title), code="unanswered", now=clock.now)
        for title in ("Free", "Taken")
    ]
    escalations.claim(db, escalation=cases[1], by=other, now=clock.now)
    chosen = [str(case.id) for case in cases]
    client.sign_in(agent)
    page = client.post_form("/desk/queue/bulk", {"case": [*chosen, "999999"], "act": "claim"}).text
    assert "1 of 3 done" in page
    assert "Claimed: Free" in page
    assert "Taken: Omar has this case already." in page
    script = {"Accept": "application/json", "X-Fragment": "1"}
    told = client.post_form(
        "/desk/queue/bulk", {"case": chosen[0], "act": "snooze", "until": "4h"}, headers=script
    )
    assert told.json() == {"results": [{"case": cases[0].id, "ok": True, "text": "Snoozed: Free"}]}
    for act, fields in {
        "priority": {"priority": "urgent"},
        "assign": {"to": agent.handle},
        "release": {},
        "resolve": {},
    }.items():
        done = client.post_form("/desk/queue/bulk", {"case": chosen[0], "act": act, **fields}, headers=script)
        assert done.json()["results"][0]["ok"], (act, done.text)
    assert client.post_form("/desk/queue/bulk", {"act": "claim"}).status_code == 303
    assert client.post_form("/desk/queue/bulk", {"case": chosen, "act": "dance"}).status_code == 422
    assert client.post_form("/desk/queue/bulk", {"case": chosen, "act": "snooze"}).status_code == 422
