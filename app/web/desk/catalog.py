"""The catalog: brands, lines and models, their versions, and what they ask of askers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from app.core.errors import DomainError
from app.core.i18n import gettext as _
from app.domain import catalog
from app.models import EnvironmentField, Product, ProductVersion
from app.web.deps import Admin, Db, Now, require_admin
from app.web.errors import status_of
from app.web.forms import Form, Submission, blank, submitted
from app.web.render import Page, redirect, render
from app.web.routers import DeskRouter

router = DeskRouter("/catalog", dependencies=[Depends(require_admin)])


class ProductForm(Form):
    """A product below another one (or a brand), as typed."""

    name: str = ""
    description: str = ""


class DescriptionForm(Form):
    """What a product is called and about, and whether it is still offered to askers."""

    name: str = ""
    description: str = ""
    is_retired: str = ""


class VersionForm(Form):
    """A version as typed."""

    name: str = ""


class FieldForm(Form):
    """A detail that askers are asked for, as typed; choices one a line."""

    name: str = ""
    label: str = ""
    kind: str = "text"
    choices: str = ""
    hint: str = ""
    is_required: str = ""


AnyForm = (
    Submission[ProductForm]
    | Submission[DescriptionForm]
    | Submission[VersionForm]
    | Submission[FieldForm]
    | Submission[Form]
)


@dataclass(frozen=True)
class CatalogPage(Page):
    """All products."""

    template = "desk/catalog.html"
    products: Sequence[tuple[Product, int]]
    form: AnyForm


@dataclass(frozen=True)
class DeskProductPage(Page):
    """One product with everything that can be changed about it."""

    template = "desk/product.html"
    product: Product
    trail: Sequence[Product]
    children: Sequence[Product]
    versions: Sequence[ProductVersion]
    fields: Sequence[EnvironmentField]
    kinds: Sequence[tuple[str, str]]
    below: str
    forms: dict[str, AnyForm]


@router.get("")
def index(request: Request, db: Db) -> Response:
    """List the products."""
    return render(request, _index_page(db, blank()))


@router.post("")
def add_brand(
    request: Request,
    db: Db,
    viewer: Admin,
    now: Now,
    form: Annotated[Submission[ProductForm], Depends(submitted(ProductForm))],
) -> Response:
    """Add a brand."""
    try:
        data = form.valid()
        made = catalog.add_product(db, name=data.name, description=data.description, by=viewer, now=now)
    except DomainError as error:
        return render(request, _index_page(db, form.refused(error)), status=status_of(error))
    return redirect(request, f"/desk/catalog/{made.slug}", flash=_("The brand is added."))


@router.get("/{slug}")
def show(request: Request, db: Db, slug: str) -> Response:
    """Show a product."""
    return render(request, _page(db, slug))


@router.post("/{slug}")
def describe(
    request: Request,
    db: Db,
    viewer: Admin,
    slug: str,
    now: Now,
    form: Annotated[Submission[DescriptionForm], Depends(submitted(DescriptionForm))],
) -> Response:
    """Rename, describe, retire or bring back a product; its address stays."""
    product = catalog.product_by_slug(db, slug)
    try:
        data = form.valid()
        catalog.change_product(
            db,
            product=product,
            name=data.name,
            description=data.description,
            is_retired=bool(data.is_retired),
            by=viewer,
            now=now,
        )
    except DomainError as error:
        page = _page(db, slug, describe=form.refused(error))
        return render(request, page, status=status_of(error))
    return redirect(request, f"/desk/catalog/{slug}", flash=_("Saved."))


@router.post("/{slug}/below")
def add_below(
    request: Request,
    db: Db,
    viewer: Admin,
    slug: str,
    now: Now,
    form: Annotated[Submission[ProductForm], Depends(submitted(ProductForm))],
) -> Response:
    """Add a line below a brand, or a model below a line."""
    product = catalog.product_by_slug(db, slug)
    try:
        data = form.valid()
        made = catalog.add_product(
            db, name=data.name, description=data.description, parent=product, by=viewer, now=now
        )
    except DomainError as error:
        return render(request, _page(db, slug, below=form.refused(error)), status=status_of(error))
    return redirect(request, f"/desk/catalog/{made.slug}", flash=_("It is added."))


@router.post("/{slug}/versions")
def add_version(
    request: Request,
    db: Db,
    viewer: Admin,
    slug: str,
    now: Now,
    form: Annotated[Submission[VersionForm], Depends(submitted(VersionForm))],
) -> Response:
    """Add a version."""
    product = catalog.product_by_slug(db, slug)
    try:
        catalog.add_version(db, product=product, name=form.valid().name, by=viewer, now=now)
    except DomainError as error:
        return render(request, _page(db, slug, version=form.refused(error)), status=status_of(error))
    return redirect(request, f"/desk/catalog/{slug}", flash=_("The version is added."))


@router.post("/{slug}/fields")
def add_field(
    request: Request,
    db: Db,
    viewer: Admin,
    slug: str,
    now: Now,
    form: Annotated[Submission[FieldForm], Depends(submitted(FieldForm))],
) -> Response:
    """Add a detail that is asked of everyone who asks about the product or one below it."""
    product = catalog.product_by_slug(db, slug)
    try:
        data = form.valid()
        catalog.add_environment_field(
            db,
            product=product,
            name=data.name,
            label=data.label,
            kind=data.kind,
            choices=[line.strip() for line in data.choices.splitlines() if line.strip()],
            hint=data.hint,
            is_required=bool(data.is_required),
            by=viewer,
            now=now,
        )
    except DomainError as error:
        return render(request, _page(db, slug, field=form.refused(error)), status=status_of(error))
    return redirect(request, f"/desk/catalog/{slug}", flash=_("Askers are asked for it from now on."))


def _index_page(db: Session, form: AnyForm) -> CatalogPage:
    return CatalogPage(products=catalog.product_options(db, with_retired=True), form=form)


def _page(db: Session, slug: str, **forms: AnyForm) -> DeskProductPage:
    product = catalog.product_by_slug(db, slug)
    trail = catalog.breadcrumbs(db, product.id)
    present = blank(
        name=product.name,
        description=product.description,
        is_retired="1" if product.retired_at is not None else "",
    )
    start: dict[str, AnyForm] = {
        "describe": present,
        "below": blank(),
        "version": blank(),
        "field": blank(kind="text"),
    }
    return DeskProductPage(
        product=product,
        trail=trail,
        children=[row for row in catalog.all_products(db) if row.parent_id == product.id],
        versions=catalog.versions(db, product.id),
        fields=catalog.environment_fields(db, product.id),
        kinds=[
            ("text", _("Free text")),
            ("choice", _("A choice")),
            ("version", _("A version of the product")),
        ],
        below={"brand": _("line"), "line": _("model")}.get(product.kind, ""),
        forms={**start, **forms},
    )
