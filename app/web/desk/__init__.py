"""The staff desk. For everybody else its pages do not exist."""

from fastapi import APIRouter, Depends

from app.web.deps import require_staff
from app.web.desk import (
    backlog,
    calendars,
    cases,
    catalog,
    colleagues,
    edits,
    flags,
    jobs,
    lead,
    live,
    log,
    macros,
    overview,
    people,
    policies,
    queue,
    removed,
    rules,
    silent,
    sites,
    styleguide,
    tags,
    teams,
    webhooks,
)

router = APIRouter(dependencies=[Depends(require_staff)])

for page in (
    overview,
    flags,
    edits,
    silent,
    removed,
    people,
    catalog,
    tags,
    log,
    jobs,
    live,
    webhooks,
    sites,
    styleguide,
    lead,
    teams,
    calendars,
    policies,
    rules,
    backlog,
    colleagues,
    queue,
    cases,
    macros,
):
    router.include_router(page.router, prefix="/desk")
