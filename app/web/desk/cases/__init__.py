"""A case's pages: the case, what is written on it, and what is done to it."""

from app.web.desk.cases import acts, page, writing

# Acts take every other last part of the address.
routes = [*page.router.routes, *writing.router.routes, *acts.router.routes]
