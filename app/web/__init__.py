"""The pages: one router for each noun, all behind the same two checks (who asks, from our own page)."""

from fastapi import APIRouter, Depends

from app.web.csrf import protect
from app.web.deps import identify

router = APIRouter(dependencies=[Depends(identify), Depends(protect)], include_in_schema=False)
