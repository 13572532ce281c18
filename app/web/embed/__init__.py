"""What product sites show of the forum in their own pages: a frame, and a script with two elements."""

from app.web.embed import frame, widget

routes = [*frame.router.routes, *widget.router.routes]

__all__ = ["routes"]
