"""Signed identity: a product site tells who its customer is, and that customer is signed in here.

Owns sites, their keys, whose customer is which member, and tokens that were used. Promises: a token is
good once, for at most five minutes, for this forum only, signed by a key of its own issuer; an account
that exists is connected by its owner only, never by an e-mail address; staff are never signed in this way;
of a deleted account nothing is kept here.
"""

from app.domain.identity.consumers import forget_member
from app.domain.identity.policy import may_manage
from app.domain.identity.queries import (
    address_has_account,
    keys_of,
    member_of,
    members_count,
    site,
    sites,
    start_url_of,
)
from app.domain.identity.service.entering import (
    AddressTaken,
    StaffRefused,
    enter,
    forget_old,
)
from app.domain.identity.service.sites import add_key, add_site, change_site, retire_key
from app.domain.identity.tokens import ALGORITHM, LIFETIME, BadToken, Claims, key_text, read

__all__ = [
    "ALGORITHM",
    "LIFETIME",
    "AddressTaken",
    "BadToken",
    "Claims",
    "StaffRefused",
    "add_key",
    "add_site",
    "address_has_account",
    "change_site",
    "enter",
    "forget_member",
    "forget_old",
    "key_text",
    "keys_of",
    "may_manage",
    "member_of",
    "members_count",
    "read",
    "retire_key",
    "site",
    "sites",
    "start_url_of",
]
