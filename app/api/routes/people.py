"""Members, their ledgers, and who one is oneself."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from app.api import cursors, listing, respond
from app.api.deps import Calling, Db, Member, Name, Now
from app.api.routers import ApiRouter
from app.api.schemas.base import Site
from app.api.schemas.people import KeyInUse, Ledger, LedgerLine, Me
from app.api.schemas.people import Member as MemberDocument
from app.core.signing import csrf_token, mask
from app.domain import people, reputation

router = ApiRouter("People")


@router.get("/users/{handle}", response_model=MemberDocument)
def get_user(request: Request, db: Db, handle: Name) -> Response:
    """Get a member as everybody may see them."""
    person = people.by_handle(db, handle)
    document = MemberDocument.with_profile(person, people.profile(db, person), Site.of(request))
    return respond.show(request, document)


@router.get("/users/{handle}/reputation", response_model=Ledger)
def list_reputation(
    request: Request,
    db: Db,
    member: Member,
    handle: Name,
    limit: cursors.Limit = cursors.DEFAULT_SIZE,
    cursor: cursors.Cursor = "",
) -> Response:
    """List the lines of your own ledger, newest first; staff may read everybody's."""
    person = people.by_handle(db, handle)
    of = f"ledger:{person.id}"
    place = cursors.read(request, cursor, of=of)
    before = place[0] if place else None
    found = reputation.ledger_before(db, viewer=member, member=person, before=before, limit=limit + 1)
    rows, rest = listing.cut(found, limit, lambda line: line.id)
    site = Site.of(request)
    documents = [LedgerLine.of(line, site) for line in rows]
    return listing.answer(request, Ledger, documents, place=rest, limit=limit, of=of)


@router.get("/me", response_model=Me)
def get_me(request: Request, member: Member, caller: Calling, now: Now) -> Response:
    """Tell who you are to the API and what you may do."""
    key = caller.key
    in_use = KeyInUse(name=key.name, scopes=list(key.scopes), expires_at=key.expires_at) if key else None
    token = None
    if caller.session_token:
        token = mask(csrf_token(request.app.state.secret, caller.session_token))
    document = Me.with_rights(
        member,
        suspended_until=member.suspended_until if member.is_suspended(now) else None,
        key=in_use,
        token=token,
        site=Site.of(request),
    )
    return respond.show(request, document)
