"""API keys: who may act over the API for whom, and how far.

Owns keys. Promises: a key is shown once and kept as a hash; it never may more than its owner may
at that moment, nor more than its scopes say; it ends with its owner's account, and rests while its
owner is suspended. Making and revoking are in the audit log.
"""

from app.domain.apikeys.policy import SCOPES, acting, is_live, scopes_of
from app.domain.apikeys.queries import all_keys, is_origin_known, keys_of, live
from app.domain.apikeys.service import KEYS_AT_MOST, NewKey, create, create_own, is_due, note_use, revoke
from app.domain.apikeys.tokens import PREFIX, is_key, new_key

__all__ = [
    "KEYS_AT_MOST",
    "PREFIX",
    "SCOPES",
    "NewKey",
    "acting",
    "all_keys",
    "create",
    "create_own",
    "is_due",
    "is_key",
    "is_live",
    "is_origin_known",
    "keys_of",
    "live",
    "new_key",
    "note_use",
    "revoke",
    "scopes_of",
]
