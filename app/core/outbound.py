"""Requests to addresses that people typed in: only to the public internet, and only to what was checked.

The name is resolved once, every address it has is checked, and the connection goes to just that
address, with the name's own TLS certificate: a name that is resolved anew in between ("DNS
rebinding") leads nowhere else. Redirects are not followed, no proxy of the environment is used, and
neither time nor size is left to the other side.
"""

from __future__ import annotations

import contextlib
import ipaddress
import queue
import socket
import ssl
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import SplitResult, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError

WAIT_SECONDS = 10.0
TOTAL_SECONDS = 15.0
RESOLVE_SECONDS = 5.0
LOOK_UPS_AT_ONCE = 32
"""Resolvers that hang can't be told to stop: no more threads than these ever wait for them."""

MAX_URL = 500

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# https://www.iana.org/assignments/iana-ipv4-special-registry and -ipv6-special-registry
_NOT_PUBLIC_4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
        "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"
    ).split()
)
_PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
"""All else is local, reserved, multicast, or a form of an IPv4 address (mapped, NAT64)."""
_NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )  # Teredo, examples, 6to4, examples
)


class Refused(Exception):
    """An address is not one to send to; the message says why."""


class NoAnswer(Exception):
    """There was no answer in time, or none that is HTTP; the message says what happened."""


@dataclass(frozen=True)
class Target:
    """A checked address: what it is called, and where it is."""

    parts: SplitResult
    host: str
    port: int
    address: Address

    @property
    def path(self) -> str:
        """What is asked for."""
        return (self.parts.path or "/") + (f"?{self.parts.query}" if self.parts.query else "")


def parse_url(url: str) -> SplitResult:
    """Return the parts of an http(s) address that can be sent to; raise Refused for any other."""
    if len(url) > MAX_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise Refused(f"An address has at most {MAX_URL} characters, all of ASCII and none of them a space.")
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0
    except ValueError:
        raise Refused("This is no address.") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or not has_port:
        raise Refused("An address begins with https:// and the name of a host.")
    if "@" in parts.netloc or parts.fragment:
        raise Refused("An address with a user name or a # is not taken.")
    return parts


def is_public(address: Address) -> bool:
    """Return whether this is an address of the public internet."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    return address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)


def resolve(
    url: str, *, private_networks: Collection[Network] = (), seconds: float = RESOLVE_SECONDS
) -> Target:
    """Find where a URL leads; raise Refused unless every address of its host may be sent to.

    Addresses in `private_networks` may be, and there plain http is enough. Raises NoAnswer when the
    name is not resolved in time.
    """
    parts = parse_url(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = _look_up(host, port, seconds)
    for address in addresses:
        is_named = any(address in network for network in private_networks)
        if not is_named and not is_public(address):
            raise Refused(f"{host} is at {address}, which is not on the public internet.")
        if not is_named and parts.scheme != "https":
            raise Refused("Only https:// is sent to on the public internet.")
    return Target(parts, host, port, addresses[0])


def post(target: Target, *, body: bytes, headers: Mapping[str, str], seconds: float = TOTAL_SECONDS) -> int:
    """Send a POST to just the address that was checked; return the status of the answer, or raise NoAnswer.

    The answer's body is not read: nothing in it is wanted, and its length is the other side's choice.
    """
    connection = _connection(target)
    # Timeouts of sockets start anew with each byte; this one does not.
    watchdog = threading.Timer(seconds, _cut, [connection])
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.connect()
        sent = {"Host": _host_header(target), "Connection": "close", **headers}
        connection.request("POST", target.path, body=body, headers=sent, preload_content=False)
        return connection.getresponse().status
    except (HTTPError, HTTPException, OSError) as error:
        raise NoAnswer(_in_words(error)) from error
    finally:
        watchdog.cancel()
        connection.close()


_look_ups = threading.BoundedSemaphore(LOOK_UPS_AT_ONCE)


def _look_up(host: str, port: int, seconds: float) -> list[Address]:
    if not _look_ups.acquire(blocking=False):
        raise NoAnswer("Too many names are being resolved at this moment.")
    said: queue.SimpleQueue[list[Address] | Exception] = queue.SimpleQueue()
    threading.Thread(target=_ask_resolver, args=(host, port, said), daemon=True).start()
    try:
        found = said.get(timeout=seconds)
    except queue.Empty:
        raise NoAnswer(f"The name {host} was not resolved in time.") from None
    if isinstance(found, OSError | UnicodeError):
        raise NoAnswer(f"The name {host} can't be resolved: {found}") from None
    if isinstance(found, Exception):
        raise found
    return found


def _ask_resolver(host: str, port: int, said: queue.SimpleQueue[list[Address] | Exception]) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        said.put([ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found])
    except Exception as error:  # noqa: BLE001 (whoever waits is told, whatever it is)
        said.put(error)
    finally:
        _look_ups.release()


def _connection(target: Target) -> HTTPConnection:
    address = str(target.address)
    if target.parts.scheme == "http":
        return HTTPConnection(address, target.port, timeout=WAIT_SECONDS)
    # The certificate must be the name's, though the connection goes to a number.
    return HTTPSConnection(
        address,
        target.port,
        timeout=WAIT_SECONDS,
        ssl_context=ssl.create_default_context(),
        server_hostname=target.host,
    )


def _host_header(target: Target) -> str:
    return target.parts.netloc


def _cut(connection: HTTPConnection) -> None:
    if connection.sock is not None:
        with contextlib.suppress(OSError):  # it ended by itself meanwhile
            connection.sock.shutdown(socket.SHUT_RDWR)


def _in_words(error: Exception) -> str:
    if isinstance(error, TimeoutError | ConnectTimeoutError):
        return "There was no answer in time."
    return f"{type(error).__name__}: {error}"[:200]
