from __future__ import annotations

from datetime import datetime

import pytest
from sqlmodel import Session, select

from app.core.errors import Invalid, NotAllowed
from app.domain import accounts
from app.models import OutboxEvent, User
from tests.factories.users import make_user
from tests.support.clock import Clock


def change(db: Session, *, by: User, now: datetime, **given: str) -> None:
    values = {"display_name": by.display_name, "handle": by.handle, "location": "", "about": "", "theme": ""}
    accounts.change_profile(db, by=by, now=now, **{**values, **given})


def test_everything_can_be_said_at_once(db: Session, now: datetime) -> None:
    ann = make_user(db, handle="ann")
    change(
        db,
        by=ann,
        now=now,
        display_name=" Ann  Lee ",
        location=" Oslo\n\x07 ",
        about="I know **Wi-Fi**.",
        theme="dark",
    )
    db.refresh(ann)
    assert (ann.display_name, ann.location, ann.theme) == ("Ann Lee", "Oslo", "dark")
    assert "<strong>Wi-Fi</strong>" in ann.about_html
    assert [event.name for event in db.exec(select(OutboxEvent))] == ["MemberRenamed"]


def test_markup_in_the_text_about_oneself_is_harmless(db: Session, now: datetime) -> None:
    ann = make_user(db, handle="ann")
    change(db, by=ann, now=now, about="<script>alert(1)</script> [x](javascript:alert(1))")
    db.refresh(ann)
    assert "<script" not in ann.about_html
    assert 'href="javascript' not in ann.about_html


def test_what_is_wrong_is_said_at_once_and_nothing_changes(db: Session, now: datetime) -> None:
    ann = make_user(db, handle="ann")
    with pytest.raises(Invalid) as refusal:
        change(
            db, by=ann, now=now, display_name="Official support", handle="a b",
            location="x" * 101, about="x" * 3001, theme="pink",
        )  # fmt: skip
    assert set(refusal.value.errors) == {"display_name", "handle", "location", "about", "theme"}
    db.refresh(ann)
    assert ann.display_name == "Ann"


def test_a_handle_changes_once_in_a_month(db: Session, clock: Clock) -> None:
    ann = make_user(db, handle="ann")
    change(db, by=ann, now=clock.now, handle="ann-lee")
    with pytest.raises(Invalid) as refusal:
        change(db, by=ann, now=clock.now, handle="ann-marie")
    assert refusal.value.field == "handle"
    assert accounts.handle_locked_until(ann, clock.now) is not None
    change(db, by=ann, now=clock.advance(days=30), handle="ann-marie")
    db.refresh(ann)
    assert ann.handle == "ann-marie"


def test_a_former_handle_stays_its_owners(db: Session, clock: Clock) -> None:
    ann = make_user(db, handle="ann")
    eve = make_user(db, handle="eve")
    change(db, by=ann, now=clock.now, handle="bella")
    for taken in ("ann", "ANN", "bella", "be11a"):
        with pytest.raises(Invalid):
            change(db, by=eve, now=clock.now, handle=taken)
    change(db, by=ann, now=clock.advance(days=30), handle="ann")
    db.refresh(ann)
    assert ann.handle == "ann"


def test_a_suspended_member_changes_nothing(db: Session, suspended: User, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        change(db, by=suspended, now=now, display_name="Mocking You")


def test_the_theme_is_one_of_three(db: Session) -> None:
    ann = make_user(db, handle="ann")
    accounts.set_theme(db, by=ann, theme="dark")
    db.refresh(ann)
    assert ann.theme == "dark"
    with pytest.raises(Invalid):
        accounts.set_theme(db, by=ann, theme="x onload=alert(1)")
