"""Answers of the API: JSON with a strong ETag, 304 when the client has it already, gzip when it takes it."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlmodel import Session

from app.api.deps import Db, Member, Now
from app.api.finished import Sharing
from app.api.problems import Refusal
from app.core.i18n import gettext as _
from app.domain import idempotency
from app.domain.idempotency import Answered
from app.models import Answer, Question

MEDIA_TYPE = "application/json"
_COMPRESSED_FROM = 600
_LEVEL = 5
_HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Accept-Encoding, Authorization, Cookie"}
_TAG = re.compile(r'(W/)?"([^"]*)"')


def show(
    request: Request,
    model: BaseModel,
    *,
    revision: int = 0,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with a document. `revision` of a post goes into its ETag, so that an edit can be bound to it."""
    body = written(model)
    etag = etag_of(body, revision=revision)
    return _finished(request, body, {"ETag": etag, **(headers or {})}, status=status)


def show_json(request: Request, document: Mapping[str, Any]) -> Response:
    """Answer with a document that no model describes: the description of the API itself."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return _finished(request, body, {"ETag": etag_of(body)}, status=200)


def written(model: BaseModel) -> bytes:
    """Return a document's bytes."""
    return model.model_dump_json().encode()


def etag_of(body: bytes, *, revision: int = 0) -> str:
    """Return the name of exactly these bytes (RFC 9110, 8.8.3)."""
    digest = hashlib.blake2b(body, digest_size=12).hexdigest()
    return f'"r{revision}.{digest}"' if revision else f'"{digest}"'


def done() -> Response:
    """Answer that it is done, with nothing to show."""
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


def revision_asked_for(if_match: str, post: Question | Answer) -> int:
    """Return the revision that an edit was made against; raise 428 when it is not said, 412 when it is no longer.

    An ETag of ours names revision and bytes. For an edit the revision decides: a vote that was cast
    meanwhile changes the bytes, but takes nothing away from anybody's edit.
    """
    if not any(tag.partition(".")[0] in ("*", f"r{post.revision}") for tag in _named(if_match)):
        raise Refusal(412, _("Somebody edited this meanwhile; get it again and repeat your change."))
    return post.revision


def require_match(if_match: str, model: BaseModel) -> None:
    """Raise 428 when it is not said what is edited, 412 when it is not just this document any more."""
    present = etag_of(written(model))[1:-1]
    if not any(tag.removesuffix("-gzip") in ("*", present) for tag in _named(if_match)):
        raise Refusal(412, _("This has changed meanwhile; get it again and repeat your change."))


IfMatch = Annotated[
    str,
    Header(
        min_length=1,
        max_length=500,
        description='The ETag of what is changed, such as `"r1.6f1ed002ab5595859014ebf0"`. Of a post its revision '
        "must be the present one.",
    ),
]


class Once:
    """Carries a POST out once: with an Idempotency-Key its answer is kept with its effect, and given again."""

    def __init__(self, request: Request, db: Session, attempt: idempotency.Attempt, now: Now) -> None:
        self._request = request
        self._db = db
        self._attempt = attempt
        self._now = now

    def create(self, make: Callable[[], tuple[BaseModel, str, int]]) -> Response:
        """Answer 201 with what `make` returns: the document, its address, its revision (0: has none)."""

        def act() -> Answered:
            model, location, revision = make()
            body = written(model)
            headers = {"ETag": etag_of(body, revision=revision), "Location": location}
            return Answered(201, body.decode(), headers)

        return self._answer(act)

    def change(self, make: Callable[[], BaseModel]) -> Response:
        """Answer 200 with what `make` returns: something that was there before, as it is now."""

        def act() -> Answered:
            body = written(make())
            return Answered(200, body.decode(), {"ETag": etag_of(body)})

        return self._answer(act)

    def _answer(self, act: Callable[[], Answered]) -> Response:
        answer = idempotency.once(self._db, attempt=self._attempt, act=act, now=self._now)
        headers = dict(answer.headers)
        if answer.is_replayed:
            headers["Idempotency-Replayed"] = "true"
        return _finished(self._request, answer.body.encode(), headers, status=answer.status)


def once(
    request: Request,
    db: Db,
    member: Member,
    now: Now,
    idempotency_key: Annotated[
        str,
        Header(
            max_length=255,
            description="Any text that is new for each thing you do, such as a UUID. Sent again within 24 hours "
            "with the same body, it gives the first answer again and changes nothing.",
        ),
    ] = "",
) -> Once:
    """Return what carries this request out once."""
    attempt = idempotency.Attempt(member, idempotency_key, request.state.fingerprint)
    return Once(request, db, attempt, now)


OnceOnly = Annotated[Once, Depends(once)]


def _named(if_match: str) -> set[str]:
    """Return the strong tags of an If-Match, or "*"; raise 428 when there is none."""
    if not if_match:
        raise Refusal(428, _("Send the ETag of what you edited as If-Match, so that no other edit is lost."))
    if if_match.strip() == "*":
        return {"*"}
    return {tag for weak, tag in _TAG.findall(if_match) if not weak and tag != "*"}


def _finished(request: Request, body: bytes, headers: Mapping[str, str], *, status: int) -> Response:
    outgoing = {**_HEADERS, **headers}
    etag = outgoing["ETag"]
    sharing: Sharing | None = getattr(request.state, "sharing", None)
    if sharing is not None and status == 200:
        sharing.body, sharing.etag, sharing.headers = body, etag, dict(outgoing)
    packed = len(body) >= _COMPRESSED_FROM and "gzip" in request.headers.get("accept-encoding", "")
    if packed:  # other bytes, another strong tag
        etag = outgoing["ETag"] = f'{etag[:-1]}-gzip"'
        outgoing["Content-Encoding"] = "gzip"
    if status == 200 and _is_known(request.headers.get("if-none-match", ""), etag):
        outgoing.pop("Content-Encoding", None)
        return Response(status_code=304, headers=outgoing)
    content = gzip.compress(body, _LEVEL, mtime=0) if packed else body
    return Response(content, status, outgoing, MEDIA_TYPE)


def _is_known(if_none_match: str, etag: str) -> bool:
    if not if_none_match:
        return False
    return if_none_match.strip() == "*" or etag[1:-1] in {tag for _weak, tag in _TAG.findall(if_none_match)}
