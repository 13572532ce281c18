"""The queue's pages: the list, and acts on a selection."""

from fastapi import APIRouter

from app.web.desk.queue import bulk, listing

router = APIRouter()
for page in (listing, bulk):
    router.include_router(page.router)
