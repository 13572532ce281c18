"""Macros: the list, and the form that makes or changes one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from pydantic import ConfigDict, model_validator
from sqlmodel import Session

from app.core.errors import Invalid
from app.core.i18n import gettext as _
from app.domain import macros, queue, teams
from app.models import Macro, Team, User
from app.web import case_words as words
from app.web.deps import Agent, Db, Now, RowId
from app.web.forms import Form, Submission, submitted
from app.web.render import Page, redirect, render
from app.web.routers import DeskRouter

router = DeskRouter("/macros")

ROWS = 10
SPARE = 3
"""Empty rows below those in use; saving shows more."""


class MacroForm(Form):
    """A macro as typed: the rows come as `do_1`, `text_1`, `do_2` …; nothing else is taken."""

    model_config = ConfigDict(extra="allow")

    name: str = ""
    team: str = ""

    @model_validator(mode="before")
    @classmethod
    def _take_only_rows(cls, values: dict[str, str]) -> dict[str, str]:
        known = {
            *cls.model_fields,
            *(f"{part}_{row}" for row in range(1, ROWS + 1) for part in ("do", "text")),
        }
        for name in values:
            if name not in known:
                raise ValueError(f"there is no field {name}")
        return values

    def actions(self) -> list[macros.Action]:
        """Return the rows that say what to do, in order."""
        extra = {name: str(value) for name, value in (self.__pydantic_extra__ or {}).items()}
        found = []
        for row in range(1, ROWS + 1):
            do, _colon, to = extra.get(f"do_{row}", "").partition(":")
            if do:
                found.append(macros.Action(do, to, extra.get(f"text_{row}", "").strip()))
        return found


@dataclass(frozen=True)
class MacrosPage(Page):
    """All macros that the viewer can run."""

    template = "desk/macros/index.html"
    rows: Sequence[tuple[Macro, Sequence[macros.Step], bool]]
    team_names: Mapping[int, str]


@dataclass(frozen=True)
class MacroPage(Page):
    """The form of a macro; without `macro` a new one."""

    template = "desk/macros/edit.html"
    macro: Macro | None
    form: Submission[MacroForm] | Submission[Form]
    rows: Sequence[tuple[int, str, str]]
    choices: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    variables: Mapping[str, str]
    teams: Sequence[Team]


@router.get("")
def index(request: Request, db: Db, viewer: Agent) -> Response:
    """List the macros."""
    found = macros.listing(db, viewer=viewer)
    rows = [(macro, macros.as_written(macro), macros.may_change(viewer, macro)) for macro in found]
    names = {team.id or 0: team.name for team in queue.teams(db)}
    return render(request, MacrosPage(rows=rows, team_names=names))


@router.get("/new")
def blank(request: Request, db: Db, viewer: Agent) -> Response:  # noqa: ARG001 (for everybody else it is not there)
    """Show an empty form."""
    return render(request, _page(db, None, Submission(data=None)))


@router.post("/new")
def create(
    request: Request,
    db: Db,
    viewer: Agent,
    now: Now,
    form: Annotated[Submission[MacroForm], Depends(submitted(MacroForm))],
) -> Response:
    """Make a macro."""
    try:
        data = form.valid()
        macros.create(
            db, by=viewer, name=data.name, actions=data.actions(), team=_team(db, data.team), now=now
        )
    except Invalid as error:
        return render(request, _page(db, None, form.refused(error)), status=422)
    return redirect(request, "/desk/macros", flash=_("The macro is saved."))


@router.get("/{macro_id:int}")
def show(request: Request, db: Db, viewer: Agent, macro_id: RowId) -> Response:
    """Show the form of a macro."""
    macro = _changeable(db, viewer, macro_id)
    return render(request, _page(db, macro, Submission(data=None, values=_values(db, macro))))


@router.post("/{macro_id:int}")
def change(
    request: Request,
    db: Db,
    viewer: Agent,
    now: Now,
    macro_id: RowId,
    form: Annotated[Submission[MacroForm], Depends(submitted(MacroForm))],
) -> Response:
    """Change a macro."""
    macro = _changeable(db, viewer, macro_id)
    try:
        data = form.valid()
        team = _team(db, data.team)
        macros.change(db, macro=macro, by=viewer, name=data.name, actions=data.actions(), team=team, now=now)
    except Invalid as error:
        shown = macros.macro(db, viewer=viewer, macro_id=macro_id)
        return render(request, _page(db, shown, form.refused(error)), status=422)
    return redirect(request, "/desk/macros", flash=_("The macro is saved."))


@router.post("/{macro_id:int}/retire")
def retire(request: Request, db: Db, viewer: Agent, now: Now, macro_id: RowId) -> Response:
    """Take a macro out of use."""
    macros.retire(db, macro=_changeable(db, viewer, macro_id), by=viewer, now=now)
    return redirect(request, "/desk/macros", flash=_("The macro is gone."))


def _changeable(db: Session, viewer: User, macro_id: int) -> Macro:
    return macros.changeable(db, viewer=viewer, macro_id=macro_id)


def _team(db: Session, slug: str) -> Team | None:
    return teams.by_slug(db, slug) if slug else None


def _values(db: Session, macro: Macro) -> dict[str, str]:
    by_id = {team.id: team.slug for team in queue.teams(db)}
    values = {"name": macro.name, "team": by_id.get(macro.team_id, "")}
    for row, action in enumerate(macros.actions_of(macro), start=1):
        values[f"do_{row}"] = f"{action.do}:{action.to}" if action.to else action.do
        values[f"text_{row}"] = action.text
    return values


def _page(db: Session, macro: Macro | None, form: Submission[MacroForm] | Submission[Form]) -> MacroPage:
    used = [
        row for row in range(1, ROWS + 1) if form.values.get(f"do_{row}") or form.values.get(f"text_{row}")
    ]
    shown = min(ROWS, max(used, default=0) + SPARE)
    return MacroPage(
        macro=macro,
        form=form,
        rows=[
            (row, form.values.get(f"do_{row}", ""), form.values.get(f"text_{row}", ""))
            for row in range(1, shown + 1)
        ],
        choices=_choices(),
        variables=macros.variables(),
        teams=queue.teams(db),
    )


def _choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what a row can do, in groups."""
    priorities = [(f"priority:{value}", text) for value, text in words.priorities().items()]
    return [
        (_("Write"), [("reply", _("Public reply")), ("note", _("Internal note"))]),
        (_("Tags"), [("tags", _("Add tags (text: names, with commas)"))]),
        (_("Priority"), priorities),
        (
            _("Owner"),
            [
                ("assign:me", _("Assign to me")),
                ("assign:nobody", _("Put back into the queue")),
                ("assign:person", _("Assign to (text: handle)")),
            ],
        ),
        (
            _("Snooze"),
            [
                ("snooze:1h", _("For an hour")),
                ("snooze:4h", _("For four hours")),
                ("snooze:tomorrow", _("Until tomorrow, 9:00")),
                ("snooze:monday", _("Until Monday, 9:00")),
            ],
        ),
        (_("State"), [("state:wait", _("Wait for the customer")), ("state:resolve", _("Resolve"))]),
    ]
