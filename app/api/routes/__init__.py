"""The routes of the API, one module for each noun, all behind `authorize`."""

from fastapi import APIRouter, Depends

from app.api.deps import authorize
from app.api.routes import (
    answers,
    catalog,
    comments,
    escalation_acts,
    escalations,
    marks,
    people,
    questions,
    reports,
    search,
    votes,
    webhooks,
)

router = APIRouter(dependencies=[Depends(authorize)])

for noun in (
    *(search, questions, answers, comments, votes, marks, catalog, people),
    *(escalations, escalation_acts, reports, webhooks),
):
    router.include_router(noun.router)
