"""The staff desk. For everybody else its pages do not exist."""

from fastapi import APIRouter, Depends

from app.web.deps import require_staff
from app.web.desk import (
    calendars,
    catalog,
    colleagues,
    edits,
    flags,
    jobs,
    live,
    log,
    overview,
    people,
    policies,
    removed,
    rules,
    silent,
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
    styleguide,
    teams,
    calendars,
    policies,
    rules,
    colleagues,
):
    router.include_router(page.router, prefix="/desk")
