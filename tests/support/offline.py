"""No test talks to another machine."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

_LOCAL_NAMES = frozenset({"", "localhost", "testserver"})


class NetworkUsed(Exception):
    """A test tried to reach another machine."""


def forbid_network() -> None:
    """Refuse every connection and name look-up of this process beyond this machine, for good."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if name not in _LOCAL_NAMES and not _is_loopback(name):
        raise NetworkUsed(f"{event} to {name}: tests stay on this machine")


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
