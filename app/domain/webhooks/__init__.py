"""Webhooks: other systems are told what happens here, by the Standard Webhooks specification 1.0.0.

Owns endpoints, deliveries and their attempts. Promises: a delivery exists exactly when its event was
committed and somebody wanted it; it is tried until a 2xx answer, with the same id and content each
time, over about three days; what leaves is ids and states of what everybody may see, and of cases
for who asked for those; an endpoint that says 410, or fails for all that time, is switched off and
its owner told; the log is kept for 30 days. https://www.standardwebhooks.com/
"""

from app.domain.webhooks.consumers import tell_webhooks
from app.domain.webhooks.policy import may_manage
from app.domain.webhooks.queries import (
    attempts_of,
    deliveries,
    deliveries_before,
    delivery,
    endpoint,
    endpoints,
    is_waiting,
)
from app.domain.webhooks.service.delivering import (
    KEPT,
    WAITS,
    Attempt,
    Outgoing,
    bring_back,
    claim,
    finish,
    forget_old,
)
from app.domain.webhooks.service.endpoints import (
    change,
    create,
    remove,
    rotate,
    switch_off,
    switch_on,
)
from app.domain.webhooks.service.sending_again import SendAgain, replay, replay_range, send_test
from app.domain.webhooks.signing import body_of, headers_of, secret_text
from app.domain.webhooks.table import EVENT_TYPES, TEST, TYPES

__all__ = [
    "EVENT_TYPES",
    "KEPT",
    "TEST",
    "TYPES",
    "WAITS",
    "Attempt",
    "Outgoing",
    "SendAgain",
    "attempts_of",
    "body_of",
    "bring_back",
    "change",
    "claim",
    "create",
    "deliveries",
    "deliveries_before",
    "delivery",
    "endpoint",
    "endpoints",
    "finish",
    "forget_old",
    "headers_of",
    "is_waiting",
    "may_manage",
    "remove",
    "replay",
    "replay_range",
    "rotate",
    "secret_text",
    "send_test",
    "switch_off",
    "switch_on",
    "tell_webhooks",
]
