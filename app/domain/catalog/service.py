"""Changing the catalog. Who may: administrators (checked at the desk); the demo and imports as the system."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.core.db import atomic
from app.core.errors import Conflict, Invalid, NotAllowed
from app.core.i18n import gettext as _
from app.core.slugs import slug as make_slug
from app.domain import outbox
from app.domain.catalog.events import ProductChanged, TagsMerged
from app.domain.catalog.tags import set_tags
from app.models import EnvironmentField, Product, ProductVersion, Question, QuestionTag, Tag, User

_BELOW = {None: "brand", "brand": "line", "line": "model"}


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
    if not name.strip() or len(name) > 80:
        raise Invalid("name", _("Give the product a name of at most 80 characters."))
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
    outbox.record(db, ProductChanged(by_id=by.id if by else None, product_id=row.id or 0), now=now)
    return row


@atomic
def add_version(
    db: Session,
    *,
    product: Product,
    name: str,
    released_on: date | None = None,
    position: int = 0,
    by: User | None = None,
) -> ProductVersion:
    """Add a version people may have."""
    _require_admin(by)
    row = ProductVersion(
        product_id=product.id or 0, name=name.strip(), released_on=released_on, position=position
    )
    db.add(row)
    db.flush()
    return row


@atomic
def add_environment_field(
    db: Session,
    *,
    product: Product,
    name: str,
    label: str,
    kind: str = "text",
    choices: Sequence[str] = (),
    hint: str = "",
    is_required: bool = False,
    position: int = 0,
    by: User | None = None,
) -> EnvironmentField:
    """Add a detail that is asked of everyone who asks about this product or one below it."""
    _require_admin(by)
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
    db.add(row)
    db.flush()
    return row


@atomic
def describe_tag(db: Session, *, tag: Tag, description: str, by: User | None = None) -> None:
    """Say what a tag is for."""
    if by is not None and not by.is_staff:
        raise NotAllowed(_("Only staff describe tags."))
    if len(description) > 500:
        raise Invalid("description", _("Keep the description below 500 characters."))
    tag.description = description.strip()
    db.add(tag)


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
