"""What this viewer may do with a post, as its page needs it: the results of the domain's policies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.core.i18n import gettext as _
from app.domain import answers, comments, escalations, me_too, questions, reputation, votes
from app.models import Answer, Question, User


@dataclass(frozen=True)
class PostCan:
    """What may be done with any post; a reason says why not, "" when it is allowed."""

    comment: bool
    edit: bool
    delete: bool
    restore: bool
    hide: bool
    flag: bool
    vote_up_reason: str
    vote_down_reason: str

    @property
    def vote_up(self) -> bool:
        """Whether the viewer may vote up."""
        return not self.vote_up_reason

    @property
    def vote_down(self) -> bool:
        """Whether the viewer may vote down."""
        return not self.vote_down_reason


@dataclass(frozen=True)
class QuestionCan(PostCan):
    """What may be done with a question."""

    answer: bool
    answer_reason: str
    close: bool
    reopen: bool
    say_me_too: bool
    lock: bool
    report_unhelpful: bool
    request_staff: bool


@dataclass(frozen=True)
class AnswerCan(PostCan):
    """What may be done with an answer."""

    accept: bool
    unaccept: bool
    make_official: bool
    unmake_official: bool


def question_can(viewer: User | None, question: Question, *, now: datetime) -> QuestionCan:
    """Return what the viewer may do with the question."""
    may_remove = questions.may_remove(viewer, question)
    is_own = viewer is not None and viewer.id == question.author_id
    cannot_write = _why_not_write(viewer, now=now)
    return QuestionCan(
        comment=comments.may_comment(viewer, question, question),
        edit=questions.may_edit(viewer, question) or questions.may_suggest_edit(viewer, question),
        delete=may_remove and is_own,
        restore=questions.may_restore(viewer, question),
        hide=may_remove and not is_own,
        flag=_may_flag(viewer, question),
        vote_up_reason=_why_not_vote(viewer, question, question, "vote_up"),
        vote_down_reason=_why_not_vote(viewer, question, question, "vote_down"),
        answer=answers.may_answer(viewer, question) and not cannot_write,
        answer_reason=_why_not_answer(viewer, question, now=now),
        close=questions.may_close(viewer, question, as_duplicate=True),
        reopen=questions.may_reopen(viewer, question),
        say_me_too=me_too.may_say(viewer, question),
        lock=questions.may_lock(viewer),
        report_unhelpful=escalations.may_report_unhelpful(viewer, question) and not cannot_write,
        request_staff=escalations.may_request_staff(viewer, question) and not cannot_write,
    )


def answer_can(viewer: User | None, answer: Answer, question: Question, *, now: datetime) -> AnswerCan:
    """Return what the viewer may do with the answer."""
    may_remove = answers.may_remove(viewer, answer, question)
    is_own = viewer is not None and viewer.id == answer.author_id
    is_accepted = question.accepted_answer_id == answer.id
    may_official = answers.may_make_official(viewer, answer, question)
    may_accept = answers.may_accept(viewer, answer, question, now=now)
    return AnswerCan(
        comment=comments.may_comment(viewer, answer, question),
        edit=answers.may_edit(viewer, answer, question) or answers.may_suggest_edit(viewer, answer, question),
        delete=may_remove and is_own,
        restore=answers.may_restore(viewer, answer, question),
        hide=may_remove and not is_own,
        flag=_may_flag(viewer, answer),
        vote_up_reason=_why_not_vote(viewer, answer, question, "vote_up"),
        vote_down_reason=_why_not_vote(viewer, answer, question, "vote_down"),
        accept=may_accept and not is_accepted,
        unaccept=is_accepted and answers.may_unaccept(viewer, question),
        make_official=may_official and not answer.is_official,
        unmake_official=may_official and answer.is_official,
    )


def _may_flag(viewer: User | None, post: Question | Answer) -> bool:
    return reputation.may(viewer, "flag") and viewer is not None and viewer.id != post.author_id


def _why_not_vote(viewer: User | None, post: Question | Answer, question: Question, privilege: str) -> str:
    if viewer is None:
        return ""  # the buttons lead to signing in
    if viewer.id == post.author_id:
        return _("You can't vote on your own post.")
    if not votes.may_vote(viewer, post, question):
        return _("This can't be voted on.")
    if not reputation.may(viewer, privilege):
        needed = reputation.privilege(privilege).threshold
        return _("Needs %(n)s reputation.") % {"n": needed}
    return ""


def _why_not_write(viewer: User | None, *, now: datetime) -> str:
    if viewer is None:
        return ""
    try:
        reputation.require_active(viewer, now=now)
    except (reputation.Suspended, reputation.Unverified) as refusal:
        return refusal.message
    return ""


def _why_not_answer(viewer: User | None, question: Question, *, now: datetime) -> str:
    if question.is_closed or question.is_locked or question.is_removed:
        return _("This question takes no new answers.")
    return _why_not_write(viewer, now=now)
