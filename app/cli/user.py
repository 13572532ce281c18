"""`peerdesk user`: make accounts, give roles, hand over password links; the operator needs no account for it."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from app.cli.commands import Commands
from app.core import schema
from app.core.clock import utc_now
from app.core.db import make_engine, new_session
from app.core.errors import Conflict, Invalid, NotFound
from app.core.passwords import check_strength, hash_password
from app.domain import accounts
from app.models import User
from app.settings import Settings

_SUPPORT = tuple(role for role in accounts.SUPPORT_ROLES if role)
_MODERATION = tuple(role for role in accounts.MODERATION_ROLES if role)
ROLES = ("member", *_SUPPORT, *_MODERATION)


def add(commands: Commands) -> None:
    """Add the command and its own commands to the parser."""
    parser = commands.add_parser("user", help="make accounts and give roles")
    verbs = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    create = verbs.add_parser("create", help="make an account, the first administrator for example")
    create.add_argument("--email", required=True)
    create.add_argument("--handle", required=True, help="how others mention them")
    create.add_argument("--name", default="", help="the name beside their posts (default: the handle)")
    create.add_argument(
        "--role",
        action="append",
        choices=ROLES,
        default=[],
        help="may be given twice, as in agent and moderator",
    )
    create.add_argument("--password-file", type=Path, metavar="FILE", help="read the password from this file")
    create.add_argument("--link", action="store_true", help="ask for no password; print a link that sets it")
    create.set_defaults(run=run_create)

    listing = verbs.add_parser("list", help="list everyone who has a role")
    listing.set_defaults(run=run_list)

    role = verbs.add_parser("role", help="give somebody these roles, and take all others away")
    role.add_argument("handle")
    role.add_argument("role", nargs="+", choices=ROLES)
    role.add_argument("--reason", default="", help="for the audit log")
    role.set_defaults(run=run_role)

    out = verbs.add_parser("sign-out", help="end all sessions of somebody")
    out.add_argument("handle")
    out.add_argument("--reason", default="", help="for the audit log")
    out.set_defaults(run=run_sign_out)

    link = verbs.add_parser("password-link", help="print a link by which somebody sets a new password")
    link.add_argument("handle")
    link.set_defaults(run=run_password_link)


def run_create(args: argparse.Namespace, settings: Settings) -> int:
    """Make an account."""
    password = _password(args)
    now = utc_now()
    support_role, moderation_role = _split(args.role)
    with _database(settings) as db:
        if password:
            check_strength(password, (args.email, args.handle, args.name), site=settings.password_facts)
        user = accounts.create(
            db,
            email=args.email,
            handle=args.handle,
            display_name=args.name,
            password_hash=hash_password(password) if password else None,
            support_role=support_role,
            moderation_role=moderation_role,
            now=now,
        )
        print(f"{user.handle} ({user.email}) is {_words(user)}.")
        if not password:
            _print_link(db, user, settings, now)
    return 0


def run_list(_args: argparse.Namespace, settings: Settings) -> int:
    """List everyone who has a role."""
    with _database(settings) as db:
        for user in accounts.staff(db):
            print(f"{user.handle:30} {_words(user):20} {user.email or '-'}")
    return 0


def run_role(args: argparse.Namespace, settings: Settings) -> int:
    """Give somebody roles."""
    support_role, moderation_role = _split(args.role)
    with _database(settings) as db:
        user = _member(db, args.handle)
        accounts.set_roles(
            db,
            by=None,
            member=user,
            support_role=support_role,
            moderation_role=moderation_role,
            reason=args.reason,
            now=utc_now(),
        )
        print(f"{user.handle} is {_words(user)}.")
    return 0


def run_sign_out(args: argparse.Namespace, settings: Settings) -> int:
    """Sign somebody out everywhere."""
    with _database(settings) as db:
        user = _member(db, args.handle)
        accounts.sign_out_everywhere(db, by=None, member=user, reason=args.reason, now=utc_now())
        print(f"{user.handle} is signed out everywhere.")
    return 0


def run_password_link(args: argparse.Namespace, settings: Settings) -> int:
    """Print a link that sets the password."""
    with _database(settings) as db:
        _print_link(db, _member(db, args.handle), settings, utc_now())
    return 0


@contextmanager
def _database(settings: Settings) -> Iterator[Session]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.database)
    try:
        if not schema.is_current(engine):
            raise Conflict("The database is not up to date. Run `peerdesk migrate` first.")
        with new_session(engine) as db:
            yield db
    finally:
        engine.dispose()


def _member(db: Session, handle: str) -> User:
    user = accounts.by_handle(db, handle.removeprefix("@"))
    if user is None or user.deleted_at is not None:
        raise NotFound(f"There is no member {handle}.")
    return user


def _password(args: argparse.Namespace) -> str:
    """Return the password from the file or the terminal; "" where a link is to be printed instead."""
    if args.password_file:
        try:
            text: str = args.password_file.read_text(encoding="utf-8")
        except OSError as error:
            raise Invalid("password-file", f"--password-file: {error}") from error
        return text.strip("\r\n")
    if args.link or not sys.stdin.isatty():
        return ""
    password = getpass.getpass("Password: ")
    if password != getpass.getpass("Once more: "):
        raise Invalid("password", "These are two different passwords.")
    return password


def _print_link(db: Session, user: User, settings: Settings, now: datetime) -> None:
    token = accounts.reset_token(db, member=user, now=now)
    print(
        f"Set the password here; the link works once, and not for long:\n  {settings.base_url}/reset/{token}"
    )


def _split(roles: Sequence[str]) -> tuple[str, str]:
    support = [role for role in roles if role in _SUPPORT]
    moderation = [role for role in roles if role in _MODERATION]
    if len(set(support)) > 1 or len(set(moderation)) > 1:
        raise Invalid(
            "role", "Give one role in support (agent, lead) and one in moderation (moderator, admin)."
        )
    return "".join(support[:1]), "".join(moderation[:1])


def _words(user: User) -> str:
    roles = [role for role in (user.support_role, user.moderation_role) if role]
    return " and ".join(roles) or "member"
