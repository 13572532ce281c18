"""The queue's list: views with counts, filters, rows; saved views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session

from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.domain import catalog, macros, queue, reputation
from app.models import Escalation, Macro, Product, SavedView, Team, User
from app.web import case_words as words
from app.web.deps import Agent, Db, Now, RowId
from app.web.forms import Form, Submission, submitted
from app.web.render import Page, redirect, render
from app.web.routers import DeskRouter

router = DeskRouter("/queue")


@dataclass(frozen=True)
class ViewLink:
    """A view at the left. `count` is missing for a saved view within one that is too large to be narrowed."""

    text: str
    href: str
    count: str = ""
    letter: str = ""
    is_current: bool = False
    saved: SavedView | None = None
    is_mine: bool = False


@dataclass(frozen=True)
class CaseRow:
    """A case as a row shows it."""

    row: queue.Row
    due: str
    tone: str
    percent: int
    rank: str
    present: Sequence[queue.Present]

    @property
    def case(self) -> Escalation:
        """The case, with question, asker, product, owner and team."""
        return self.row.case


@dataclass(frozen=True)
class Words:
    """Names for keys, for the templates."""

    states: Mapping[str, str]
    reasons: Mapping[str, str]
    metrics: Mapping[str, str]
    priorities: Mapping[str, str]
    columns: Mapping[str, str]


@dataclass(frozen=True)
class QueuePage(Page):
    """A list of cases with everything that can be done to those chosen."""

    template = "desk/queue/index.html"
    heading: str
    wanted: queue.Listing
    rows: Sequence[CaseRow]
    next_href: str
    first_href: str
    views: Sequence[ViewLink]
    saved: Sequence[ViewLink]
    words: Words
    sorts: Mapping[str, str]
    people: Sequence[User]
    teams: Sequence[Team]
    products: Sequence[tuple[Product, int]]
    macros: Sequence[Macro]
    snoozes: Sequence[tuple[str, str]]
    query: str
    view_error: str
    view_name: str


class SaveForm(Form):
    """The name of a view, and the list it stands for (the query of its address)."""

    name: str = ""
    is_shared: str = ""
    view: str = ""
    state: str = ""
    priority: str = ""
    reason: str = ""
    metric: str = ""
    owner: str = ""
    team: str = ""
    product: str = ""
    find: str = ""
    sort: str = ""
    columns: str = ""

    def listing(self) -> queue.Listing:
        """Return the list that is to be kept."""
        return queue.read(
            {name: value for name, value in self.model_dump().items() if isinstance(value, str)}
        )


@router.get("")
def index(
    request: Request, db: Db, viewer: Agent, now: Now, after: Annotated[str, Query(max_length=60)] = ""
) -> Response:
    """Show a list of the queue: the address says which."""
    wanted = queue.read(_parameters(request))
    number = wanted.filters.find.lstrip("#")
    case_id = queue.numbered(db, viewer=viewer, number=int(number)) if _is_number(number) else None
    if case_id is not None:
        return RedirectResponse(f"/desk/cases/{case_id}", status_code=302)
    return render(request, queue_page(db, viewer, now=now, wanted=wanted, after=after))


@router.post("/views")
def save_view(
    request: Request,
    db: Db,
    viewer: Agent,
    now: Now,
    form: Annotated[Submission[SaveForm], Depends(submitted(SaveForm))],
) -> Response:
    """Keep the list under a name."""
    data = form.valid()
    wanted = data.listing()
    try:
        view = queue.save_view(
            db, by=viewer, name=data.name, listing=wanted, is_shared=bool(data.is_shared), now=now
        )
    except Invalid as error:
        page = queue_page(db, viewer, now=now, wanted=wanted, view_error=error.message, view_name=data.name)
        return render(request, page, status=422)
    return redirect(request, _address(view), flash=_("The view is saved."))


@router.post("/views/{view_id:int}/remove")
def remove_view(request: Request, db: Db, viewer: Agent, view_id: RowId) -> Response:
    """Forget a saved view."""
    view = queue.saved_view(db, viewer=viewer, view_id=view_id)
    queue.remove_view(db, view=view, by=viewer)
    return redirect(request, "/desk/queue", flash=_("The view is removed."))


def queue_page(
    db: Session,
    viewer: User,
    *,
    now: Now,
    wanted: queue.Listing,
    after: str = "",
    view_error: str = "",
    view_name: str = "",
) -> QueuePage:
    """Gather the page in a fixed number of queries."""
    found = queue.listing(db, viewer=viewer, wanted=wanted, now=now, after=after)
    counts = queue.counts(db, viewer=viewer, now=now)
    return QueuePage(
        heading=words.views()[wanted.filters.view],
        wanted=wanted,
        rows=case_rows(db, viewer, found.rows, now=now),
        next_href=f"/desk/queue{wanted.query(after=found.after)}" if found.after else "",
        first_href=f"/desk/queue{wanted.query()}" if after else "",
        views=_view_links(wanted, counts),
        saved=_saved_links(db, viewer, wanted, counts, now=now),
        words=all_words(),
        sorts=_sorts_of(queue.VIEWS[wanted.filters.view]),
        people=queue.colleagues(db),
        teams=queue.teams(db),
        products=catalog.product_options(db),
        macros=macros.listing(db, viewer=viewer),
        snoozes=snooze_options(),
        query=wanted.query(),
        view_error=view_error,
        view_name=view_name,
    )


def case_rows(db: Session, viewer: User, rows: Sequence[queue.Row], *, now: Now) -> list[CaseRow]:
    """Return the rows with their words, and with who else looks at each case."""
    present = queue.present(db, viewer=viewer, case_ids=[row.case.id or 0 for row in rows], now=now)
    return [
        CaseRow(
            row=row,
            due=words.short_due(row.reading),
            tone=words.tone(row.reading),
            percent=min(100, max(0, round(100 * row.reading.share))) if row.reading else 0,
            rank=reputation.rank_of(row.case.question.author).name,
            present=present.get(row.case.id or 0, ()),
        )
        for row in rows
    ]


def all_words() -> Words:
    """Return every name that the queue's templates need."""
    return Words(
        states=words.states(),
        reasons=words.reasons(),
        metrics=words.metrics(),
        priorities=words.priorities(),
        columns=words.columns(),
    )


def snooze_options() -> list[tuple[str, str]]:
    """Return how long a case can be put aside at once."""
    return [
        ("1h", _("For an hour")),
        ("4h", _("For four hours")),
        ("tomorrow", _("Until tomorrow, 9:00")),
        ("monday", _("Until Monday, 9:00")),
    ]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _parameters(request: Request) -> dict[str, str]:
    """Return the query, repeated names (checkboxes without scripts) joined by commas."""
    names = dict.fromkeys(request.query_params.keys())
    return {name: ",".join(request.query_params.getlist(name)) for name in names}


def _sorts_of(view: queue.View) -> dict[str, str]:
    return {key: text for key, text in words.sorts().items() if key in (view.sorts or queue.SORTS)}


def _view_links(wanted: queue.Listing, counts: Mapping[str, int]) -> list[ViewLink]:
    names = words.views()
    return [
        ViewLink(
            text=names[key],
            href=f"/desk/queue{wanted.of_view(key).query()}",
            count=_number(counts.get(key)),
            letter=view.letter,
            is_current=wanted.filters == queue.Filters(view=key),
        )
        for key, view in queue.VIEWS.items()
    ]


def _saved_links(
    db: Session, viewer: User, wanted: queue.Listing, counts: Mapping[str, int], *, now: Now
) -> list[ViewLink]:
    views = queue.saved_views(db, viewer=viewer)
    listings = {view.id or 0: _listing(view) for view in views}
    filters = {view_id: listing.filters for view_id, listing in listings.items()}
    found = queue.narrow_counts(db, viewer=viewer, wanted=filters, common=counts, now=now)
    return [
        ViewLink(
            text=view.name,
            href=_address(view),
            count=_number(found.get(view.id or 0)),
            is_current=listings[view.id or 0] == wanted,
            saved=view,
            is_mine=queue.may_change(viewer, view),
        )
        for view in views
    ]


def _number(count: int | None) -> str:
    if count is None:
        return ""
    return f"{queue.MANY - 1}+" if count >= queue.MANY else str(count)


def _listing(view: SavedView) -> queue.Listing:
    return queue.read({**view.filters, "sort": view.sort, "columns": ",".join(view.columns) or "none"})


def _address(view: SavedView) -> str:
    return f"/desk/queue{_listing(view).query()}"
