"""What product sites show of the forum in their own pages: a frame, and a script with two elements."""

from fastapi import APIRouter

from app.web.embed import frame, widget

router = APIRouter(prefix="/embed", include_in_schema=False)
router.include_router(frame.router)
router.include_router(widget.router)

__all__ = ["router"]
