"""Pages that ask before an act: close, delete, hide. They work without scripts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.core import markdown
from app.core.i18n import gettext as _
from app.domain import questions
from app.models import Answer, Comment, Question, User
from app.web.forms import Submission
from app.web.render import Page

_NUMBER = re.compile(r"(?:^|/questions/)(\d{1,9})(?:[/?#].*)?$")


@dataclass(frozen=True)
class ConfirmPage(Page):
    """A question before an act that is hard to take back."""

    template = "confirm.html"
    title: str
    text: str
    action: str
    verb: str
    back: str
    excerpt: str = ""
    is_danger: bool = False
    choices: Sequence[tuple[str, str, str]] = ()
    wants_note: bool = False
    needs_why: bool = False
    wants_original: bool = False
    form: Submission = field(default_factory=lambda: Submission(data=None))  # type: ignore[type-arg]


def question_number(typed: str) -> int | None:
    """Return the number in what was typed: "42", "#42" or a question's address; None when there is none."""
    found = _NUMBER.search(typed.strip().lstrip("#"))
    return int(found[1]) if found else None


def close_page(question: Question, viewer: User, form: Submission) -> ConfirmPage:  # type: ignore[type-arg]
    """Ask why a question should be closed; members without staff rights see "duplicate" only."""
    duplicate = ("duplicate", _("It was asked before"), _("People are led to the original."))
    others = [
        ("off_topic", _("Not about our products"), ""),
        ("unclear", _("Not clear enough to answer"), _("The asker can edit it, and it can be reopened.")),
        ("too_broad", _("Several questions at once"), ""),
        ("not_reproducible", _("Went away, or can't be reproduced"), ""),
        ("outdated", _("No longer applies"), ""),
    ]
    may_all = questions.may_close(viewer, question, as_duplicate=False)
    return ConfirmPage(
        title=_("Close this question?"),
        text=_("It takes no more answers. It can be reopened."),
        excerpt=question.title,
        action=f"/questions/{question.id}/close",
        verb=_("Close question"),
        back=f"/questions/{question.id}",
        choices=[duplicate, *(others if may_all else [])],
        wants_original=True,
        form=form,
    )


def removal_page(
    post: Question | Answer,
    *,
    hide: bool,
    form: Submission | None = None,  # type: ignore[type-arg]
) -> ConfirmPage:
    """Ask before deleting one's own post, or hiding somebody else's."""
    noun = _("question") if isinstance(post, Question) else _("answer")
    back = f"/posts/{post.id}"
    excerpt = post.title if isinstance(post, Question) else markdown.excerpt(post.body_html, 160)
    if not hide:
        return ConfirmPage(
            title=_("Delete this %(what)s?") % {"what": noun},
            text=_("Nobody but you and staff will see it. You can restore it later."),
            excerpt=excerpt,
            action=f"/posts/{post.id}/delete",
            verb=_("Delete"),
            back=back,
            is_danger=True,
            form=form or Submission(data=None),
        )
    return ConfirmPage(
        title=_("Hide this %(what)s?") % {"what": noun},
        text=_("Only its author and staff will see it."),
        excerpt=excerpt,
        action=f"/posts/{post.id}/hide",
        verb=_("Hide"),
        back=back,
        is_danger=True,
        choices=[
            ("hidden", _("It breaks the rules"), ""),
            ("spam", _("It is spam"), _("Costs its author 100 reputation.")),
        ],
        needs_why=True,
        form=form or Submission(data=None),
    )


def comment_removal_page(comment: Comment) -> ConfirmPage:
    """Ask before removing a comment."""
    return ConfirmPage(
        title=_("Delete this comment?"),
        text=_("Nobody but its author and staff will see it."),
        excerpt=markdown.excerpt(comment.body_html, 160),
        action=f"/comments/{comment.id}/delete",
        verb=_("Delete"),
        back=f"/questions/{comment.question_id}#comment-{comment.id}",
        is_danger=True,
    )
