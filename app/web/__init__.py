"""The pages: one router for each noun, all behind the same two checks (who asks, from our own page)."""

from fastapi import APIRouter, Depends

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
from app.web.csrf import protect
from app.web.deps import identify

router = APIRouter(dependencies=[Depends(identify), Depends(protect)], include_in_schema=False)

for page in (
    home,
    ask,
    questions,
    answers,
    comments,
    posts,
    marks,
    staff_requests,
    products,
    tags,
    search,
    similar,
    help_pages,
    help_integrators,
    api_reference,
):
    router.include_router(page.router)
for page in (uploads, preview, drafts, inbox, flags, suggestions, desk, search_desk):
    router.include_router(page.router)
for page in (
    signup,
    signin,
    enter,
    reset,
    profile_settings,
    account_settings,
    sessions,
    apikey_settings,
    people,
):
    router.include_router(page.router)
