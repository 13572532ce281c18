"""Changing the catalog. Who may: administrators (checked at the desk); the demo and imports as the system."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.core.db import LOCK, atomic
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.i18n import gettext as _
from app.core.slugs import slug as make_slug
from app.domain import audit, outbox
from app.domain.catalog.events import ProductChanged, TagsMerged
from app.domain.catalog.tags import set_tags
from app.models import EnvironmentField, Product, ProductVersion, Question, QuestionTag, Tag, User

_BELOW = {None: "brand", "brand": "line", "line": "model"}
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FIELD_KINDS = ("text", "choice", "version")


@atomic
def add_product(
    db: Session,
    *,
    name: str,
    now: datetime,
    by: User | None = None,
    parent: Product | None = None,
    description: str = "",
    position: int = 0,
    slug: str = "",
) -> Product:
    """Add a brand (no parent), a line (below a brand) or a model (below a line). `by` None: the system."""
    _require_admin(by)
    kind = _BELOW.get(parent.kind if parent else None)
    if kind is None:
        raise Invalid("parent", _("A model has nothing below it; add versions to it instead."))
    _check_texts(name, description)
    address = slug or make_slug(name)
    if db.exec(select(Product.id).where(Product.slug == address)).first() is not None:
        raise Invalid("name", _("There is a product with the address %(slug)s already.") % {"slug": address})
    row = Product(
        parent_id=parent.id if parent else None,
        kind=kind,
        slug=address,
        name=name.strip(),
        description=description,
        position=position,
        created_at=now,
    )
    db.add(row)
    db.flush()
    if by is not None:
        audit.record(db, by=by, action="product.add", subject=row, now=now)
    outbox.record(db, ProductChanged(by_id=by.id if by else None, product_id=row.id or 0), now=now)
    return row


@atomic
def change_product(
    db: Session, *, product: Product, name: str, description: str, is_retired: bool, by: User, now: datetime
) -> Product:
    """Rename, describe, retire or bring back a product. Its address stays, so no link breaks."""
    _require_admin(by)
    _check_texts(name, description)
    row = db.get_one(Product, product.id, with_for_update=LOCK, populate_existing=True)
    before = {"name": row.name, "description": row.description, "retired": row.retired_at is not None}
    row.name = name.strip()
    row.description = description.strip()
    row.retired_at = (row.retired_at or now) if is_retired else None
    db.add(row)
    db.flush()
    after = {"name": row.name, "description": row.description, "retired": is_retired}
    audit.record(db, by=by, action="product.change", subject=row, before=before, after=after, now=now)
    outbox.record(db, ProductChanged(by_id=by.id, product_id=row.id or 0), now=now)
    return row


@atomic
def add_version(
    db: Session,
    *,
    product: Product,
    name: str,
    now: datetime,
    released_on: date | None = None,
    position: int = 0,
    by: User | None = None,
) -> ProductVersion:
    """Add a version people may have."""
    _require_admin(by)
    if not 0 < len(name.strip()) <= 60:
        raise Invalid("name", _("Give the version a name of at most 60 characters."))
    row = ProductVersion(
        product_id=product.id or 0, name=name.strip(), released_on=released_on, position=position
    )
    _insert(db, row, taken=Invalid("name", _("There is such a version already.")))
    if by is not None:
        after = {"version": row.name}
        audit.record(db, by=by, action="product.add_version", subject=product, after=after, now=now)
    return row


@atomic
def add_environment_field(
    db: Session,
    *,
    product: Product,
    name: str,
    label: str,
    now: datetime,
    kind: str = "text",
    choices: Sequence[str] = (),
    hint: str = "",
    is_required: bool = False,
    position: int = 0,
    by: User | None = None,
) -> EnvironmentField:
    """Add a detail that is asked of everyone who asks about this product or one below it."""
    _require_admin(by)
    _check_field(name, label, kind, choices, hint)
    row = EnvironmentField(
        product_id=product.id or 0,
        name=name,
        label=label,
        kind=kind,
        choices=list(choices),
        hint=hint,
        is_required=is_required,
        position=position,
    )
    _insert(db, row, taken=Invalid("name", _("The product asks for that already.")))
    if by is not None:
        after = {"field": name, "label": label, "required": is_required}
        audit.record(db, by=by, action="product.add_field", subject=product, after=after, now=now)
    return row


@atomic
def describe_tag(db: Session, *, tag: Tag, description: str, now: datetime, by: User | None = None) -> None:
    """Say what a tag is for."""
    if by is not None and not by.is_staff:
        raise NotAllowed(_("Only staff describe tags."))
    if len(description) > 500:
        raise Invalid("description", _("Keep the description below 500 characters."))
    before = {"description": tag.description}
    tag.description = description.strip()
    db.add(tag)
    if by is not None:
        after = {"description": tag.description}
        audit.record(db, by=by, action="tag.describe", subject=tag, before=before, after=after, now=now)


@atomic
def merge_tag(db: Session, *, tag: Tag, into: Tag, now: datetime, by: User | None = None) -> None:
    """Make `tag` a synonym of `into`; its questions get the other tag."""
    _require_admin(by)
    if tag.id == into.id or into.synonym_of_id is not None:
        raise Conflict(_("A tag can only become a synonym of another tag that is no synonym itself."))
    for question_id in db.exec(select(QuestionTag.question_id).where(QuestionTag.tag_id == tag.id)).all():
        present = db.exec(
            select(Tag)
            .join(QuestionTag, col(QuestionTag.tag_id) == col(Tag.id))
            .where(QuestionTag.question_id == question_id)
            .order_by(col(QuestionTag.position))
        ).all()
        wanted = [into if row.id == tag.id else row for row in present if row.id != into.id]
        set_tags(db, question_id=question_id, tags=wanted)
    if by is not None:
        audit.record(db, by=by, action="tag.merge", subject=tag, after={"into": into.name}, now=now)
    tag.synonym_of_id = into.id
    tag.question_count = 0
    into.question_count = _visible_questions(db, into)
    db.add_all([tag, into])
    outbox.record(
        db, TagsMerged(by_id=by.id if by else None, tag_id=tag.id or 0, into_id=into.id or 0), now=now
    )


def _visible_questions(db: Session, tag: Tag) -> int:
    return db.exec(
        select(func.count())
        .select_from(QuestionTag)
        .join(Question, col(Question.id) == col(QuestionTag.question_id))
        .where(QuestionTag.tag_id == tag.id, col(Question.removed_at).is_(None))
    ).one()


def _require_admin(by: User | None) -> None:
    if by is not None and not by.is_admin:
        raise NotAllowed(_("Only administrators change the catalog."))


def _check_texts(name: str, description: str) -> None:
    if not name.strip() or len(name) > 80:
        raise Invalid("name", _("Give the product a name of at most 80 characters."))
    if len(description) > 2000:
        raise Invalid("description", _("Keep the description below 2,000 characters."))


def _check_field(name: str, label: str, kind: str, choices: Sequence[str], hint: str) -> None:
    errors: dict[str, str] = {}
    if not _FIELD_NAME.fullmatch(name):
        errors["name"] = _("Use small letters, digits and _ only, such as error_code: people search by it.")
    if not 0 < len(label.strip()) <= 60:
        errors["label"] = _("Give it a label of at most 60 characters.")
    if kind not in _FIELD_KINDS:
        errors["kind"] = _("Choose what kind of answer it takes.")
    if kind == "choice" and not choices:
        errors["choices"] = _("List what can be chosen, one a line.")
    if len(hint) > 200:
        errors["hint"] = _("Keep the hint below 200 characters.")
    Invalid.raise_if(errors)


def _insert(db: Session, row: ProductVersion | EnvironmentField, *, taken: Invalid) -> None:
    try:
        with db.begin_nested():
            db.add(row)
            db.flush()
    except IntegrityError as error:
        raise taken from error
