"""Calls about accounts: joining, signing in, links, passwords, roles, keys, sites that sign customers in."""

from __future__ import annotations

from typing import Any

from sqlmodel import select

from app.domain import accounts, apikeys, identity, mail, throttles
from app.domain.accounts import Browser
from app.domain.accounts.service import addresses, joining, leaving, passwords, proving, sessions, tidying
from app.domain.accounts.service import tokens as links
from app.domain.throttles import service as counting
from app.models import LoginSession, User
from tests.factories.accounts import PASSWORD, make_account
from tests.factories.identity import make_key, make_site
from tests.support.calls.scene import HOUR, Calls, Scene

BROWSER = Browser("198.51.100.7", "Firefox")
NEW = "ivy over an old wall"


def _name(s: Scene) -> str:
    """Return a name that nobody has."""
    return f"{s.member().handle}-friend"


def _sign_up(s: Scene) -> object:
    name = _name(s)
    said = {"email": f"{name}@example.org", "display_name": "A Friend", "password": NEW, "handle": name}
    return accounts.sign_up(s.db, browser=BROWSER, now=s.now, **said)


def _sign_in(s: Scene) -> accounts.SignedIn:
    member = make_account(s.db)
    return accounts.sign_in(s.db, email=member.email or "", password=PASSWORD, browser=BROWSER, now=s.now)


def _login(s: Scene) -> LoginSession:
    user_id = _sign_in(s).user.id
    return s.db.exec(select(LoginSession).where(LoginSession.user_id == user_id)).one()


def _end_session(s: Scene) -> None:
    login = _login(s)
    member = s.db.get_one(User, login.user_id)
    accounts.end_session(s.db, by=member, session_id=login.id or 0, password=PASSWORD, now=s.now)


def _end_other_sessions(s: Scene) -> None:
    member = _sign_in(s).user
    accounts.end_other_sessions(s.db, by=member, token="", password=PASSWORD, now=s.now)


def _keep_alive(s: Scene) -> None:
    accounts.keep_alive(s.db, login=_login(s), now=s.now + HOUR)


def _reset(s: Scene) -> object:
    token = accounts.reset_token(s.db, member=make_account(s.db), now=s.now)
    return accounts.reset_password(s.db, token=token, password=NEW, browser=BROWSER, now=s.now)


def _change_password(s: Scene) -> None:
    member = make_account(s.db)
    accounts.change_password(s.db, by=member, current=PASSWORD, password=NEW, token="", now=s.now)


def _change_email(s: Scene) -> object:
    said = {"email": f"{_name(s)}@example.org", "password": PASSWORD}
    return accounts.change_email(s.db, by=make_account(s.db), now=s.now, **said)


def _confirm(s: Scene) -> object:
    member = s.member(email_verified_at=None)
    token = links.mint(s.db, user=member, purpose="verify", email=member.email or "", now=s.now)
    s.db.commit()
    return accounts.confirm_address(s.db, token=token, browser=BROWSER, signed_up_as="", now=s.now)


def _letter(s: Scene) -> object:
    member = s.member(email_verified_at=None)
    email = mail.Claimed(1, "id", member.id, member.email or "", "verify", {})
    return accounts.letter(s.db, email=email, now=s.now)


def _leave(s: Scene) -> None:
    accounts.delete_account(s.db, by=make_account(s.db), password=PASSWORD, is_meant=True, now=s.now)


def _profile(s: Scene) -> None:
    said: dict[str, Any] = {
        "display_name": "Mara",
        "handle": _name(s),
        "location": "",
        "about": "",
        "theme": "",
    }
    accounts.change_profile(s.db, by=s.member(), now=s.now, **said)


def _suspend(s: Scene) -> User:
    member = s.member()
    accounts.suspend(s.db, by=s.admin(), member=member, until=s.later, reason="Advertising.", now=s.now)
    return member


def _roles(s: Scene) -> None:
    roles = {"support_role": "agent", "moderation_role": "moderator"}
    accounts.set_roles(s.db, by=s.admin(), member=s.member(), now=s.now, **roles)


def _key(s: Scene) -> apikeys.NewKey:
    return apikeys.create(s.db, owner=s.member(), name="A script", scopes=["read"], now=s.now)


def _revoke(s: Scene) -> object:
    key = _key(s).key
    return apikeys.revoke(s.db, key_id=key.id or 0, by=s.db.get_one(User, key.user_id), now=s.now)


def _site(s: Scene) -> Any:
    return make_site(s.db, issuer=_name(s))


def _claims(s: Scene) -> identity.Claims:
    said = {"subject": "customer-7", "jti": _name(s), "expires_at": s.now + HOUR, "name": "Mara K"}
    return identity.Claims(site=_site(s), **said)  # type: ignore[arg-type]


def _enter(s: Scene) -> object:
    return identity.enter(s.db, claims=_claims(s), viewer=None, browser=BROWSER, now=s.now)


def _forget_tokens(s: Scene) -> object:
    _enter(s)
    return identity.forget_old(s.db, now=s.later)


def _retire_key(s: Scene) -> None:
    site = _site(s)
    number = make_key(s.db, site=site).id or 0
    identity.retire_key(s.db, site_id=site.id, key_id=number, by=s.admin(), now=s.now)


def _attempts(s: Scene) -> list[throttles.Attempt]:
    return [throttles.Attempt("try", _name(s), throttles.Limit(3, HOUR))]


def _forget_throttles(s: Scene) -> object:
    throttles.take(s.db, attempts=_attempts(s), now=s.now)
    return throttles.forget_old(s.db, now=s.later)


def _forget_sessions(s: Scene) -> object:
    _login(s)
    return accounts.forget_old(s.db, now=s.later)


CALLS: Calls = {
    joining._join: _sign_up,
    accounts.create: lambda s: accounts.create(
        s.db, email=f"{_name(s)}@example.org", handle=_name(s), now=s.now, support_role="agent"
    ),
    accounts.join_by_word_of: lambda s: accounts.join_by_word_of(s.db, name="Mara", email="", now=s.now),
    sessions._open_checked: _sign_in,
    accounts.keep_alive: _keep_alive,
    accounts.sign_out: lambda s: accounts.sign_out(s.db, token=_sign_in(s).token),
    sessions._end: _end_session,
    sessions._end_others: _end_other_sessions,
    accounts.sign_out_everywhere: lambda s: accounts.sign_out_everywhere(
        s.db, by=s.admin(), member=_sign_in(s).user, now=s.now
    ),
    passwords._queue_link: lambda s: accounts.ask_for_reset(
        s.db, email=s.member().email or "", browser=BROWSER, now=s.now
    ),
    accounts.reset_token: lambda s: accounts.reset_token(s.db, member=s.member(), now=s.now),
    passwords._reset: _reset,
    passwords._change: _change_password,
    proving._give_back: _change_password,
    addresses._queue: _change_email,
    addresses._confirm: _confirm,
    accounts.letter: _letter,
    leaving._anonymise: _leave,
    accounts.change_profile: _profile,
    accounts.set_theme: lambda s: accounts.set_theme(s.db, by=s.member(), theme="dark"),
    accounts.set_roles: _roles,
    accounts.suspend: _suspend,
    accounts.release: lambda s: accounts.release(s.db, by=s.admin(), member=_suspend(s), now=s.now),
    tidying.forget_old: _forget_sessions,
    apikeys.create: _key,
    apikeys.revoke: _revoke,
    apikeys.note_use: lambda s: apikeys.note_use(s.db, key_id=_key(s).key.id or 0, now=s.now),
    identity.add_site: lambda s: identity.add_site(
        s.db, issuer=_name(s), name="A shop", start_url="", by=s.admin(), now=s.now
    ),
    identity.change_site: lambda s: identity.change_site(
        s.db, site_id=_site(s).id, name="Another", start_url="", by=s.admin(), now=s.now
    ),
    identity.add_key: lambda s: identity.add_key(s.db, site_id=_site(s).id, by=s.admin(), now=s.now),
    identity.retire_key: _retire_key,
    identity.enter: _enter,
    identity.forget_old: _forget_tokens,
    counting._count: lambda s: throttles.take(s.db, attempts=_attempts(s), now=s.now),
    throttles.forget_old: _forget_throttles,
}
