"""Sending what waits: compose from `templates/emails/`, hand over, note the outcome.

A mail server may be slow, or never answer: several e-mails are handed over at once, beside the worker's round.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from functools import cache, partial
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.ext import Extension
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from app.core.addresses import parse_email
from app.core.errors import Invalid
from app.core.i18n import gettext, ngettext
from app.core.mailer import POLICY, NotSent, Transport, Undeliverable, transport
from app.core.resources import resource
from app.core.secret import secret_key
from app.core.signing import sign
from app.domain import accounts, mail, notifications
from app.domain.mail import Claimed, Letter
from app.settings import Settings
from app.worker.flights import Flights

log = logging.getLogger(__name__)

AT_ONCE = 4

UNSUBSCRIBE_SECONDS = 365 * 24 * 3600

ACCENT = "#2747c0"
"""Our own colour (--brand of tokens.css), where the company set none."""

WRITERS: Mapping[str, Callable[..., Letter | None]] = MappingProxyType(
    {**dict.fromkeys(accounts.TEMPLATES, accounts.letter), notifications.TEMPLATE: notifications.letter}
)
"""E-mails whose text is decided when they are sent. All others say what their context holds."""


@dataclass(frozen=True)
class Handed:
    """How handing an e-mail over went."""

    error: str = ""
    is_final: bool = False


class Sender:
    """What this worker is handing over now. `transport_of` says by which way e-mails leave."""

    def __init__(self, transport_of: Callable[[Settings], Transport] | None = None) -> None:
        self._transport_of = transport_of or _transport
        self._flights: Flights[Claimed, Handed] = Flights()

    def round(self, db: Session, settings: Settings, *, now: datetime) -> bool:
        """Write down what has ended, start what is due; return whether there is anything on its way."""
        self._flights.note(partial(_note, db, now=now))
        most = AT_ONCE if settings.smtp_url else 1  # a folder is filled in order
        while len(self._flights) < most and mail.is_waiting(db, now=now):
            email = mail.claim(db, now=now)
            if email is None:  # another worker was faster
                break
            self._start(db, email, settings, now=now)
        return len(self._flights) > 0

    def land(self, db: Session, *, now: datetime, seconds: float) -> None:
        """Start nothing more, and write down what ends within so long."""
        self._flights.land(partial(_note, db, now=now), seconds=seconds)

    def _start(self, db: Session, email: Claimed, settings: Settings, *, now: datetime) -> None:
        try:
            letter = _letter(db, email, now)
            if letter is None:
                mail.give_up(db, email_id=email.id, error="no need any more", now=now)
                return
            message = compose(email, letter, settings, now=now)
        except DBAPIError:
            raise  # its lease runs out, and it is claimed again
        except Exception as error:  # one message that can't be written must not stop the others
            if not isinstance(error, Invalid):
                log.exception("e-mail %s (%s) can't be written", email.id, email.template)
            failed = Handed(f"{type(error).__name__}: {error}", is_final=isinstance(error, Invalid))
            _note(db, email, failed, now=now)
            return
        postman = self._transport_of(settings)
        self._flights.start(email.id, email, partial(_hand_over, postman, message))


def compose(email: Claimed, letter: Letter, settings: Settings, *, now: datetime) -> EmailMessage:
    """Return the message: plain text with an HTML alternative, to one recipient (Invalid if it is not just one)."""
    context = {
        **letter.context,
        "site_name": settings.site_name,
        "base_url": settings.base_url,
        "accent": settings.accent_color or ACCENT,
    }
    headers = {}
    if "unsubscribe" in letter.context:
        context["unsubscribe_url"] = _unsubscribe_url(letter.context["unsubscribe"], settings, now=now)
        headers = {  # RFC 8058: the mail program itself can end these e-mails
            "List-Unsubscribe": f"<{context['unsubscribe_url']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    environment = _environment()
    subject, text, html = (
        environment.get_template(f"emails/{letter.template}.{part}").render(context)
        for part in ("subject.txt", "txt", "html")
    )
    message = EmailMessage(policy=POLICY)
    message["Subject"] = " ".join(subject.split())
    message["From"] = _sender(settings)
    message["To"] = Address(addr_spec=parse_email(email.to_address))
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{email.message_id}@{urlsplit(settings.base_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    for name, value in headers.items():
        message[name] = value
    message.set_content(text, cte=_encoding(text))
    message.add_alternative(html, subtype="html", cte=_encoding(html))
    return message


def _transport(settings: Settings) -> Transport:
    return transport(settings.smtp_url, settings.mail_dir)


def _hand_over(postman: Transport, message: EmailMessage) -> Handed:
    try:
        postman.send(message)
    except Undeliverable as error:
        return Handed(str(error), is_final=True)
    except NotSent as error:
        return Handed(str(error))
    except Exception as error:  # the round waits for what it started
        log.exception("e-mail %s can't be sent", message["Message-ID"])
        return Handed(f"{type(error).__name__}: {error}")
    return Handed()


def _note(db: Session, email: Claimed, handed: Handed, *, now: datetime) -> None:
    if not handed.error:
        mail.mark_sent(db, email_id=email.id, now=now)
        return
    what = "can't be delivered" if handed.is_final else "is tried again later"
    log.warning("e-mail %s (%s) %s: %s", email.id, email.template, what, handed.error)
    end = mail.give_up if handed.is_final else mail.postpone
    end(db, email_id=email.id, error=handed.error, now=now)


def _letter(db: Session, email: Claimed, now: datetime) -> Letter | None:
    writer = WRITERS.get(email.template)
    return writer(db, email=email, now=now) if writer else Letter(email.template, email.context)


def _encoding(text: str) -> str:
    """Return 7bit where it will do: such a message can be read, and its links opened, as it lies in the folder."""
    longest = max(map(len, text.splitlines()), default=0)
    return "7bit" if text.isascii() and longest < 990 else "quoted-printable"


def _sender(settings: Settings) -> Address:
    name, address = parseaddr(settings.mail_from)
    return Address(display_name=name or settings.site_name, addr_spec=address)


def _unsubscribe_url(what: Mapping[str, Any], settings: Settings, *, now: datetime) -> str:
    """Return an address that ends one kind of e-mail for one member; it works for a year."""
    payload = json.dumps([what["user_id"], what["kind"]])
    key = secret_key(settings.secret_key, settings.data_dir)
    token = sign(payload, purpose="unsubscribe", key=key, seconds=UNSUBSCRIBE_SECONDS, now=now)
    return f"{settings.base_url}/unsubscribe/{token}"


@cache
def _environment() -> Environment:
    extensions: list[str | type[Extension]] = ["jinja2.ext.i18n"]
    environment = Environment(
        loader=FileSystemLoader(resource("templates")),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        extensions=extensions,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    return environment
