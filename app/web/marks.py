"""A member's marks: "I have this problem too", and follow."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from app.core.i18n import gettext as _
from app.domain import catalog, follows, me_too, people
from app.models import Question
from app.web.deps import Db, Now, SignedIn, VisibleQuestion
from app.web.render import Page, fragment, redirect, wants_fragment
from app.web.routers import PageRouter

router = PageRouter()


@dataclass(frozen=True)
class ToggleFragment(Page):
    """A button that is on or off, alone, for a script."""

    template = "fragments/toggle.html"
    text: str
    pressed: bool
    action: str
    icon_name: str
    count: int | None
    small: bool


@router.post("/questions/{question_id:int}/me-too")
def say_me_too(request: Request, db: Db, viewer: SignedIn, question: VisibleQuestion, now: Now) -> Response:
    """Say "I have this problem too"."""
    question = me_too.add(db, question=question, by=viewer, now=now)
    return _me_too(request, question, said=True)


@router.post("/questions/{question_id:int}/me-too/withdraw")
def withdraw_me_too(
    request: Request, db: Db, viewer: SignedIn, question: VisibleQuestion, now: Now
) -> Response:
    """Take it back."""
    question = me_too.withdraw(db, question=question, by=viewer, now=now)
    return _me_too(request, question, said=False)


@router.post("/questions/{question_id:int}/follow")
def follow_question(
    request: Request, db: Db, viewer: SignedIn, question: VisibleQuestion, now: Now
) -> Response:
    """Follow a question."""
    follows.follow(db, by=viewer, subject=question, now=now)
    return _follow(request, f"/questions/{question.id}", followed=True, small=False)


@router.post("/questions/{question_id:int}/follow/withdraw")
def unfollow_question(request: Request, db: Db, viewer: SignedIn, question: VisibleQuestion) -> Response:
    """Stop following a question."""
    follows.unfollow(db, by=viewer, subject=question)
    return _follow(request, f"/questions/{question.id}", followed=False, small=False)


@router.post("/tags/{name}/follow")
def follow_tag(request: Request, db: Db, viewer: SignedIn, name: str, now: Now) -> Response:
    """Follow a tag."""
    tag = catalog.shown_tag(db, name)
    follows.follow(db, by=viewer, subject=tag, now=now)
    return _follow(request, f"/tags/{tag.name}", followed=True)


@router.post("/tags/{name}/follow/withdraw")
def unfollow_tag(request: Request, db: Db, viewer: SignedIn, name: str) -> Response:
    """Stop following a tag."""
    tag = catalog.tag_by_name(db, name)
    follows.unfollow(db, by=viewer, subject=tag)
    return _follow(request, f"/tags/{tag.name}", followed=False)


@router.post("/products/{slug}/follow")
def follow_product(request: Request, db: Db, viewer: SignedIn, slug: str, now: Now) -> Response:
    """Follow a product."""
    product = catalog.product_by_slug(db, slug)
    follows.follow(db, by=viewer, subject=product, now=now)
    return _follow(request, f"/products/{product.slug}", followed=True)


@router.post("/products/{slug}/follow/withdraw")
def unfollow_product(request: Request, db: Db, viewer: SignedIn, slug: str) -> Response:
    """Stop following a product."""
    product = catalog.product_by_slug(db, slug)
    follows.unfollow(db, by=viewer, subject=product)
    return _follow(request, f"/products/{product.slug}", followed=False)


@router.post("/users/{handle}/follow")
def follow_member(request: Request, db: Db, viewer: SignedIn, handle: str, now: Now) -> Response:
    """Follow a member."""
    member = people.by_handle(db, handle)
    follows.follow(db, by=viewer, subject=member, now=now)
    return _follow(request, f"/users/{member.handle}", followed=True)


@router.post("/users/{handle}/follow/withdraw")
def unfollow_member(request: Request, db: Db, viewer: SignedIn, handle: str) -> Response:
    """Stop following a member."""
    member = people.by_handle(db, handle)
    follows.unfollow(db, by=viewer, subject=member)
    return _follow(request, f"/users/{member.handle}", followed=False)


def _me_too(request: Request, question: Question, *, said: bool) -> Response:
    base = f"/questions/{question.id}"
    if not wants_fragment(request):
        return redirect(request, base)
    return fragment(
        request,
        ToggleFragment(
            text=_("I have this problem too"),
            pressed=said,
            action=f"{base}/me-too/withdraw" if said else f"{base}/me-too",
            icon_name="me-too",
            count=question.me_too_count,
            small=False,
        ),
    )


def _follow(request: Request, base: str, *, followed: bool, small: bool = True) -> Response:
    if not wants_fragment(request):
        done = (
            _("You follow this now, and hear what happens.") if followed else _("You no longer follow this.")
        )
        return redirect(request, base, flash=done)
    return fragment(
        request,
        ToggleFragment(
            text=_("Following") if followed else _("Follow"),
            pressed=followed,
            action=f"{base}/follow/withdraw" if followed else f"{base}/follow",
            icon_name="follow",
            count=None,
            small=small,
        ),
    )
