"""Taking in questions of before the starting day: on purpose, with their number shown first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.core.errors import DomainError, Invalid
from app.core.i18n import ngettext
from app.domain import catalog, entry_rules, escalations, teams
from app.models import Product
from app.web.deps import Db, Now
from app.web.desk import zones
from app.web.desk.roles import Lead, require_lead
from app.web.errors import status_of
from app.web.forms import Form, Submission, blank, submitted
from app.web.render import Page, redirect, render
from app.web.routers import DeskRouter

router = DeskRouter("/backlog", dependencies=[Depends(require_lead)])


class BacklogForm(Form):
    """Which questions: of a product ("" for all), asked before a time in the desk's zone ("": the starting day)."""

    product: str = ""
    before: str = ""


@dataclass(frozen=True)
class BacklogPage(Page):
    """How many questions would be taken in."""

    template = "desk/backlog.html"
    product: Product | None
    products: Sequence[tuple[str, str]]
    before: str
    zone: str
    count: int
    form: Submission[BacklogForm] | Submission[Form]


@router.get("")
def preview(
    request: Request,
    db: Db,
    product: Annotated[str, Query(max_length=80)] = "",
    before: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Show how many questions a backlog holds."""
    form = blank(product=product, before=before)
    try:
        return render(request, _page(db, product, before, form))
    except Invalid as error:
        page = _page(db, product, "", form.refused(error))
        return render(request, page, status=status_of(error))


@router.post("")
def take_in(
    request: Request,
    db: Db,
    viewer: Lead,
    now: Now,
    form: Annotated[Submission[BacklogForm], Depends(submitted(BacklogForm))],
) -> Response:
    """Let the worker take all of it in, a batch at a time."""
    try:
        data = form.valid()
        product, instant = _chosen(db, data.product, data.before)
        count = escalations.preview_backlog(db, product=product, before=instant)
        escalations.want_backlog(db, product=product, before=instant, by=viewer, now=now)
    except DomainError as error:
        page = _page(db, "", "", form.refused(error))
        return render(request, page, status=status_of(error))
    done = ngettext(
        "%(n)s question comes into the queue now, the oldest first. Look here again to see how many are left.",
        "%(n)s questions come into the queue now, the oldest first. Look here again to see how many are left.",
        count,
    )
    query = urlencode({name: value for name, value in data.model_dump().items() if value})
    return redirect(request, f"/desk/backlog?{query}", flash=done % {"n": f"{count:,}"})


def _chosen(db: Session, slug: str, before: str) -> tuple[Product | None, datetime | None]:
    product = catalog.product_by_slug(db, slug) if slug else None
    zone = teams.desk_zone(db)
    return product, zones.typed(before, field="before", zone=zone) if before.strip() else None


def _page(
    db: Session, slug: str, before: str, form: Submission[BacklogForm] | Submission[Form]
) -> BacklogPage:
    product, instant = _chosen(db, slug, before)
    zone = teams.desk_zone(db)
    start = entry_rules.start_for(db, product.id if product else None).starts_at
    return BacklogPage(
        product=product,
        products=[(row.slug, "— " * depth + row.name) for row, depth in catalog.product_options(db)],
        before=zones.shown(instant or start, zone=zone),
        zone=zone,
        count=escalations.preview_backlog(db, product=product, before=instant),
        form=form,
    )
