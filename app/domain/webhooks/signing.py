"""What is sent, and its signature: https://github.com/standard-webhooks/standard-webhooks, 1.0.0."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.core.derived_keys import derived_key

_PURPOSE = "webhook"


def secret_text(salt: str, *, key: str) -> str:
    """Return the secret with this salt as its receiver is told it: "whsec_…". `key` is the forum's own secret."""
    return f"whsec_{base64.b64encode(_secret(salt, key)).decode()}"


def body_of(*, kind: str, happened_at: datetime, data: Mapping[str, Any], base_url: str) -> bytes:
    """Return the content of a message; the same for the same delivery, whenever it is made."""
    shown = {name: value for name, value in data.items() if name != "path"}
    if "path" in data:
        shown["url"] = f"{base_url}{data['path']}"
    timestamp = happened_at.isoformat().replace("+00:00", "Z")
    message = {"type": kind, "timestamp": timestamp, "data": shown}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def headers_of(
    *, message_id: str, body: bytes, salts: Sequence[str], key: str, now: datetime
) -> dict[str, str]:
    """Return the headers that sign a message at this instant, by each secret that is valid now."""
    seconds = str(int(now.timestamp()))
    signed = b".".join((message_id.encode(), seconds.encode(), body))
    signatures = (hmac.digest(_secret(salt, key), signed, "sha256") for salt in salts)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Peerdesk-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(each).decode()}" for each in signatures),
    }


def _secret(salt: str, key: str) -> bytes:
    return derived_key(key, purpose=_PURPOSE, salt=salt)
