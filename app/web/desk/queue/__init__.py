"""The queue's pages: the list, and acts on a selection."""

from app.web.desk.queue import bulk, listing

routes = [*listing.router.routes, *bulk.router.routes]
