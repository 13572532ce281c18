"""Every named dependency of the API's routes: the session, who asks and how far they may go, the thing asked for."""

from __future__ import annotations

import hmac
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from app.api import limits
from app.api.cursors import NO_NUL
from app.api.problems import InsufficientScope, Refusal, Unauthenticated
from app.core import security_log
from app.core.addresses import site_of, subnet_key
from app.core.db import new_session
from app.core.errors import NotFound, TooMany
from app.core.i18n import gettext as _
from app.core.signing import csrf_token, unmask
from app.domain import accounts, answers, apikeys, comments, questions, throttles
from app.models import Answer, ApiKey, Comment, Question, User

SESSION_COOKIE = "pd_session"  # as app/web sets it
CSRF_HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

log = logging.getLogger(__name__)

RowId = Annotated[int, Path(ge=1, le=2_147_483_647)]
Name = Annotated[str, Path(min_length=1, max_length=200, pattern=NO_NUL)]


@dataclass(frozen=True)
class KeyFacts:
    """The key that came with a request."""

    id: int
    name: str
    scopes: tuple[str, ...]
    expires_at: datetime | None


@dataclass(frozen=True)
class Caller:
    """Who asks: `user` as they may act here (a key may leave roles out), None for a stranger."""

    user: User | None = None
    key: KeyFacts | None = None
    session_token: str = ""

    def require_scope(self, scope: str) -> None:
        """Raise InsufficientScope when the key was not made for this; a session has no such bounds."""
        if self.key is not None and scope not in self.key.scopes:
            raise InsufficientScope(scope)


async def session(request: Request) -> AsyncIterator[Session]:
    """Open a database session for one request; services commit, this only closes."""
    async with request.app.state.gate.place(writes=request.method not in SAFE_METHODS):
        db = new_session(request.app.state.bind)
        try:
            yield db
        finally:
            await run_in_threadpool(db.close)  # it ends a transaction: the database may take its time


async def now_of(request: Request) -> datetime:
    """Return the present instant."""
    instant: datetime = request.app.state.now()
    return instant


Db = Annotated[Session, Depends(session, scope="function")]
Now = Annotated[datetime, Depends(now_of)]


def authorize(request: Request, db: Db, now: Now) -> Caller:
    """Find who asks, and refuse what their key or session does not allow; every route depends on it.

    Reading needs a key's scope `read`, everything else `write` and somebody who is signed in.
    """
    caller = _caller(request, db, now)
    if caller.user is not None:
        request.state.member_id = caller.user.id  # for the log
        request.state.sharing = None  # whatever was made of the request before: this answer is for them alone
    is_write = request.method not in SAFE_METHODS
    caller.require_scope("write" if is_write else "read")
    if is_write:
        if caller.user is None:
            raise Unauthenticated
        _count_write(request, db, caller.user, now)
    return caller


Calling = Annotated[Caller, Depends(authorize)]


def viewer_of(caller: Calling) -> User | None:
    """Return who asks; None for a stranger."""
    return caller.user


Viewer = Annotated[User | None, Depends(viewer_of)]


def member_of(caller: Calling) -> User:
    """Return the member who asks; refuse strangers."""
    if caller.user is None:
        raise Unauthenticated
    return caller.user


Member = Annotated[User, Depends(member_of)]


WithRemoved = Annotated[
    bool, Query(description="Show what was deleted or hidden, too, as far as you may see it.")
]


def visible_question(question_id: RowId, db: Db, viewer: Viewer) -> Question:
    """Return the question of the address, or 404, also when it was removed."""
    return question_or_removed(question_id, db, viewer)


def question_or_removed(
    question_id: RowId, db: Db, viewer: Viewer, *, with_removed: WithRemoved = False
) -> Question:
    """Return the question of the address, or 404; a removed one if it is asked for by who may see it."""
    question = questions.visible(db, viewer=viewer, question_id=question_id)
    if question.is_removed and not with_removed:
        raise NotFound
    return question


def visible_answer(answer_id: RowId, db: Db, viewer: Viewer) -> Answer:
    """Return the answer of the address, or 404, also when it or its question was removed."""
    return answer_or_removed(answer_id, db, viewer)


def answer_or_removed(
    answer_id: RowId, db: Db, viewer: Viewer, *, with_removed: WithRemoved = False
) -> Answer:
    """Return the answer of the address, or 404; a removed one if it is asked for by who may see it."""
    answer = answers.visible(db, viewer=viewer, answer_id=answer_id)
    if (answer.is_removed or answer.question.is_removed) and not with_removed:
        raise NotFound
    return answer


def visible_comment(comment_id: RowId, db: Db, viewer: Viewer) -> Comment:
    """Return the comment of the address, or 404, also when it was removed."""
    comment = comments.visible(db, viewer=viewer, comment_id=comment_id)
    if comment.is_removed:
        raise NotFound
    return comment


def viewer_of_rows(viewer: Viewer, *, with_removed: WithRemoved = False) -> User | None:
    """Return as whom the rows of a list are read: as a stranger unless removed ones are asked for."""
    return viewer if with_removed else None


VisibleQuestion = Annotated[Question, Depends(visible_question)]
VisibleAnswer = Annotated[Answer, Depends(visible_answer)]
VisibleComment = Annotated[Comment, Depends(visible_comment)]
QuestionOrRemoved = Annotated[Question, Depends(question_or_removed)]
AnswerOrRemoved = Annotated[Answer, Depends(answer_or_removed)]
RowsViewer = Annotated[User | None, Depends(viewer_of_rows)]


def _caller(request: Request, db: Session, now: datetime) -> Caller:
    given = request.headers.get("authorization")
    if given is not None:
        return _by_key(request, db, given, now)
    settings = request.app.state.settings
    name = f"__Host-{SESSION_COOKIE}" if settings.is_https else SESSION_COOKIE
    token = request.cookies.get(name, "")
    login = accounts.login(db, token=token, now=now) if token else None
    if login is None:
        return Caller()
    if request.method not in SAFE_METHODS and not _is_from_own_page(request, token):
        text = _("With a session, send X-CSRF-Token (from GET /me) from a page of ours.")
        raise Refusal(403, text)
    return Caller(login.user, session_token=token)


def _by_key(request: Request, db: Session, given: str, now: datetime) -> Caller:
    scheme, _space, token = given.partition(" ")
    key = apikeys.live(db, token=token.strip(), now=now) if scheme.lower() == "bearer" else None
    if key is None:
        security_log.tell("key.refused")
        text = _("This key is unknown, has expired, or was revoked.")
        raise Unauthenticated(text, challenge='Bearer error="invalid_token"')
    _check_origin(request, key)
    user = apikeys.acting(key.user, key.scopes)
    facts = KeyFacts(key.id or 0, key.name, tuple(key.scopes), key.expires_at)
    if apikeys.is_due(key, now=now):
        try:
            apikeys.note_use(db, key_id=facts.id, now=now)
        except DBAPIError as error:
            log.warning("the use of a key was not noted: %s", error)  # a full disk must not stop reading
    return Caller(user, facts)


def _check_origin(request: Request, key: ApiKey) -> None:
    """Let pages of those sites only use the key that it names."""
    origin = request.headers.get("origin")
    if origin is None or site_of(origin) == request.headers.get("host"):
        return
    if origin not in key.origins:
        raise Refusal(403, _("This key is not for pages of %(origin)s.") % {"origin": origin[:100]})
    request.state.shared_with = origin


def _is_from_own_page(request: Request, session_token: str) -> bool:
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site not in (None, "same-origin", "none"):
        return False
    if origin is not None and site_of(origin) != request.headers.get("host"):
        return False
    expected = csrf_token(request.app.state.secret, session_token)
    return hmac.compare_digest(unmask(request.headers.get(CSRF_HEADER, "")), expected.encode())


def _count_write(request: Request, db: Session, user: User, now: datetime) -> None:
    most: int = request.app.state.settings.api_reads_per_minute
    if not most:
        return
    address: str = request.state.address
    who = {"user": str(user.id), "address": address, "subnet": subnet_key(address)}
    attempts = [
        throttles.Attempt(f"api:{policy}", who[policy], limits.write_limit(policy, most))
        for policy in limits.WRITES
    ]
    counted = throttles.count(db, attempts=attempts, now=now)
    counts = [
        limits.Count(policy, attempt.limit.count, one.count, one.resets_in)
        for policy, attempt, one in zip(limits.WRITES, attempts, counted, strict=True)
    ]
    request.state.counts = counts
    if wait := limits.retry_after(counts):
        raise TooMany(_("Too many writes; wait as long as Retry-After says."), retry_after=wait)
