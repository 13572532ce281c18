"""Calls that set the forum up: the catalog, teams, calendars, policies, rules, webhooks, the words of search."""

from __future__ import annotations

from typing import Any

from app.domain import calendars, catalog, entry_rules, searches, sla, teams, webhooks
from app.models import Calendar, Product, SlaPolicy, Team, User
from tests.factories.products import make_product
from tests.factories.tags import make_tag
from tests.factories.teams import make_absence, make_team
from tests.factories.webhooks import make_endpoint
from tests.support.calls.scene import HOUR, Calls, Scene

OFFICE = [{"day": day, "opens": "09:00", "closes": "17:00"} for day in range(5)]
FEED = b"\r\n".join(
    (
        b"BEGIN:VCALENDAR",
        b"VERSION:2.0",
        b"PRODID:-//test//EN",
        b"BEGIN:VEVENT",
        b"UID:1",
        b"DTSTART;VALUE=DATE:20261225",
        b"SUMMARY:Christmas",
        b"END:VEVENT",
        b"END:VCALENDAR",
        b"",
    )
)
TARGETS = {name: {"first_response": 480, "resolution": 2400} for name in ("low", "normal", "high", "urgent")}


def _brand(s: Scene) -> Product:
    return make_product(s.db)


def _change_product(s: Scene) -> object:
    said: dict[str, Any] = {"name": "Other", "description": "Light.", "is_retired": False}
    return catalog.change_product(s.db, product=_brand(s), by=s.admin(), now=s.now, **said)


def _add_field(s: Scene) -> object:
    said: dict[str, Any] = {"name": "os", "label": "System", "is_required": True}
    return catalog.add_environment_field(s.db, product=_brand(s), now=s.now, **said)


def _merge(s: Scene) -> None:
    tag = make_tag(s.db)
    s.question(tags=[tag])
    catalog.merge_tag(s.db, tag=tag, into=make_tag(s.db), now=s.now, by=s.admin())


def _team(s: Scene) -> tuple[Team, User]:
    agent = s.agent()
    return make_team(s.db, agent, assignment="round_robin"), agent


def _change_team(s: Scene) -> object:
    team = _team(s)[0]
    said: dict[str, Any] = {"name": f"{team.name} of old", "assignment": "round_robin", "returns_after": 60}
    return teams.change_team(s.db, team=team, products=[_brand(s)], by=s.lead(), now=s.now, **said)


def _remove_member(s: Scene) -> None:
    team, agent = _team(s)
    teams.remove_member(s.db, team=team, user=agent, now=s.now, by=s.lead())


def _add_absence(s: Scene) -> object:
    times: dict[str, Any] = {"starts_at": s.now + HOUR, "ends_at": s.now + 9 * HOUR}
    return teams.add_absence(s.db, user=s.agent(), by=s.lead(), now=s.now, **times)


def _end_absence(s: Scene) -> None:
    agent = s.agent()
    absence = make_absence(s.db, user=agent, starts_at=s.now - HOUR, ends_at=s.now + HOUR)
    teams.end_absence(s.db, absence=absence, user=agent, now=s.now, by=s.lead())


def _calendar(s: Scene) -> Calendar:
    said: dict[str, Any] = {"name": f"Office of {s.lead().handle}", "timezone": "Europe/Berlin"}
    return calendars.add_calendar(s.db, windows=OFFICE, by=s.lead(), now=s.now, **said)


def _change_calendar(s: Scene) -> object:
    calendar = _calendar(s)
    said: dict[str, Any] = {"name": calendar.name, "timezone": "Europe/Oslo", "holidays": []}
    return calendars.change_calendar(s.db, calendar=calendar, windows=OFFICE[:4], now=s.now, **said)


def _policy(s: Scene) -> SlaPolicy:
    terms = sla.Terms(matches={"products": [_brand(s).id]}, targets=TARGETS)
    return sla.add_policy(s.db, name=f"Policy of {s.lead().handle}", terms=terms, now=s.now)


def _change_policy(s: Scene) -> object:
    policy = _policy(s)
    terms = sla.Terms(matches={"products": [_brand(s).id]}, targets=TARGETS)
    return sla.change_policy(s.db, policy=policy, name=policy.name, terms=terms, now=s.now)


def _move_policy(s: Scene) -> None:
    _policy(s)
    sla.move_policy(s.db, policy=_policy(s), up=True, now=s.now)


def _rule(s: Scene) -> Product:
    product = _brand(s)
    rule: dict[str, Any] = {"code": "unanswered", "is_enabled": True, "amount": 4}
    entry_rules.set_rule(s.db, product=product, by=s.lead(), now=s.now, **rule)
    return product


def _start(s: Scene) -> Product:
    product = _brand(s)
    entry_rules.set_start(s.db, product=product, starts_at=s.now, by=s.lead(), now=s.now)
    return product


ENDPOINT: dict[str, Any] = {
    "name": "Our shop",
    "url": "https://shop.example/hooks",
    "events": [webhooks.EVENT_TYPES[0]],
}


def _endpoint(s: Scene, **facts: Any) -> dict[str, Any]:
    """Return who does something with which endpoint, and when."""
    admin = s.admin()
    number = make_endpoint(s.db, owner=admin, **facts).id
    return {"endpoint_id": number, "by": admin, "now": s.now}


def _synonyms(s: Scene) -> Any:
    words = f"wifi, {s.member().handle}"
    return searches.add_synonyms(s.db, by=s.agent(), words=words, now=s.now)


def _word(s: Scene) -> Any:
    word = "word" + "".join(chr(ord("a") + int(digit)) for digit in str(s.member().id))
    return searches.protect_word(s.db, by=s.agent(), word=word, now=s.now)


CALLS: Calls = {
    catalog.add_product: lambda s: catalog.add_product(
        s.db, name=f"Brand of {s.admin().handle}", by=s.admin(), now=s.now
    ),
    catalog.change_product: _change_product,
    catalog.add_version: lambda s: catalog.add_version(s.db, product=_brand(s), name="2.0", now=s.now),
    catalog.add_environment_field: _add_field,
    catalog.describe_tag: lambda s: catalog.describe_tag(
        s.db, tag=make_tag(s.db), description="About scanners.", now=s.now, by=s.admin()
    ),
    catalog.merge_tag: _merge,
    teams.add_team: lambda s: teams.add_team(s.db, name=f"Team of {s.lead().handle}", now=s.now),
    teams.change_team: _change_team,
    teams.make_default: lambda s: teams.make_default(s.db, team=_team(s)[0], now=s.now, by=s.lead()),
    teams.retire_team: lambda s: teams.retire_team(
        s.db, team=_team(s)[0], is_retired=True, now=s.now, by=s.lead()
    ),
    teams.set_member: lambda s: teams.set_member(s.db, team=_team(s)[0], user=s.agent(), now=s.now),
    teams.remove_member: _remove_member,
    teams.candidate: lambda s: teams.candidate(s.db, team=_team(s)[0], question=s.question(), now=s.now),
    teams.set_skills: lambda s: teams.set_skills(
        s.db, user=s.agent(), products=[_brand(s)], now=s.now, by=s.lead()
    ),
    teams.add_absence: _add_absence,
    teams.end_absence: _end_absence,
    calendars.add_calendar: _calendar,
    calendars.change_calendar: _change_calendar,
    calendars.import_holidays: lambda s: calendars.import_holidays(
        s.db, calendar=_calendar(s), content=FEED, now=s.now
    ),
    calendars.make_default: lambda s: calendars.make_default(s.db, calendar=_calendar(s), now=s.now),
    calendars.retire_calendar: lambda s: calendars.retire_calendar(
        s.db, calendar=_calendar(s), is_retired=True, now=s.now
    ),
    sla.add_policy: _policy,
    sla.change_policy: _change_policy,
    sla.move_policy: _move_policy,
    sla.switch_policy: lambda s: sla.switch_policy(s.db, policy=_policy(s), is_enabled=False, now=s.now),
    sla.retire_policy: lambda s: sla.retire_policy(s.db, policy=_policy(s), is_retired=True, now=s.now),
    entry_rules.set_rule: _rule,
    entry_rules.inherit: lambda s: entry_rules.inherit(
        s.db, product=_rule(s), code="unanswered", now=s.now, by=s.lead()
    ),
    entry_rules.set_start: _start,
    entry_rules.inherit_start: lambda s: entry_rules.inherit_start(
        s.db, product=_start(s), now=s.now, by=s.lead()
    ),
    webhooks.create: lambda s: webhooks.create(s.db, by=s.admin(), now=s.now, **ENDPOINT),
    webhooks.change: lambda s: webhooks.change(s.db, **_endpoint(s), **ENDPOINT),
    webhooks.rotate: lambda s: webhooks.rotate(s.db, **_endpoint(s)),
    webhooks.switch_off: lambda s: webhooks.switch_off(s.db, **_endpoint(s)),
    webhooks.switch_on: lambda s: webhooks.switch_on(
        s.db, **_endpoint(s, disabled_at=s.now, disabled_reason="by_staff")
    ),
    webhooks.remove: lambda s: webhooks.remove(s.db, **_endpoint(s)),
    webhooks.send_test: lambda s: webhooks.send_test(s.db, **_endpoint(s)),
    searches.count: lambda s: searches.count(
        s.db, seen={"wifi": searches.Seen("wifi", searches=2)}, now=s.now
    ),
    searches.add_synonyms: _synonyms,
    searches.remove_synonyms: lambda s: searches.remove_synonyms(
        s.db, by=s.agent(), group_id=_synonyms(s).id, now=s.now
    ),
    searches.protect_word: _word,
    searches.release_word: lambda s: searches.release_word(
        s.db, by=s.agent(), word_id=_word(s).id, now=s.now
    ),
}
