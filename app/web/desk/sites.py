"""Product sites whose word is taken for who their customers are, and their keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.core.errors import DomainError, Invalid
from app.core.i18n import gettext as _
from app.domain import identity
from app.models import IdentityKey, IdentitySite, User
from app.web.deps import Admin, Db, Now, RowId, require_admin
from app.web.errors import status_of
from app.web.forms import Form, Submission, blank, submitted
from app.web.render import Page, redirect, render
from app.web.routers import DeskRouter

router = DeskRouter("/sites", dependencies=[Depends(require_admin)])


class SiteForm(Form):
    """A site as typed."""

    issuer: str = ""
    name: str = ""
    start_url: str = ""


@dataclass(frozen=True)
class SitesPage(Page):
    """All sites, and the form for another one."""

    template = "desk/sites.html"
    sites: Sequence[IdentitySite]
    counts: Mapping[int, int]
    form: Submission[SiteForm] | Submission[Form]


@dataclass(frozen=True)
class SitePage(Page):
    """One site with its keys; the newest one is shown just after it was made."""

    template = "desk/site.html"
    site: IdentitySite
    keys: Sequence[IdentityKey]
    key_text: str
    form: Submission[SiteForm] | Submission[Form]


SiteData = Annotated[Submission[SiteForm], Depends(submitted(SiteForm))]


@router.get("")
def index(request: Request, db: Db, viewer: Admin) -> Response:
    """List the sites."""
    return render(request, _index_page(db, viewer, blank()))


@router.post("")
def add(request: Request, db: Db, viewer: Admin, now: Now, form: SiteData) -> Response:
    """Add a site."""
    try:
        data = form.valid()
        made = identity.add_site(
            db, issuer=data.issuer, name=data.name, start_url=data.start_url, by=viewer, now=now
        )
    except DomainError as error:
        return render(request, _index_page(db, viewer, form.refused(error)), status=status_of(error))
    return redirect(request, f"/desk/sites/{made.id}", flash=_("The site is added. It needs a key next."))


@router.get("/{site_id:int}")
def show(request: Request, db: Db, viewer: Admin, site_id: RowId) -> Response:
    """Show a site."""
    return render(request, _page(db, viewer, site_id))


@router.post("/{site_id:int}")
def change(request: Request, db: Db, viewer: Admin, site_id: RowId, now: Now, form: SiteData) -> Response:
    """Change a site's name and where its customers begin."""
    try:
        data = form.valid()
        identity.change_site(
            db, site_id=site_id, name=data.name, start_url=data.start_url, by=viewer, now=now
        )
    except Invalid as error:
        page = _page(db, viewer, site_id, form=form.refused(error))
        return render(request, page, status=status_of(error))
    return redirect(request, f"/desk/sites/{site_id}", flash=_("Saved."))


@router.post("/{site_id:int}/keys")
def add_key(request: Request, db: Db, viewer: Admin, site_id: RowId, now: Now) -> Response:
    """Make a key, and show it this once."""
    key = identity.add_key(db, site_id=site_id, by=viewer, now=now)
    text = identity.key_text(key.salt, secret=request.app.state.secret)
    # No redirect: it could not carry the key and keep it out of addresses and cookies.
    response = render(request, _page(db, viewer, site_id, key_text=text))
    response.headers["Cache-Control"] = "private, no-store"
    return response


@router.post("/{site_id:int}/keys/{key_id:int}/retire")
def retire_key(request: Request, db: Db, viewer: Admin, site_id: RowId, key_id: RowId, now: Now) -> Response:
    """End a key."""
    identity.retire_key(db, site_id=site_id, key_id=key_id, by=viewer, now=now)
    return redirect(request, f"/desk/sites/{site_id}", flash=_("The key is not good any more."))


def _index_page(db: Session, viewer: User, form: Submission[SiteForm] | Submission[Form]) -> SitesPage:
    return SitesPage(sites=identity.sites(db, viewer=viewer), counts=identity.members_count(db), form=form)


def _page(
    db: Session,
    viewer: User,
    site_id: int,
    *,
    key_text: str = "",
    form: Submission[SiteForm] | None = None,
) -> SitePage:
    site = identity.site(db, viewer=viewer, site_id=site_id)
    present = blank(name=site.name, start_url=site.start_url)
    return SitePage(site=site, keys=identity.keys_of(db, site), key_text=key_text, form=form or present)
