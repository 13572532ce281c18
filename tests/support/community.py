"""A small community made through the services: one thread with everything in it, and questions in other states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from app.core.clock import utc_now
from app.domain import (
    answers,
    catalog,
    comments,
    escalations,
    macros,
    me_too,
    moderation,
    questions,
    suggestions,
    votes,
)
from app.models import Question
from tests.factories.users import make_user

SUMMARY = """The laptop wakes with **no network** after closing the lid.

1. Close the lid for ten minutes.
2. Open it: the symbol is gone.

```python
for adapter in adapters():
    print(adapter.name, adapter.state, adapter.driver_version, adapter.last_error or "no error at all")
```

| adapter | driver version | result after the update of last Tuesday evening |
|---|---|---|
| WLAN-7260 | 22.110.1.1.20260114 | NotFoundException_at_0x80070490_in_module_netwtw10.sys |

> It began with the update of last week, see https://example.org/a/very/long/address/without/any/place/to/break/it
"""


@dataclass(frozen=True)
class Community:
    """The ids of what pages are about."""

    asker: int
    helper: int
    agent: int
    moderator: int
    admin: int
    thread: int
    unanswered: int
    duplicate: int
    removed: int
    others: int
    suggestion: int
    case: int
    macro: int


def settle(db: Session) -> Community:
    """Make the community, a few days ago."""
    now = utc_now() - timedelta(days=3)
    brand = catalog.add_product(db, name="Norvane", now=now)
    line = catalog.add_product(db, name="Aerie", parent=brand, now=now, description="Light laptops.")
    model = catalog.add_product(db, name="Aerie 14", parent=line, now=now)
    catalog.add_environment_field(
        db, product=brand, name="os", label="Operating system", is_required=True, now=now
    )
    wide = "access_point_firmware_version"  # a name that makes its table scroll on a phone
    catalog.add_environment_field(
        db, product=line, name=wide, label="Access point", is_required=False, now=now
    )
    asker, helper = make_user(db, handle="priya"), make_user(db, handle="lukas", reputation=2_500)
    agent = make_user(db, handle="ines", support_role="agent")
    moderator = make_user(db, handle="tomas", moderation_role="moderator")
    admin = make_user(db, handle="ada", moderation_role="admin")
    common: dict[str, Any] = {"product_id": model.id, "environment": {"os": "Debian 13"}, "author": asker}

    def ask(title: str, **parts: Any) -> Question:
        return questions.ask(
            db, title=title, tags="wifi, sleep", now=now, **{"body": SUMMARY, **common, **parts}
        )

    thread = ask("Wi-Fi is gone after waking the Aerie 14 from sleep")
    posted = [
        answers.post(db, question=thread, author=author, body=f"{SUMMARY}\n\nThat was try {number}.", now=now)
        for number, author in enumerate([helper, agent] * 5, start=1)
    ]
    for number in range(5):
        body = f"Which driver is it, and what does `dmesg` say? ({number})"
        comments.post(db, post=posted[0], author=helper, body=body, now=now + timedelta(minutes=number))
    votes.cast(db, post=thread, by=helper, value=1, now=now)
    votes.cast(db, post=posted[1], by=asker, value=1, now=now)
    me_too.add(db, question=thread, by=helper, now=now)
    answers.make_official(db, answer=posted[1], by=agent, official=True, now=now)
    answers.accept(db, answer=posted[0], by=asker, now=now)
    changed = {
        "title": thread.title,
        "body": SUMMARY + "\nIt is the same on mains.",
        "tags": "wifi, sleep, driver",
    }
    edited = {**common, **changed, "summary": "Added what I tried"}
    del edited["author"]
    questions.edit(db, question=thread, by=asker, base=1, now=now + timedelta(hours=1), **edited)
    unanswered = ask("The fan of the Aerie 14 never stops", product_id=model.id)
    duplicate = ask("No wireless network once the lid was closed")
    questions.close(db, question=duplicate, by=moderator, reason="duplicate", original=thread, now=now)
    moderation.flag(db, subject=posted[2], by=asker, reason="rude", note="Not kind.", now=now)
    better = f"{posted[1].body}\n\nIt takes effect after a restart."
    suggested = suggestions.suggest_for_answer(
        db, answer=posted[1], by=asker, base=1, body=better, summary="When it works", now=now
    )
    removed = ask("Cheap replacement batteries of all kinds")
    questions.remove(db, question=removed, by=moderator, reason="Advertising.", now=now)
    case = escalations.open_case(db, question=thread, code="by_staff", by=agent, detail="Called us.", now=now)
    escalations.open_case(db, question=unanswered, code="unanswered", priority="urgent", now=now)
    escalations.add_note(db, escalation=case, by=agent, body=f"For @ada:\n\n{SUMMARY}", now=now)
    escalations.add_reference(
        db, escalation=case, by=agent, reference="https://example.org/" + "a" * 90, now=now
    )
    acts = [
        macros.Action("reply", text="Hello {{asker_name}}!\n\n" + SUMMARY),
        macros.Action("state", "wait"),
    ]
    macro = macros.create(db, by=agent, name="Ask for the version of the driver", actions=acts, now=now)
    people = (asker, helper, agent, moderator, admin)
    rows = (*people, thread, unanswered, duplicate, removed, posted[1], suggested, case, macro)
    return Community(*(row.id or 0 for row in rows))
