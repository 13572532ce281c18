"""Cases of staff: the queue, one case, and bringing a question to staff."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.api import cursors, listing, respond
from app.api.deps import Calling, Db, Now, RowId
from app.api.problems import Unauthenticated
from app.api.queue_walking import Walk
from app.api.respond import OnceOnly
from app.api.routers import ApiRouter
from app.api.schemas.base import Site
from app.api.schemas.escalations import (
    Escalation,
    EscalationList,
    EscalationSummary,
    Inside,
    NewEscalation,
    Priority,
)
from app.core.errors import Invalid, NotFound
from app.core.i18n import gettext as _
from app.domain import catalog, escalations, people, questions, queue, teams
from app.models import Escalation as EscalationRow
from app.models import Question, User

router = ApiRouter("Escalations")

View = Literal[
    "open", "unclaimed", "mine", "team", "soon", "breached", "waiting", "snoozed", "resolved", "past"
]
Sort = Literal["due", "priority", "newest", "oldest", "me_too", "resolved"]
State = Literal[
    "queued", "claimed", "snoozed", "waiting_customer", "waiting_internal", "resolved", "closed", "cancelled"
]
Reason = Literal[
    "unanswered",
    "asker_waiting",
    "not_helpful",
    "acceptance_withdrawn",
    "many_affected",
    "trusted_request",
    "by_staff",
    "by_api",
]
Clocks = Literal["first_response", "next_reply", "resolution"]
Slug = Annotated[str, Query(max_length=80, pattern=cursors.NO_NUL)]


def agent_of(caller: Calling) -> User:
    """Return who works on cases; for other members there is nothing here. A key needs the scope `staff`."""
    if caller.user is None:
        raise Unauthenticated
    if not escalations.may_work(caller.user):
        raise NotFound
    return caller.user


Agent = Annotated[User, Depends(agent_of)]


def escalation_of(escalation_id: RowId, db: Db, agent: Agent) -> EscalationRow:
    """Return the case of the address, or 404."""
    return escalations.case(db, agent, escalation_id)


Case = Annotated[EscalationRow, Depends(escalation_of)]


def wanted_of(
    db: Db,
    state: Annotated[list[State], Query(default_factory=list, max_length=8)],
    priority: Annotated[list[Priority], Query(default_factory=list, max_length=4)],
    reason: Annotated[list[Reason], Query(default_factory=list, max_length=8)],
    metric: Annotated[
        list[Clocks], Query(default_factory=list, max_length=3, description="The clock due next.")
    ],
    view: Annotated[View, Query(description="As at the desk.")] = "open",
    owner: Annotated[Slug, Query(description="A handle, or `me`, or `none`.")] = "",
    team: Annotated[Slug, Query(description="The slug of a team.")] = "",
    product: Annotated[Slug, Query(description="A product's slug; what is below it counts, too.")] = "",
    q: Annotated[Slug, Query(description="Words of the question's title.")] = "",
    sort: Annotated[Sort | None, Query(description="Usually what suits the view.")] = None,
) -> queue.Listing:
    """Return which cases are asked for. What a filter names must exist."""
    if owner not in ("", "me", "none"):
        people.by_handle(db, owner)
    if team:
        teams.by_slug(db, team)
    if product:
        catalog.product_by_slug(db, product)
    filters = queue.Filters(
        view=view,
        state=tuple(state),
        priority=tuple(priority),
        reason=tuple(reason),
        metric=tuple(metric),
        owner=owner,
        team=team,
        product=product,
        find=q.strip(),
    )
    return queue.Listing(filters=filters, sort=queue.VIEWS[view].sort_for(sort or ""))


Wanted = Annotated[queue.Listing, Depends(wanted_of)]


@router.get("/escalations", response_model=EscalationList)
def list_escalations(
    request: Request,
    db: Db,
    agent: Agent,
    now: Now,
    wanted: Wanted,
    limit: cursors.Limit = cursors.DEFAULT_SIZE,
    cursor: cursors.Cursor = "",
) -> Response:
    """List cases of the queue: those of a view, narrowed down."""
    of = f"escalations:{wanted.query()}"
    walk = Walk(agent, wanted, limit, now)
    page = walk.page(db, cursors.read(request, cursor, of=of))
    site = Site.of(request)
    rows = [EscalationSummary.of(row, site) for row in page.rows]
    return listing.answer(request, EscalationList, rows, place=page.next, limit=limit, of=of)


@router.post("/escalations", response_model=Escalation, status_code=201)
def open_escalation(
    request: Request,
    db: Db,
    agent: Agent,
    caller: Calling,
    now: Now,
    once: OnceOnly,
    body: NewEscalation,
) -> Response:
    """Bring a question to staff. Where a case of it is open already, the reason is added to that one."""

    def make() -> tuple[Escalation, str, int]:
        question = _question(db, agent, body.question_id)
        if caller.key is not None:
            case = escalations.escalate_for_site(
                db, question=question, by=agent, detail=body.detail, priority=body.priority, now=now
            )
        else:
            case = escalations.open_case(
                db,
                question=question,
                code="by_staff",
                by=agent,
                detail=body.detail,
                priority=body.priority,
                now=now,
            )
        site = Site.of(request)
        return document(db, agent, case.id or 0, site, now=now), site.api(f"/escalations/{case.id}"), 0

    return once.create(make)


@router.get("/escalations/{escalation_id:int}", response_model=Escalation)
def get_escalation(request: Request, db: Db, agent: Agent, now: Now, escalation: Case) -> Response:
    """Get a case with its clocks, notes and timeline."""
    return respond.show(request, document(db, agent, escalation.id or 0, Site.of(request), now=now))


def document(db: Session, agent: User, escalation_id: int, site: Site, *, now: datetime) -> Escalation:
    """Return the document of a case as it is now."""
    db.flush()
    db.expire_all()
    (row,) = queue.rows_of(db, viewer=agent, case_ids=[escalation_id], now=now)
    inside = Inside(
        reasons=escalations.reasons(db, agent, escalation_id),
        clocks=escalations.clocks(db, agent, escalation_id),
        notes=escalations.notes(db, agent, escalation_id),
        timeline=escalations.timeline(db, agent, escalation_id),
        token=escalations.token(db, row.case.question_id),
    )
    return Escalation.whole(row, inside, site)


def _question(db: Session, agent: User, question_id: int) -> Question:
    try:
        return questions.visible(db, viewer=agent, question_id=question_id)
    except NotFound as error:
        raise Invalid("question_id", _("There is no such question.")) from error
