"""The question page: everything it shows, gathered in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from app.core import markdown
from app.core.paging import PageOf
from app.domain import answers, audit, catalog, comments, drafts, escalations, marks, questions
from app.models import Answer, Comment, Product, Question, User
from app.web.authors import AuthorView, author_views
from app.web.forms import Form, Submission
from app.web.permissions import AnswerCan, QuestionCan, answer_can, question_can
from app.web.render import Page
from app.web.staff_box import StaffBox, staff_box

EXCERPT_LENGTH = 260


@dataclass(frozen=True)
class AnswerView:
    """An answer with what belongs to it on the page."""

    answer: Answer
    author: AuthorView
    is_accepted: bool
    my_vote: int
    comments: list[Comment]
    removal_reason: str
    can: AnswerCan


@dataclass(frozen=True)
class QuestionPage(Page):
    """A question with its answers."""

    template = "questions/show.html"
    question: Question
    asker: AuthorView
    trail: list[Product]
    can: QuestionCan
    my_vote: int
    said_me_too: bool
    follows: bool
    comments: list[Comment]
    editable_comment_ids: set[int]
    removable_comment_ids: set[int]
    answers: list[AnswerView]
    answer_page: PageOf[Answer]
    answer_order: str
    solution: AnswerView | None
    solution_excerpt: str
    removal_reason: str
    original: Question | None
    duplicates: Sequence[Question]
    related: Sequence[Question] | None  # None: nobody looked, for others wait
    is_stale: bool
    promise: escalations.Promise | None
    staff_box: StaffBox | None
    answer_form: Submission[Form]
    draft_saved_at: datetime | None


def question_page(
    db: Session,
    question: Question,
    *,
    viewer: User | None,
    now: datetime,
    related: Sequence[Question] | None = (),
    likely_duplicates: Callable[[], Sequence[Question]] = tuple,
    order: str = "best",
    page: int = 1,
    form: Submission[Form] | None = None,
) -> QuestionPage:
    """Gather the page of a question the viewer may see; `form` is an answer that was refused and is shown again."""
    answer_page = answers.under(db, question, viewer=viewer, sort=order, page=page)
    solution = _solution(db, question, answer_page.rows)
    shown = [*answer_page.rows, *([solution] if solution and solution not in answer_page.rows else [])]
    mine = marks.in_thread(db, member_id=viewer.id or 0, question_id=question.id) if viewer else marks.Marks()
    my_votes = dict(mine.votes)
    views = _answer_views(db, question, shown, viewer=viewer, my_votes=my_votes, now=now)
    post_ids = [question.id, *(answer.id for answer in shown)]
    thread_comments = comments.of_thread(db, viewer=viewer, question_id=question.id, post_ids=post_ids)
    every = [comment for under in thread_comments.values() for comment in under]
    for answer_id, view in views.items():
        view.comments.extend(thread_comments[answer_id])
    asker = author_views(db, [question.author], product=None)[question.author_id]
    answer_form, draft_saved_at = _answer_form(db, question, viewer if mine.has_draft else None, form)
    accepted = views.get(question.accepted_answer_id or 0)
    return QuestionPage(
        question=question,
        asker=asker,
        trail=catalog.breadcrumbs(db, question.product_id),
        can=question_can(viewer, question, now=now),
        my_vote=my_votes.get(question.id, 0),
        said_me_too=mine.said_me_too,
        follows=mine.follows,
        comments=thread_comments[question.id],
        editable_comment_ids={
            one.id or 0 for one in every if comments.may_edit(viewer, one, question, now=now)
        },
        removable_comment_ids={one.id or 0 for one in every if comments.may_remove(viewer, one, question)},
        answers=[views[answer.id] for answer in answer_page.rows],
        answer_page=answer_page,
        answer_order=order,
        solution=accepted,
        solution_excerpt=markdown.excerpt(accepted.answer.body_html, EXCERPT_LENGTH) if accepted else "",
        removal_reason=_removal_reason(db, question),
        original=_original(db, question),
        duplicates=questions.duplicates_of(db, question.id),
        related=related,
        is_stale=questions.is_stale(question, now=now),
        promise=escalations.promise_of(db, question.id),
        staff_box=staff_box(db, viewer, question, likely_duplicates=likely_duplicates),
        answer_form=answer_form,
        draft_saved_at=draft_saved_at,
    )


def _solution(db: Session, question: Question, rows: Sequence[Answer]) -> Answer | None:
    """Return the accepted answer, which may stand on another page of the answers."""
    if question.accepted_answer_id is None:
        return None
    here = [answer for answer in rows if answer.id == question.accepted_answer_id]
    return here[0] if here else answers.one_of_thread(db, question, question.accepted_answer_id)


def _answer_views(
    db: Session,
    question: Question,
    shown: Sequence[Answer],
    *,
    viewer: User | None,
    my_votes: Mapping[int, int],
    now: datetime,
) -> dict[int, AnswerView]:
    authors = author_views(db, [answer.author for answer in shown], product=question.product)
    return {
        answer.id: AnswerView(
            answer=answer,
            author=authors[answer.author_id],
            is_accepted=answer.id == question.accepted_answer_id,
            my_vote=my_votes.get(answer.id, 0),
            comments=[],
            removal_reason=_removal_reason(db, answer),
            can=answer_can(viewer, answer, question, now=now),
        )
        for answer in shown
    }


def _removal_reason(db: Session, post: Question | Answer) -> str:
    if post.removal in ("hidden", "spam"):
        return audit.reason_of(db, subject=(post.kind, post.id), action=f"{post.kind}.hide")
    return ""


def _original(db: Session, question: Question) -> Question | None:
    if question.duplicate_of_id is None:
        return None
    found = questions.headlines(db, [question.duplicate_of_id])
    return found[0] if found else None


def _answer_form(
    db: Session, question: Question, drafter: User | None, form: Submission[Form] | None
) -> tuple[Submission[Form], datetime | None]:
    """Return the form as it was refused, or with the draft of who has one, or blank."""
    if form is not None or drafter is None:
        return form or Submission(data=None), None
    draft = drafts.find(db, author=drafter, key=f"answer:{question.id}")
    if draft is None:
        return Submission(data=None), None
    return Submission(data=None, values=draft.fields), draft.updated_at
