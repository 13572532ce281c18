"""The staff desk. For everybody else its pages do not exist."""

from app.web.desk import (
    backlog,
    calendars,
    cases,
    catalog,
    colleagues,
    edits,
    flags,
    jobs,
    lead,
    live,
    log,
    macros,
    overview,
    people,
    policies,
    queue,
    removed,
    rules,
    silent,
    sites,
    styleguide,
    tags,
    teams,
    webhooks,
)

routes = [
    route
    for page in (
        *(overview, flags, edits, silent, removed, people, catalog, tags, log, jobs, live, webhooks, sites),
        *(styleguide, lead, teams, calendars, policies, rules, backlog, colleagues),
    )
    for route in page.router.routes
]
routes += [*queue.routes, *cases.routes, *macros.router.routes]
