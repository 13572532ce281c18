"""What is written on a case: public replies, internal notes, and macros."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from app.core.errors import Conflict, DomainError, Invalid
from app.core.i18n import gettext as _
from app.domain import answers, drafts, escalations, macros
from app.domain.search import SearchIndex
from app.models import Answer, Escalation, Macro, Question, User
from app.web.deps import Agent, Config, Db, Now, RowId
from app.web.desk.cases.acts import case_address
from app.web.desk.cases.page import Held, case_page
from app.web.desk.queue.bulk import address
from app.web.errors import status_of
from app.web.forms import Form, Submission, submitted
from app.web.render import Page, redirect, render
from app.web.routers import DeskRouter
from app.web.search import Index

router = DeskRouter("/cases")


class ReplyForm(Form):
    """A public reply: `on` is the post that it comments on, or "" for an answer; `seen` the thread's token."""

    body: str = ""
    on: str = ""
    seen: str = ""
    then: str = ""
    anyway: str = ""
    back: str = ""


class NoteForm(Form):
    """An internal note."""

    body: str = ""
    back: str = ""


class RunForm(Form):
    """A macro, looked at when the thread was at `seen`."""

    macro: str = ""
    seen: str = ""
    anyway: str = ""
    back: str = ""


@dataclass(frozen=True)
class MacroPreviewPage(Page):
    """What a macro would do to a case."""

    template = "desk/cases/macro.html"
    case: Escalation
    macro: Macro
    steps: Sequence[macros.Step]
    seen: int
    back: str
    message: str
    news: Sequence[escalations.News]


@router.post("/{case_id:int}/reply")
def reply(
    request: Request,
    db: Db,
    viewer: Agent,
    now: Now,
    index: Index,
    case_id: RowId,
    form: Annotated[Submission[ReplyForm], Depends(submitted(ReplyForm))],
) -> Response:
    """Reply in public; against an older thread it is held back with what is new."""
    data = form.valid()
    case = escalations.case(db, viewer, case_id)
    title = case.question.title
    try:
        escalations.reply(
            db,
            escalation=case,
            body=data.body,
            as_comment_on=_post(db, viewer, data.on),
            by=viewer,
            seen=_number(data.seen),
            send_anyway=bool(data.anyway),
            then=data.then,
            now=now,
        )
    except (Invalid, Conflict) as error:
        news = error.news if isinstance(error, escalations.StaleThread) else ()
        held = Held(field="reply", body=data.body, message=error.message, on=data.on, news=news)
        page = case_page(db, index, viewer, case_id, now=now, back=data.back, held=held)
        return render(request, page, status=status_of(error))
    except DomainError:
        drafts.keep(db, author=viewer, key=f"reply:{case_id}", fields={"body": data.body}, now=now)
        raise
    drafts.discard(db, author=viewer, key=f"reply:{case_id}")
    if data.then:
        done = (
            _("Replied, and resolved:") if data.then == "resolve" else _("Asked; waiting for the customer:")
        )
        return redirect(request, address(data.back), flash=f"{done} {title}")
    return redirect(request, case_address(case_id, data.back), flash=_("Your reply is posted."))


@router.post("/{case_id:int}/notes")
def add_note(
    request: Request,
    db: Db,
    viewer: Agent,
    now: Now,
    index: Index,
    case_id: RowId,
    form: Annotated[Submission[NoteForm], Depends(submitted(NoteForm))],
) -> Response:
    """Write an internal note."""
    data = form.valid()
    case = escalations.case(db, viewer, case_id)
    try:
        escalations.add_note(db, escalation=case, body=data.body, by=viewer, now=now)
    except (Invalid, Conflict) as error:
        return _held(request, db, index, viewer, case_id, data, error, now=now)
    drafts.discard(db, author=viewer, key=f"note:{case_id}")
    return redirect(
        request, case_address(case_id, data.back), flash=_("The note is saved; only staff see it.")
    )


@router.post("/{case_id:int}/notes/{note_id:int}/edit")
def edit_note(
    request: Request,
    db: Db,
    viewer: Agent,
    now: Now,
    index: Index,
    case_id: RowId,
    note_id: RowId,
    form: Annotated[Submission[NoteForm], Depends(submitted(NoteForm))],
) -> Response:
    """Change a note."""
    data = form.valid()
    note = escalations.note(db, viewer, note_id)
    try:
        escalations.edit_note(db, note=note, body=data.body, by=viewer, now=now)
    except (Invalid, Conflict) as error:
        return _held(request, db, index, viewer, case_id, data, error, now=now)
    return redirect(request, case_address(case_id, data.back), flash=_("The note is changed."))


@router.post("/{case_id:int}/notes/{note_id:int}/remove")
def remove_note(
    request: Request, db: Db, viewer: Agent, now: Now, case_id: RowId, note_id: RowId
) -> Response:
    """Take a note away."""
    escalations.remove_note(db, note=escalations.note(db, viewer, note_id), by=viewer, now=now)
    return redirect(request, case_address(case_id, ""), flash=_("The note is removed."))


@router.get("/{case_id:int}/macro")
def preview_macro(
    request: Request, db: Db, viewer: Agent, settings: Config, case_id: RowId, macro: str = "", back: str = ""
) -> Response:
    """Show what a macro would do, before it is run."""
    found = macros.macro(db, viewer=viewer, macro_id=_number(macro))
    case = escalations.case(db, viewer, case_id)
    return render(request, _preview(db, viewer, case, found, site=settings.base_url, back=back))


@router.post("/{case_id:int}/macro")
def run_macro(
    request: Request,
    db: Db,
    viewer: Agent,
    now: Now,
    settings: Config,
    case_id: RowId,
    form: Annotated[Submission[RunForm], Depends(submitted(RunForm))],
) -> Response:
    """Run a macro: all of it or nothing."""
    data = form.valid()
    found = macros.macro(db, viewer=viewer, macro_id=_number(data.macro))
    case = escalations.case(db, viewer, case_id)
    site, title = settings.base_url, case.question.title
    try:
        macros.run(
            db,
            macro=found,
            escalation=case,
            by=viewer,
            site=site,
            seen=_number(data.seen),
            send_anyway=bool(data.anyway),
            now=now,
        )
    except DomainError as error:
        case = escalations.case(db, viewer, case_id)
        page = _preview(db, viewer, case, found, site=site, back=data.back, error=error)
        return render(request, page, status=status_of(error))
    done = _("Done: %(macro)s.") % {"macro": found.name}
    ends = any(action.do in ("state", "snooze") for action in macros.actions_of(found))
    to = address(data.back) if ends else case_address(case_id, data.back)
    return redirect(request, to, flash=f"{done} {title}" if ends else done)


def _held(
    request: Request,
    db: Db,
    index: SearchIndex,
    viewer: User,
    case_id: int,
    data: NoteForm,
    error: DomainError,
    *,
    now: Now,
) -> Response:
    held = Held(field="note", body=data.body, message=error.message)
    page = case_page(db, index, viewer, case_id, now=now, back=data.back, held=held)
    return render(request, page, status=status_of(error))


def _preview(
    db: Db,
    viewer: User,
    case: Escalation,
    macro: Macro,
    *,
    site: str,
    back: str,
    error: DomainError | None = None,
) -> MacroPreviewPage:
    return MacroPreviewPage(
        case=case,
        macro=macro,
        steps=macros.preview(db, macro=macro, escalation=case, by=viewer, site=site),
        seen=escalations.token(db, case.question_id),
        back=back,
        message=error.message if error else "",
        news=error.news if isinstance(error, escalations.StaleThread) else (),
    )


def _post(db: Db, viewer: User, on: str) -> Question | Answer | None:
    return answers.visible_post(db, viewer=viewer, post_id=_number(on)) if on else None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 11 else 0
