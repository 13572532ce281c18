"""Every named dependency of routes: the session, who asks, the time, and the thing asked for (or 404).

Those that wait for nothing are `async`: FastAPI hands each plain function to a thread and back,
which takes longer than what most of them do.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Path, Request
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from app.core import addresses
from app.core.db import in_a_hurry, new_session
from app.core.errors import NotAllowed, NotFound
from app.core.i18n import gettext as _
from app.domain import accounts, answers, comments, notifications, questions
from app.models import Answer, Comment, LoginSession, Question, User
from app.settings import Settings
from app.web import cookies
from app.web.csrf import SAFE_METHODS
from app.web.identity import SignedInAs

SESSION_COOKIE = "pd_session"
HURRY_SECONDS = 1.0
"""How long who only reads waits for those who write, to note that they were here."""

log = logging.getLogger(__name__)

RowId = Annotated[int, Path(ge=1, le=2_147_483_647)]
"""A row's id in an address; what no row can have is 404."""


class SignInNeeded(NotAllowed):
    """Only members can do this; the page sends the visitor to sign in and back."""

    def __init__(self) -> None:
        super().__init__(_("Sign in to do this."))


async def settings_of(request: Request) -> Settings:
    """Return the application's settings."""
    settings: Settings = request.app.state.settings
    return settings


async def session(request: Request) -> AsyncIterator[Session]:
    """Open a database session for one request; services commit, this only closes."""
    async with request.app.state.gate.place(writes=request.method not in SAFE_METHODS):
        db = new_session(request.app.state.bind)
        try:
            yield db
        finally:
            if db.get_bind().dialect.name == "sqlite":
                db.close()
            else:
                await run_in_threadpool(db.close)  # it ends a transaction: a server may take its time


async def now_of(request: Request) -> datetime:
    """Return the present instant."""
    instant: datetime = request.app.state.now()
    return instant


Config = Annotated[Settings, Depends(settings_of)]
Db = Annotated[Session, Depends(session, scope="function")]
Now = Annotated[datetime, Depends(now_of)]


def identify(request: Request, db: Db, now: Now) -> User | None:
    """Find who is signed in by the session cookie; None for a visitor."""
    token = cookies.read(request, SESSION_COOKIE)
    login = accounts.login(db, token=token, now=now) if token else None
    if login is None:
        return None
    user = login.user
    if accounts.is_due(login, now=now):
        _keep_alive(db, login, now)
    request.state.session_token = token
    request.state.member_id = user.id  # for the log
    unread = notifications.unread_count(db, user)
    request.state.viewer = SignedInAs.copy_of(user, unread_count=unread)
    return user


def _keep_alive(db: Session, login: LoginSession, now: datetime) -> None:
    try:
        with in_a_hurry(db, seconds=HURRY_SECONDS):
            accounts.keep_alive(db, login=login, now=now)
    except DBAPIError as error:
        log.warning("the use of a session was not noted: %s", error)  # a full disk must not stop reading


Viewer = Annotated[User | None, Depends(identify)]


async def require_member(viewer: Viewer) -> User:
    """Return the member who is signed in; send visitors to sign in."""
    if viewer is None:
        raise SignInNeeded
    return viewer


async def require_staff(viewer: Viewer) -> User:
    """Return the member of staff who is signed in. For everybody else the page does not exist."""
    if viewer is None or not viewer.is_staff:
        raise NotFound
    return viewer


async def require_agent(viewer: Viewer) -> User:
    """Return the agent or lead who is signed in. For everybody else the page does not exist."""
    if viewer is not None and viewer.is_admin and not viewer.is_agent:
        raise NotFound(
            _("Only agents see the queue. You can give yourself that role at the desk, under People.")
        )
    if viewer is None or not viewer.is_agent:
        raise NotFound
    return viewer


async def require_moderator(viewer: Viewer) -> User:
    """Return the moderator who is signed in. For everybody else the page does not exist."""
    if viewer is None or not viewer.is_moderator:
        raise NotFound
    return viewer


async def require_admin(viewer: Viewer) -> User:
    """Return the administrator who is signed in. For everybody else the page does not exist."""
    if viewer is None or not viewer.is_admin:
        raise NotFound
    return viewer


SignedIn = Annotated[User, Depends(require_member)]
Staff = Annotated[User, Depends(require_staff)]
Agent = Annotated[User, Depends(require_agent)]
Moderator = Annotated[User, Depends(require_moderator)]
Admin = Annotated[User, Depends(require_admin)]


def visible_question(question_id: RowId, db: Db, viewer: Viewer) -> Question:
    """Return the question of the address, or 404."""
    return questions.visible(db, viewer=viewer, question_id=question_id)


def visible_answer(answer_id: RowId, db: Db, viewer: Viewer) -> Answer:
    """Return the answer of the address, or 404."""
    return answers.visible(db, viewer=viewer, answer_id=answer_id)


def visible_comment(comment_id: RowId, db: Db, viewer: Viewer) -> Comment:
    """Return the comment of the address, or 404."""
    return comments.visible(db, viewer=viewer, comment_id=comment_id)


def visible_post(post_id: RowId, db: Db, viewer: Viewer) -> Question | Answer:
    """Return the question or answer with the post id of the address, or 404."""
    return answers.visible_post(db, viewer=viewer, post_id=post_id)


def seen_question(question_id: RowId, request: Request, db: Db, viewer: Viewer, now: Now) -> None:
    """Mark the viewer's news about the question of the address as read: they are opening it."""
    if viewer is None or not request.state.viewer.unread_count:
        return
    if notifications.has_unread_about(db, member=viewer, question_id=question_id):
        try:
            with in_a_hurry(db, seconds=HURRY_SECONDS):
                notifications.mark_thread_read(db, member=viewer, question_id=question_id, now=now)
        except DBAPIError as error:
            log.warning("news stay unread until they are opened again: %s", error)


VisibleQuestion = Annotated[Question, Depends(visible_question)]
VisibleAnswer = Annotated[Answer, Depends(visible_answer)]
VisibleComment = Annotated[Comment, Depends(visible_comment)]
VisiblePost = Annotated[Question | Answer, Depends(visible_post)]


async def client_address(request: Request, settings: Config) -> str:
    """Return the visitor's address; X-Forwarded-For is believed only from proxies named in the settings."""
    peer = request.client.host if request.client else "127.0.0.1"
    forwarded = request.headers.get("x-forwarded-for", "")
    return addresses.client_address(peer, forwarded, trusted=settings.trusted_proxies)


ClientAddress = Annotated[str, Depends(client_address)]
