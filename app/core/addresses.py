"""E-mail addresses, the networks that visitors come from, and the sites that requests name."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Collection
from urllib.parse import urlsplit

from app.core.errors import Invalid
from app.core.i18n import gettext as _

MAX_LENGTH = 254  # RFC 5321 4.5.3.1.3, less the angle brackets
MAX_LOCAL_LENGTH = 64

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def parse_email(text: str, *, field: str = "email") -> str:
    """Return the one e-mail address in `text`; raise Invalid for anything else.

    Quoted local parts, comments, lists and address literals are refused: a mail library would read
    "a@x.org, b@x.org" as two recipients. International domains come back in their ASCII form.
    """
    address = text.strip(" ")
    local, _at, domain = address.rpartition("@")
    ascii_domain = _ascii_domain(domain)
    is_one = (
        len(local) <= MAX_LOCAL_LENGTH
        and _LOCAL.fullmatch(local) is not None
        and ascii_domain is not None
        and len(local) + 1 + len(ascii_domain) <= MAX_LENGTH
    )
    if not is_one:
        raise Invalid(field, _("Enter one e-mail address, like name@example.com."))
    return f"{local}@{ascii_domain}"


def email_key(address: str) -> str:
    """Return what two spellings of an address have in common: one account for each key."""
    return address.casefold()


def subnet_key(ip: str) -> str:
    """Return the network that limits apply to: /24 of IPv4, /56 of IPv6 (what one household is given)."""
    try:
        address = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    length = 24 if address.version == 4 else 56
    return str(ipaddress.ip_network((address, length), strict=False))


def client_address(peer: str, forwarded_for: str, *, trusted: Collection[str]) -> str:
    """Return the visitor's address; X-Forwarded-For is believed only from the proxies in `trusted`."""
    hops = [part.strip() for part in forwarded_for.split(",") if part.strip()]
    for hop in reversed(hops):
        if not _is_trusted(peer, trusted):
            break
        peer = hop
    return peer if _is_address(peer) else "0.0.0.0"  # noqa: S104  (a name for "unknown", nothing is bound)


def site_of(url: str) -> str:
    """Return host and port of an address that a client sent, "" when there is none to be read in it."""
    try:
        return urlsplit(url).netloc
    except ValueError:  # such as "http://[::1" without its end
        return ""


def _is_trusted(address: str, networks: Collection[str]) -> bool:
    if not _is_address(address):
        return False
    found = ipaddress.ip_address(address)
    return any(found in ipaddress.ip_network(network, strict=False) for network in networks)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _ascii_domain(domain: str) -> str | None:
    # The IDNA codec silently drops invisible characters.
    if not all(character in "-." or unicodedata.category(character)[0] in "LMN" for character in domain):
        return None
    try:
        encoded = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    labels = encoded.lower().split(".")
    is_domain = len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)
    return ".".join(labels) if is_domain and not labels[-1].isdigit() else None
