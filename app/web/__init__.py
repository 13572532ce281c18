"""The pages: one router for each noun (routers.py)."""

from app.web import (
    account_settings,
    answers,
    api_reference,
    apikey_settings,
    ask,
    comments,
    desk,
    drafts,
    enter,
    flags,
    help_integrators,
    help_pages,
    home,
    inbox,
    marks,
    people,
    posts,
    preview,
    products,
    profile_settings,
    questions,
    reset,
    search,
    search_desk,
    sessions,
    signin,
    signup,
    similar,
    staff_requests,
    suggestions,
    tags,
    uploads,
)

routes = [
    *(
        route
        for page in (
            *(home, ask, questions, answers, comments, posts, marks, staff_requests, products, tags, search),
            *(similar, help_pages, help_integrators, api_reference, uploads, preview, drafts, inbox, flags),
            *(suggestions, search_desk, signup, signin, enter, reset, profile_settings, account_settings),
            *(sessions, apikey_settings, people),
        )
        for route in page.router.routes
    ),
    *desk.routes,
]
"""In the order in which they are tried."""
