"""What a question's parts must be like, with messages that say what to do."""

from __future__ import annotations

from app.core import markdown
from app.core.i18n import gettext as _
from app.core.i18n import ngettext
from app.domain import reputation
from app.models import EnvironmentField, User

TITLE_LENGTHS = (12, 150)
BODY_LENGTHS = (20, 30_000)
LINKS_OF_NEW_MEMBERS = 2


def check_title(title: str, errors: dict[str, str]) -> str:
    """Return the title as kept; note in `errors` what is wrong."""
    kept = " ".join(title.split())
    shortest, longest = TITLE_LENGTHS
    if not kept:
        errors["title"] = _("Write a title: what happens, on what, and when.")
    elif len(kept) < shortest:
        errors["title"] = ngettext(
            "Make the title %(n)s character longer, so that others recognise their problem.",
            "Make the title %(n)s characters longer, so that others recognise their problem.",
            shortest - len(kept),
        ) % {"n": shortest - len(kept)}
    elif len(kept) > longest:
        errors["title"] = _("Make the title %(n)s characters shorter; details go into the text.") % {
            "n": len(kept) - longest
        }
    return kept


def check_body(body: str, author: User, errors: dict[str, str], *, field: str = "body") -> str:
    """Return the body's HTML; note in `errors` what is wrong with its length or links."""
    length = len(body.strip())
    shortest, longest = BODY_LENGTHS
    if length < shortest:
        errors[field] = _(
            "Write at least %(n)s characters: what you did, what happened, what you expected."
        ) % {"n": shortest}
    elif length > longest:
        errors[field] = _("This is %(n)s characters too long; attach long logs as a file instead.") % {
            "n": length - longest
        }
    html = markdown.render(body) if length <= longest else ""
    if not reputation.may(author, "post_links") and markdown.count_links(html) > LINKS_OF_NEW_MEMBERS:
        errors[field] = _("New members can post at most two links; remove some for now.")
    return html


def check_environment(
    given: dict[str, str], asked: list[EnvironmentField], errors: dict[str, str]
) -> list[tuple[EnvironmentField, str]]:
    """Return the details that were given for what the product asks; note missing and overlong ones."""
    kept = []
    for field in asked:
        value = " ".join(given.get(field.name, "").split())
        if not value and field.is_required:
            errors[f"env_{field.name}"] = _("Fill in %(label)s: without it nobody can help.") % {
                "label": field.label
            }
        elif len(value) > 120:
            errors[f"env_{field.name}"] = _("Keep this below 120 characters.")
        elif value:
            kept.append((field, value))
    return kept
