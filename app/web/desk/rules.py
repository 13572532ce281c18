"""What brings questions to staff: the rules and starting days, for all products or for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.core.errors import DomainError, Invalid
from app.core.i18n import gettext as _
from app.domain import catalog, entry_rules, teams
from app.models import Product, User
from app.web.deps import Db, Now
from app.web.desk import zones
from app.web.desk.roles import Lead, require_lead
from app.web.errors import status_of
from app.web.forms import Form, Submission, blank, submitted
from app.web.render import Page, redirect, render
from app.web.routers import DeskRouter

router = DeskRouter("/rules", dependencies=[Depends(require_lead)])


class RuleForm(Form):
    """A rule as typed; `act` is "set", or "inherit" to take back what is set here."""

    code: str = ""
    is_enabled: str = ""
    amount: str = ""
    act: str = "set"


class StartForm(Form):
    """The day from which rules count, in the desk's time zone; `act` as above."""

    starts_at: str = ""
    act: str = "set"


@dataclass(frozen=True)
class RuleRow:
    """A rule as it holds, with what was typed when it was refused. `origin` says where it comes from."""

    rule: entry_rules.Rule
    words: str
    unit: str
    is_own: bool
    origin: str
    amount: str
    error: str

    @property
    def code(self) -> str:
        """The rule's name in the code."""
        return self.rule.kind.code


@dataclass(frozen=True)
class RulesPage(Page):
    """The rules for all, or for one product."""

    template = "desk/rules.html"
    product: Product | None
    trail: Sequence[Product]
    rules: Sequence[RuleRow]
    start: str
    start_form: Submission[StartForm] | Submission[Form]
    start_is_own: bool
    start_origin: str
    zone: str
    products: Sequence[tuple[Product, int]]
    own_slugs: frozenset[str]


def rule_words() -> dict[str, str]:
    """Return what each rule says."""
    return {
        "unanswered": _("Nobody but the asker has answered for some time"),
        "asker_waiting": _("The asker spoke last, and it is not solved, for some time"),
        "not_helpful": _("After a day no answer has a vote, or the asker says that none helped"),
        "acceptance_withdrawn": _("An accepted answer was un-accepted"),
        "many_affected": _("Several people have the problem, too, within a week"),
        "trusted_request": _("A trusted member asks for staff, a few times a day"),
        "by_staff": _("Staff escalate it by hand"),
        "by_api": _("A product site escalates it"),
    }


def unit_words() -> dict[str, str]:
    """Return what a rule's amount counts."""
    return {
        "": "",
        "minutes": _("business minutes"),
        "people": _("people"),
        "requests": _("a day for each member"),
    }


@router.get("")
def index(request: Request, db: Db) -> Response:
    """Show the rules for all."""
    return render(request, _page(db, None))


@router.get("/for/{slug}")
def show(request: Request, db: Db, slug: str) -> Response:
    """Show the rules for a product."""
    return render(request, _page(db, catalog.product_by_slug(db, slug)))


@router.post("")
def set_rule_for_all(
    request: Request,
    db: Db,
    viewer: Lead,
    now: Now,
    form: Annotated[Submission[RuleForm], Depends(submitted(RuleForm))],
) -> Response:
    """Set a rule for all."""
    return _set_rule(request, db, viewer, None, now, form)


@router.post("/for/{slug}")
def set_rule(
    request: Request,
    db: Db,
    viewer: Lead,
    slug: str,
    now: Now,
    form: Annotated[Submission[RuleForm], Depends(submitted(RuleForm))],
) -> Response:
    """Set a rule for a product and those below it, or let what is above hold again."""
    return _set_rule(request, db, viewer, catalog.product_by_slug(db, slug), now, form)


@router.post("/start")
def set_start_for_all(
    request: Request,
    db: Db,
    viewer: Lead,
    now: Now,
    form: Annotated[Submission[StartForm], Depends(submitted(StartForm))],
) -> Response:
    """Set from when on the rules count."""
    return _set_start(request, db, viewer, None, now, form)


@router.post("/for/{slug}/start")
def set_start(
    request: Request,
    db: Db,
    viewer: Lead,
    slug: str,
    now: Now,
    form: Annotated[Submission[StartForm], Depends(submitted(StartForm))],
) -> Response:
    """Set from when on the rules count for a product and those below it."""
    return _set_start(request, db, viewer, catalog.product_by_slug(db, slug), now, form)


def address(product: Product | None) -> str:
    """Return the address of the rules for a product, or for all."""
    return f"/desk/rules/for/{product.slug}" if product else "/desk/rules"


def _set_rule(
    request: Request,
    db: Session,
    viewer: User,
    product: Product | None,
    now: Now,
    form: Submission[RuleForm],
) -> Response:
    try:
        data = form.valid()
        if data.act == "inherit":
            entry_rules.inherit(db, product=product, code=data.code, by=viewer, now=now)
        else:
            entry_rules.set_rule(
                db,
                product=product,
                code=data.code,
                is_enabled=bool(data.is_enabled),
                amount=_number(data.amount),
                by=viewer,
                now=now,
            )
    except DomainError as error:
        page = _page(db, product, refused=form.refused(error))
        return render(request, page, status=status_of(error))
    return redirect(request, address(product), flash=_("Saved. What waits is planned anew."))


def _set_start(
    request: Request,
    db: Session,
    viewer: User,
    product: Product | None,
    now: Now,
    form: Submission[StartForm],
) -> Response:
    zone = teams.desk_zone(db)
    try:
        data = form.valid()
        if data.act == "inherit":
            entry_rules.inherit_start(db, product=product, by=viewer, now=now)
        else:
            starts_at = zones.typed(data.starts_at, field="starts_at", zone=zone)
            entry_rules.set_start(db, product=product, starts_at=starts_at, by=viewer, now=now)
    except DomainError as error:
        page = _page(db, product, start_form=form.refused(error))
        return render(request, page, status=status_of(error))
    return redirect(request, address(product), flash=_("Saved. What waits is planned anew."))


def _number(typed: str) -> int | None:
    if not typed.strip():
        return None
    if not typed.strip().isdecimal():
        raise Invalid("amount", _("Write a whole number."))
    return int(typed.strip()[:9])


def _page(
    db: Session,
    product: Product | None,
    *,
    refused: Submission[RuleForm] | None = None,
    start_form: Submission[StartForm] | None = None,
) -> RulesPage:
    product_id = product.id if product else None
    own = entry_rules.own_of(db, product)
    start, zone = entry_rules.start_for(db, product_id), teams.desk_zone(db)
    rules = entry_rules.rules_for(db, product_id)
    return RulesPage(
        product=product,
        trail=catalog.breadcrumbs(db, product_id),
        rules=[_row(rule, is_own=code in own.codes, refused=refused) for code, rule in rules.items()],
        start=zones.shown(start.starts_at, zone=zone),
        start_form=start_form or blank(starts_at=zones.editable(start.starts_at, zone=zone)),
        start_is_own=own.has_start,
        start_origin=start.source.name if start.source else _("all products"),
        zone=zone,
        products=catalog.product_options(db),
        own_slugs=frozenset(row.slug for row in entry_rules.products_with_their_own(db)),
    )


def _row(rule: entry_rules.Rule, *, is_own: bool, refused: Submission[RuleForm] | None) -> RuleRow:
    is_refused = refused is not None and refused.values.get("code") == rule.kind.code
    typed = refused.values.get("amount", "") if refused and is_refused else None
    for_all = _("as it comes") if rule.is_default else _("all products")
    return RuleRow(
        rule=rule,
        words=rule_words()[rule.kind.code],
        unit=unit_words()[rule.kind.unit],
        is_own=is_own,
        origin=rule.source.name if rule.source else for_all,
        amount=typed if typed is not None else str(rule.amount or ""),
        error=next(iter(refused.errors.values()), "") if refused and is_refused else "",
    )
