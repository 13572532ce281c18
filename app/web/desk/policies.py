"""Policies: how fast questions must be answered, tried in order, with what they said before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.core.errors import DomainError
from app.core.i18n import gettext as _
from app.domain import calendars, catalog, reports, reputation, sla, teams
from app.models import PRIORITIES, Product, SlaPolicy, User
from app.web.deps import Db, Now, RowId
from app.web.desk import zones
from app.web.desk.policy_form import AnyForm, PolicyForm, span_words, terms_of, typed_of
from app.web.desk.roles import Lead, require_lead
from app.web.desk.trying import Tried, scope_of
from app.web.desk.versions import Said, difference
from app.web.errors import status_of
from app.web.forms import Form, Submission, blank, submitted
from app.web.render import Page, redirect, render
from app.web.routers import DeskRouter

router = DeskRouter("/policies", dependencies=[Depends(require_lead)])

Sent = Annotated[Submission[PolicyForm], Depends(submitted(PolicyForm))]


class MoveForm(Form):
    """Which way in the order."""

    to: str = "up"


@dataclass(frozen=True)
class PolicyRow:
    """A policy in the list: whom it is for and how fast, in words."""

    policy: SlaPolicy
    matches: str
    calendar: str
    first_response: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class PoliciesPage(Page):
    """The policies in the order in which they are tried."""

    template = "desk/policies.html"
    rows: Sequence[PolicyRow]
    retired: Sequence[SlaPolicy]
    priorities: Mapping[str, str]
    error: str


@dataclass(frozen=True)
class PolicyPage(Page):
    """One policy, or a new one."""

    template = "desk/policy.html"
    policy: SlaPolicy | None
    metrics: Mapping[str, str]
    priorities: Mapping[str, str]
    pausing: Mapping[str, str]
    ranks: Sequence[str]
    calendars: Sequence[tuple[str, str]]
    products: Sequence[tuple[Product, int]]
    chosen: Mapping[str, Collection[str]]
    history: Sequence[Said]
    form: AnyForm
    what_if: Tried | None


@router.get("")
def index(request: Request, db: Db) -> Response:
    """List the policies in their order."""
    return render(request, _index_page(db))


@router.get("/new")
def new(request: Request, db: Db) -> Response:
    """Begin a policy with what the catch-all says."""
    everything = sla.policies(db)[-1]
    typed = typed_of("", sla.Terms.of(everything.version), {})
    return render(request, _page(db, None, blank(**typed)))


@router.post("")
def add(request: Request, db: Db, viewer: Lead, now: Now, form: Sent) -> Response:
    """Add a policy."""
    try:
        data = form.valid()
        made = sla.add_policy(db, name=data.name, terms=terms_of(db, data), now=now, by=viewer)
    except DomainError as error:
        return render(request, _page(db, None, form.refused(error)), status=status_of(error))
    return redirect(request, f"/desk/policies/{made.id}", flash=_("The policy is added and in force."))


@router.get("/{policy_id}")
def show(request: Request, db: Db, policy_id: RowId) -> Response:
    """Show a policy."""
    return render(request, _page(db, sla.policy(db, policy_id)))


@router.post("/{policy_id}")
def change(request: Request, db: Db, viewer: Lead, now: Now, policy_id: RowId, form: Sent) -> Response:
    """Say something else from now on."""
    policy = sla.policy(db, policy_id)
    try:
        data = form.valid()
        terms = terms_of(db, data)
        is_new = sla.change_policy(db, policy=policy, name=data.name, terms=terms, now=now, by=viewer)
    except DomainError as error:
        return render(request, _page(db, policy, form.refused(error)), status=status_of(error))
    done = _("Saved. Running deadlines move within a minute.") if is_new else _("Saved.")
    return redirect(request, f"/desk/policies/{policy_id}", flash=done)


@router.post("/{policy_id}/what-if")
def what_if(request: Request, db: Db, viewer: Lead, now: Now, policy_id: RowId, form: Sent) -> Response:
    """Show what the recorded past would have looked like; nothing is saved."""
    policy = sla.policy(db, policy_id)
    try:
        data = form.valid()
        terms = terms_of(db, data)
        terms.check()
        found = reports.if_policy_said(
            db,
            viewer,
            policy=policy,
            targets=terms.targets,
            calendar_id=terms.calendar_id,
            scope=scope_of(data.days, now=now),
        )
    except DomainError as error:
        return render(request, _page(db, policy, form.refused(error)), status=status_of(error))
    return render(request, _page(db, policy, form, what_if=Tried.of(found)))


@router.post("/{policy_id}/move")
def move(
    request: Request,
    db: Db,
    viewer: Lead,
    now: Now,
    policy_id: RowId,
    form: Annotated[Submission[MoveForm], Depends(submitted(MoveForm))],
) -> Response:
    """Try a policy earlier or later."""
    policy = sla.policy(db, policy_id)
    try:
        sla.move_policy(db, policy=policy, up=form.valid().to == "up", now=now, by=viewer)
    except DomainError as error:
        return render(request, _index_page(db, error.message), status=status_of(error))
    return redirect(request, "/desk/policies", flash=_("The order is changed."))


@router.post("/{policy_id}/switch-on")
def switch_on(request: Request, db: Db, viewer: Lead, now: Now, policy_id: RowId) -> Response:
    """Let it apply."""
    return _switch(request, db, viewer, now, policy_id, is_enabled=True)


@router.post("/{policy_id}/switch-off")
def switch_off(request: Request, db: Db, viewer: Lead, now: Now, policy_id: RowId) -> Response:
    """Let its questions fall under the next one that fits."""
    return _switch(request, db, viewer, now, policy_id, is_enabled=False)


@router.post("/{policy_id}/retire")
def retire(request: Request, db: Db, viewer: Lead, now: Now, policy_id: RowId) -> Response:
    """Take a policy out of use."""
    return _retire(request, db, viewer, now, policy_id, is_retired=True)


@router.post("/{policy_id}/bring-back")
def bring_back(request: Request, db: Db, viewer: Lead, now: Now, policy_id: RowId) -> Response:
    """Take it back, switched off."""
    return _retire(request, db, viewer, now, policy_id, is_retired=False)


def _switch(
    request: Request, db: Session, viewer: User, now: datetime, policy_id: int, *, is_enabled: bool
) -> Response:
    policy = sla.policy(db, policy_id)
    try:
        sla.switch_policy(db, policy=policy, is_enabled=is_enabled, now=now, by=viewer)
    except DomainError as error:
        return render(request, _index_page(db, error.message), status=status_of(error))
    done = _("The policy is on.") if is_enabled else _("The policy is off.")
    return redirect(request, "/desk/policies", flash=done)


def _retire(
    request: Request, db: Session, viewer: User, now: datetime, policy_id: int, *, is_retired: bool
) -> Response:
    policy = sla.policy(db, policy_id)
    try:
        sla.retire_policy(db, policy=policy, is_retired=is_retired, now=now, by=viewer)
    except DomainError as error:
        return render(request, _index_page(db, error.message), status=status_of(error))
    done = _("The policy is retired.") if is_retired else _("The policy is back, and switched off.")
    return redirect(request, "/desk/policies", flash=done)


def _index_page(db: Session, error: str = "") -> PoliciesPage:
    every = sla.policies(db, with_retired=True)
    products = {product.id: product.name for product in catalog.all_products(db)}
    names = {row.calendar.id: row.calendar.name for row in calendars.listing(db, with_retired=True)}
    rows = [
        PolicyRow(
            policy=each.policy,
            matches=_matches(each, products),
            calendar=names.get(each.version.calendar_id, _("Round the clock")),
            first_response=[
                (priority, span_words(each.version.targets.get(priority, {}).get("first_response")))
                for priority in PRIORITIES
            ],
        )
        for each in every
        if each.policy.retired_at is None
    ]
    retired = [each.policy for each in every if each.policy.retired_at is not None]
    return PoliciesPage(rows=rows, retired=retired, priorities=sla.priority_names(), error=error)


def _matches(each: sla.PolicyInForce, products: Mapping[int | None, str]) -> str:
    if each.policy.is_catch_all:
        return _("everything that no other policy takes")
    said = each.version.matches
    parts = [
        ", ".join(products.get(number, "?") for number in said.get("products", [])),
        ", ".join(f"#{name}" for name in said.get("tags", [])),
        _labelled(
            _("priority"), [sla.priority_names().get(name, name) for name in said.get("priorities", [])]
        ),
        _labelled(_("asker's rank"), said.get("ranks", [])),
    ]
    return _(" and ").join(part for part in parts if part)


def _labelled(label: str, names: Sequence[str]) -> str:
    return f"{label} {', '.join(names)}" if names else ""


def _page(
    db: Session, policy: SlaPolicy | None, form: AnyForm | None = None, *, what_if: Tried | None = None
) -> PolicyPage:
    slugs = {product.id: product.slug for product in catalog.all_products(db)}
    if form is None and policy is not None:
        terms = sla.Terms.of(sla.current(db, policy))
        form = blank(**typed_of(policy.name, terms, slugs))
    shown = form or blank()
    split = ("products", "priorities", "ranks", "pauses_next_reply", "pauses_resolution")
    return PolicyPage(
        policy=policy,
        metrics=sla.metric_names(),
        priorities=sla.priority_names(),
        pausing={
            "waiting_customer": _("while waiting for the customer"),
            "waiting_internal": _("while waiting inside the company"),
            "snoozed": _("while snoozed"),
        },
        ranks=[rank.name for rank in reputation.RANKS],
        calendars=[("", _("Round the clock"))]
        + [(str(row.calendar.id), row.calendar.name) for row in calendars.listing(db)],
        products=catalog.product_options(db),
        chosen={name: shown.values.get(name, "").split(",") for name in split},
        history=_history(db, policy) if policy else [],
        form=shown,
        what_if=what_if,
    )


def _history(db: Session, policy: SlaPolicy) -> list[Said]:
    zone = teams.desk_zone(db)
    said = sla.history(db, policy)
    facts = [sla.facts_of(policy, each.version) for each in said]
    return [
        Said(
            number=each.version.version,
            at=zones.shown(each.version.created_at, zone=zone),
            by=each.by,
            changes=difference(facts[place + 1], facts[place]) if place + 1 < len(said) else [],
        )
        for place, each in enumerate(said)
    ]
