"""One address of every kind of page."""

from __future__ import annotations

from dataclasses import asdict

from tests.support.community import Community

STRANGERS = {
    "home": "/",
    "questions": "/questions",
    "unanswered questions": "/questions?sort=unanswered",
    "question": "/questions/{thread}/-",
    "products": "/products",
    "product": "/products/aerie-14",
    "tags": "/tags",
    "tag": "/tags/wifi",
    "people": "/users",
    "person": "/users/lukas",
    "person's reputation": "/users/lukas/reputation",
    "search": "/search",
    "search results": "/search?q=wifi",
    "search without results": "/search?q=nothing-like-that-anywhere",
    "help": "/help",
    "help on asking": "/help/asking",
    "help on Markdown": "/help/markdown",
    "help on privacy": "/help/privacy",
    "help on privileges": "/help/privileges",
    "help on reputation": "/help/reputation",
    "help on search": "/help/search",
    "help on webhooks": "/help/webhooks",
    "help on signed identity": "/help/signed-identity",
    "help on the queue": "/help/queue",
    "help on leading": "/help/leading",
    "help on deadlines": "/help/deadlines",
    "sign in": "/signin",
    "sign up": "/signup",
    "reset": "/reset",
    "history": "/posts/{thread}/revisions",
    "help on embedding": "/help/embedding",
    "help on the API": "/help/api",
    "frame for other sites": "/embed/questions?product=aerie-14",
}
MEMBERS = {
    "home as a member": "/",
    "question as its asker": "/questions/{thread}/-",
    "unanswered question as its asker": "/questions/{unanswered}/-",
    "duplicate as its asker": "/questions/{duplicate}/-",
    "removed question as its asker": "/questions/{removed}/-",
    "choice of a product": "/ask",
    "ask": "/ask?product=aerie-14",
    "edit": "/questions/{unanswered}/edit",
    "delete": "/posts/{unanswered}/delete",
    "settings": "/settings",
    "account": "/settings/account",
    "deletion": "/settings/deletion",
    "sessions": "/settings/sessions",
    "inbox": "/inbox",
    "API keys": "/settings/keys",
    "own suggestion": "/suggestions/{suggestion}",
    "flag": "/posts/{others}/flag",
}
STAFF = {
    "question as an administrator": "/questions/{thread}/-",
    "close": "/questions/{unanswered}/close",
    "hide": "/posts/{unanswered}/hide",
    "suggestions": "/suggestions",
    "suggestion": "/suggestions/{suggestion}",
    "desk": "/desk",
    "desk: catalog": "/desk/catalog",
    "desk: product": "/desk/catalog/aerie-14",
    "desk: edits": "/desk/edits",
    "desk: flags": "/desk/flags",
    "desk: jobs": "/desk/jobs",
    "desk: log": "/desk/log",
    "desk: people": "/desk/people",
    "desk: person": "/desk/people/lukas",
    "desk: removed": "/desk/removed",
    "desk: backlog": "/desk/backlog",
    "desk: rules": "/desk/rules",
    "desk: rules of a product": "/desk/rules/for/aerie-14",
    "desk: search": "/desk/search",
    "desk: silent": "/desk/silent",
    "desk: styleguide": "/desk/styleguide",
    "desk: tags": "/desk/tags",
    "desk: tag": "/desk/tags/wifi",
    "desk: lead": "/desk/lead",
    "desk: calendars": "/desk/calendars",
    "desk: calendar": "/desk/calendars/1",
    "desk: policies": "/desk/policies",
    "desk: policy": "/desk/policies/1",
    "desk: new policy": "/desk/policies/new",
    "desk: teams": "/desk/teams",
    "desk: team": "/desk/teams/support",
    "desk: webhooks": "/desk/webhooks",
    "desk: product sites": "/desk/sites",
    "desk: colleague": "/desk/colleagues/ines",
}

AGENTS = {
    "question as an agent": "/questions/{unanswered}/-",
    "queue": "/desk/queue",
    "empty view": "/desk/queue?view=resolved&priority=low",
    "case": "/desk/cases/{case}",
    "preview of a macro": "/desk/cases/{case}/macro?macro={macro}",
    "macros": "/desk/macros",
    "new macro": "/desk/macros/new",
    "macro": "/desk/macros/{macro}",
}


def address(pattern: str, community: Community) -> str:
    """Return the pattern's address in this community."""
    return pattern.format(**asdict(community))
