"""A case's pages: the case, what is written on it, and what is done to it."""

from fastapi import APIRouter

from app.web.desk.cases import acts, page, writing

router = APIRouter()
for part in (page, writing, acts):  # acts take every other last part of the address
    router.include_router(part.router)
