"""Where requests to typed-in addresses may go."""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from app.core import outbound
from app.core.outbound import NoAnswer, Refused, Target
from tests.fakes.webhook_receiver import CERTIFICATE, Receiver, receiving, status

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.8", "192.0.2.1", "198.18.0.1",
        "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
        "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1",
        "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1", "2002:7f00:1::1",
        "2002:0808:0808::1", "2001:0:7f00:1::", "2001:db8::1", "3fff::1", "fc00::1", "fd00:ec2::254",
        "fe80::1", "fec0::1", "ff02::1", "100::1", "5f00::1",
    ],
)  # fmt: skip
def test_what_is_not_on_the_public_internet_is_known(address: str) -> None:
    assert not outbound.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00::1"]
)
def test_what_is_on_the_public_internet_is_known(address: str) -> None:
    assert outbound.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "", "shop.example", "//shop.example", "ftp://shop.example", "file:///etc/passwd", "https://",
        "https://user:word@shop.example/", "https://shop.example@127.0.0.1/", "https://shop.example/#here",
        "https://shop.example/a b", "https://shop.example\\@127.0.0.1/", "https://shop.example:0/",
        "https://shop.example:99999/", "https://[::1/", "https://shóp.example/", "https://shop.example/\r\nX: y",
        "https://shop.example/" + "a" * 500,
    ],
)  # fmt: skip
def test_what_is_no_address_to_send_to_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        outbound.parse_url(url)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "0x7f.1", "0x7f000001", "2130706433", "017700000001", "0", "localhost", "[::1]"],
)  # fmt: skip
def test_every_way_to_write_this_machine_is_refused(host: str, resolver: Callable[..., None]) -> None:
    if host[0].isdigit() and host != "127.0.0.1":
        resolver(socket.inet_ntoa(socket.inet_aton(host)))  # as the system's resolver reads it
    with pytest.raises(Refused, match="not on the public internet"):
        outbound.resolve(f"https://{host}/hook")


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes every name resolve to these addresses: `resolver("10.0.0.1")`."""

    own = socket.getaddrinfo

    def answer(*addresses: str) -> None:
        def look_up(host: str, port: int, *rest: Any, **options: Any) -> Any:
            if host.count(".") == 3:  # a number needs no looking up
                return own(host, port, *rest, **options)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)

    return answer


def test_a_name_with_one_private_address_among_others_is_refused(resolver: Callable[..., None]) -> None:
    resolver("8.8.8.8", "10.0.0.1")
    with pytest.raises(Refused, match=r"10\.0\.0\.1"):
        outbound.resolve("https://rebinding.example/")


def test_a_public_name_is_sent_to_over_tls_only(resolver: Callable[..., None]) -> None:
    resolver("8.8.8.8")
    assert outbound.resolve("https://shop.example/hook?a=b").path == "/hook?a=b"
    with pytest.raises(Refused, match="https"):
        outbound.resolve("http://shop.example/hook")


def test_named_private_networks_may_be_sent_to(resolver: Callable[..., None]) -> None:
    resolver("10.0.0.1")
    target = outbound.resolve(
        "http://hooks.internal:8080/", private_networks=[ipaddress.ip_network("10.0.0.0/24")]
    )
    assert (str(target.address), target.port) == ("10.0.0.1", 8080)


def test_a_resolver_that_hangs_is_not_waited_for_and_takes_only_so_many_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = threading.Event()
    hanging: queue.SimpleQueue[threading.Thread] = queue.SimpleQueue()

    def hang(*_asked: object, **_how: object) -> list[object]:
        hanging.put(threading.current_thread())
        answers.wait(30)
        return []

    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", hang)
        for _attempt in range(outbound.LOOK_UPS_AT_ONCE):
            with pytest.raises(NoAnswer, match="not resolved in time"):
                outbound.resolve("https://hangs.example/", seconds=0.001)
        with pytest.raises(NoAnswer, match="Too many names"):
            outbound.resolve("https://hangs.example/")
        threads = [hanging.get(timeout=30) for _thread in range(outbound.LOOK_UPS_AT_ONCE)]
        answers.set()
        for thread in threads:
            thread.join(30)
    assert outbound.resolve("http://127.0.0.1:8080/", private_networks=[LOOPBACK]).port == 8080


def test_the_connection_goes_to_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch, resolver: Callable[..., None]
) -> None:
    with receiving() as here:
        target = named_here(here, "hooks.example")
        resolver("203.0.113.1")  # what a second look at the name would say
        assert outbound.post(target, body=b"{}", headers={}) == 204
    assert here.requests[0][0]["host"].startswith("hooks.example:")


def test_redirects_are_not_followed() -> None:
    with receiving() as there, receiving(status(302, Location=there.url)) as here:
        assert (
            outbound.post(outbound.resolve(here.url, private_networks=[LOOPBACK]), body=b"", headers={})
            == 302
        )
    assert not there.requests


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with receiving() as here:
        assert outbound.post(named_here(here, "hooks.example"), body=b"", headers={}) == 204


def test_an_answer_that_trickles_in_is_cut_off() -> None:
    ended = threading.Event()

    def trickle(handler: object) -> None:
        try:
            while not ended.wait(0.02):
                handler.wfile.write(b"HTTP/1.1 200 OK\r\n"[:1])  # type: ignore[attr-defined]
        except OSError:
            pass

    with receiving(trickle) as here, pytest.raises(NoAnswer):
        outbound.post(named_here(here, "hooks.example"), body=b"", headers={}, seconds=0.3)
    ended.set()


def test_a_port_where_nobody_listens_is_no_answer() -> None:
    with receiving() as here:
        target = named_here(here, "hooks.example")
    with pytest.raises(NoAnswer):
        outbound.post(target, body=b"", headers={})


@pytest.mark.parametrize(("name", "is_right"), [("hooks.example", True), ("other.example", False)])
def test_the_certificate_must_be_that_of_the_name(
    monkeypatch: pytest.MonkeyPatch, name: str, is_right: bool
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with receiving(certificate=CERTIFICATE) as here:
        target = named_here(here, name, scheme="https")
        if is_right:
            assert outbound.post(target, body=b"", headers={}) == 204
        else:
            with pytest.raises(NoAnswer, match="CERTIFICATE_VERIFY_FAILED"):
                outbound.post(target, body=b"", headers={})


def test_a_certificate_that_nobody_vouches_for_is_no_answer() -> None:
    with receiving(certificate=CERTIFICATE) as here:
        target = named_here(here, "hooks.example", scheme="https")
        with pytest.raises(NoAnswer, match="CERTIFICATE_VERIFY_FAILED"):
            outbound.post(target, body=b"", headers={})


def named_here(receiver: Receiver, name: str, scheme: str = "http") -> Target:
    port = int(receiver.url.split(":")[2].partition("/")[0])
    parts = outbound.parse_url(f"{scheme}://{name}:{port}/hook")
    return Target(parts, name, port, ipaddress.ip_address("127.0.0.1"))
