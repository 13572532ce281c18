"""The routes of the API, one module for each noun, all behind `authorize`."""

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

routes = [
    route
    for noun in (
        *(search, questions, answers, comments, votes, marks, catalog, people),
        *(escalations, escalation_acts, reports, webhooks),
    )
    for route in noun.router.routes
]
"""In the order in which they are tried, and in which the document has them."""
