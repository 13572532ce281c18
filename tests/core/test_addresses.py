"""Attack case 25, and the networks that limits count by."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.addresses import email_key, parse_email, subnet_key
from app.core.errors import Invalid


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("mara@example.org", "mara@example.org"),
        (" Mara.K+forum@Example.ORG ", "Mara.K+forum@example.org"),
        ("o'neil@mail.example.co.uk", "o'neil@mail.example.co.uk"),
        ("mara@bücher.example", "mara@xn--bcher-kva.example"),
    ],
)
def test_one_address_is_taken(typed: str, address: str) -> None:
    assert parse_email(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "", "mara", "@example.org", "mara@", "mara@localhost", "a@x.org, b@x.org", "a@x.org b@x.org", "a@x.org;b@x.org",
        "a@x.org\r\nBcc: b@x.org", "a@x.org\nb", "a\x00@x.org", "Mara <a@x.org>", "<a@x.org>", '"a b"@x.org', '"a@x.org, b"@y.org',
        "a(comment)@x.org", "a@[127.0.0.1]", "a@127.0.0.1", "a..b@x.org", ".a@x.org", "a.@x.org", "a@x..org", "a@-x.org", "a@x.org.",
        "a@b@x.org", "ä@x.org", "a\u202e@x.org", "a@x\u200b.org", "x" * 65 + "@x.org", "a@" + "x" * 64 + ".org", "a@" + "x." * 130 + "org",
        "a@ex ample.org", "a@exa_mple.org", "a@\ud800.org",
    ],
)  # fmt: skip
def test_anything_else_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_email(typed, field="new_email")
    assert refusal.value.field == "new_email"


@given(st.text(alphabet='ab@.,;<>()[]" \r\n\t:+-é\u202e', max_size=30))
def test_whatever_is_taken_is_one_recipient(typed: str) -> None:
    try:
        address = parse_email(typed)
    except Invalid:
        return
    message = EmailMessage()
    message["To"] = address
    assert getaddresses([str(message["To"])]) == [("", address)]


def test_spellings_of_one_address_share_a_key() -> None:
    assert email_key("Mara@example.org") == email_key("mara@example.org")


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2ff::1", "2001:db8:1:200::/56"),
        ("fe80::1%eth0", "fe80::/56"),
        ("not an address", "unknown"),
    ],
)
def test_addresses_of_one_network_share_a_key(ip: str, network: str) -> None:
    assert subnet_key(ip) == network
