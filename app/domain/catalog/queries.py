"""Reading the catalog."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, bindparam, func
from sqlmodel import Session, col, select

from app.core.errors import NotFound
from app.core.paging import PageOf, offset_of, page_of
from app.models import EnvironmentField, Product, ProductVersion, Question, QuestionTag, Tag

TAGS_A_PAGE = 60
CHOICES_AT_MOST = 24
SAMPLE = 300

# Kept: each page of results asks for it.
_NAMES = select(Product.slug, Product.name).where(col(Product.slug).in_(bindparam("slugs", expanding=True)))


@dataclass
class ProductNode:
    """A product with those below it; the counts include them."""

    product: Product
    question_count: int
    solved_count: int
    children: list[ProductNode] = field(default_factory=list)

    @property
    def id(self) -> int | None:
        """The product's id."""
        return self.product.id

    @property
    def name(self) -> str:
        """The product's name."""
        return self.product.name

    @property
    def slug(self) -> str:
        """The product's address."""
        return self.product.slug

    @property
    def kind(self) -> str:
        """brand, line or model."""
        return self.product.kind


def product(db: Session, product_id: int) -> Product:
    """Return a product by id; raise NotFound."""
    found = db.get(Product, product_id)
    if found is None:
        raise NotFound
    return found


def product_by_slug(db: Session, slug: str) -> Product:
    """Return a product by its address; raise NotFound."""
    found = db.exec(select(Product).where(Product.slug == slug)).first()
    if found is None:
        raise NotFound
    return found


def all_products(db: Session) -> Sequence[Product]:
    """Return the whole catalog, in its order: it is small."""
    return db.exec(select(Product).order_by(col(Product.position), col(Product.name))).all()


def products_after(db: Session, *, after: int, limit: int) -> Sequence[Product]:
    """Return the next products of the catalog in the order of their ids; `after` is the last one that was shown."""
    return db.exec(
        select(Product).where(col(Product.id) > after).order_by(col(Product.id)).limit(limit)
    ).all()


def slugs_of(db: Session, product_ids: Collection[int]) -> dict[int, str]:
    """Return the addresses of products by id."""
    rows = db.exec(select(Product.id, Product.slug).where(col(Product.id).in_(product_ids)))
    return {number or 0: slug for number, slug in rows}


def names_of(db: Session, slugs: Collection[str]) -> dict[str, str]:
    """Return the names of products by address."""
    return dict(db.exec(_NAMES, params={"slugs": list(slugs)}).all()) if slugs else {}


def product_tree(db: Session, *, with_retired: bool = False) -> list[ProductNode]:
    """Return the brands with everything below them, retired products left out unless asked for."""
    nodes = {row.id: ProductNode(row, row.question_count, row.solved_count) for row in all_products(db)}
    brands: list[ProductNode] = []
    for node in nodes.values():
        if node.product.retired_at is not None and not with_retired:
            continue
        parent = nodes.get(node.product.parent_id)
        (parent.children if parent else brands).append(node)
    for brand in brands:
        _add_up(brand)
    return brands


def product_node(db: Session, wanted: Product) -> ProductNode:
    """Return one product with those below it and the counts of all of them."""
    found = (node for node in _walk(product_tree(db)) if node.id == wanted.id)
    return next(found, ProductNode(wanted, wanted.question_count, wanted.solved_count))


def product_choices(db: Session, *, inside: Product | None, find: str) -> list[ProductNode]:
    """Return what to choose from: products whose name holds `find`, or what is inside one, or all lines."""
    brands = product_tree(db)
    if find.strip():
        words = find.casefold().split()
        found = [node for node in _walk(brands) if all(word in node.name.casefold() for word in words)]
        return found[:CHOICES_AT_MOST]
    if inside is not None:
        return next((node.children for node in _walk(brands) if node.id == inside.id), [])
    return [node for brand in brands for node in (brand.children or [brand])]


def product_options(db: Session, *, with_retired: bool = False) -> list[tuple[Product, int]]:
    """Return what a question can be asked about, each with its depth (0 for a brand), for a select field."""
    options: list[tuple[Product, int]] = []

    def walk(nodes: list[ProductNode], depth: int) -> None:
        for node in nodes:
            options.append((node.product, depth))
            walk(node.children, depth + 1)

    walk(product_tree(db, with_retired=with_retired), 0)
    return options


def breadcrumbs(db: Session, product_id: int | None) -> list[Product]:
    """Return the product and what is above it, the brand first."""
    trail: list[Product] = []
    while product_id is not None:
        found = product(db, product_id)
        trail.insert(0, found)
        product_id = found.parent_id
    return trail


def descendant_ids(db: Session, product_id: int) -> list[int]:
    """Return the ids of the product and of all below it."""
    children: dict[int | None, list[int]] = {}
    for row_id, parent_id in db.exec(select(Product.id, Product.parent_id)):
        children.setdefault(parent_id, []).append(row_id or 0)
    found, waiting = [], [product_id]
    while waiting:
        present = waiting.pop()
        found.append(present)
        waiting.extend(children.get(present, []))
    return found


def environment_fields(db: Session, product_id: int | None) -> list[EnvironmentField]:
    """Return what is asked of askers about this product: its own fields and those of the products above it."""
    trail = [row.id for row in breadcrumbs(db, product_id)]
    rows = db.exec(
        select(EnvironmentField)
        .where(col(EnvironmentField.product_id).in_(trail))
        .order_by(col(EnvironmentField.position), col(EnvironmentField.id))
    ).all()
    nearest: dict[str, EnvironmentField] = {}
    for row in sorted(rows, key=lambda item: trail.index(item.product_id)):
        nearest[row.name] = row  # a model's own field replaces its line's
    return sorted(nearest.values(), key=lambda item: (item.position, item.id or 0))


def versions(db: Session, product_id: int | None) -> Sequence[ProductVersion]:
    """Return the versions of a product and of what is above it, newest first."""
    trail = [row.id for row in breadcrumbs(db, product_id)]
    return db.exec(
        select(ProductVersion)
        .where(col(ProductVersion.product_id).in_(trail))
        .order_by(col(ProductVersion.position), col(ProductVersion.id).desc())
    ).all()


def tag_by_name(db: Session, name: str) -> Tag:
    """Return a tag; for a synonym the tag it stands for. Raise NotFound."""
    found = db.exec(select(Tag).where(Tag.name == name.casefold())).first()
    if found is None:
        raise NotFound
    return db.get_one(Tag, found.synonym_of_id) if found.synonym_of_id is not None else found


def shown_tag(db: Session, name: str) -> Tag:
    """Return a tag that anybody may know of. Raise NotFound, also where all its questions are removed.

    What only a removed question calls itself is not for others; what staff have described is.
    """
    tag = tag_by_name(db, name)
    if not tag.question_count and not tag.description:
        raise NotFound
    return tag


def popular_tags(db: Session, *, limit: int = 20) -> Sequence[Tag]:
    """Return the tags with most questions."""
    return db.exec(
        select(Tag)
        .where(Tag.question_count > 0)
        .order_by(col(Tag.question_count).desc(), col(Tag.id).desc())
        .limit(limit)
    ).all()


def tags_page(db: Session, *, starting_with: str = "", by_name: bool = False, page: int = 1) -> PageOf[Tag]:
    """Return a page of the tags in use, most used first or by name; of those with a given beginning."""
    statement = select(Tag).where(col(Tag.synonym_of_id).is_(None), Tag.question_count > 0)
    if starting_with:
        statement = statement.where(_begins(starting_with))
    if by_name:
        statement = statement.order_by(col(Tag.name))
    else:
        statement = statement.order_by(col(Tag.question_count).desc(), col(Tag.id).desc())
    rows = db.exec(statement.offset(offset_of(page, TAGS_A_PAGE)).limit(TAGS_A_PAGE + 1)).all()
    return page_of(rows, number=page, size=TAGS_A_PAGE)


def tags_after(db: Session, *, after: str, starting_with: str = "", limit: int) -> Sequence[Tag]:
    """Return the next tags in use by name; `after` is the name of the last one that was shown."""
    statement = select(Tag).where(
        col(Tag.synonym_of_id).is_(None), Tag.question_count > 0, col(Tag.name) > after
    )
    if starting_with:
        statement = statement.where(_begins(starting_with))
    return db.exec(statement.order_by(col(Tag.name)).limit(limit)).all()


def related_tags(db: Session, tag: Tag, *, limit: int = 8) -> Sequence[Tag]:
    """Return the tags that most often stand beside this one, judged by its newest questions."""
    newest = (
        select(QuestionTag.question_id)
        .join(Question, col(Question.id) == QuestionTag.question_id)
        .where(QuestionTag.tag_id == tag.id, col(Question.removed_at).is_(None))
        .order_by(col(QuestionTag.question_id).desc())
        .limit(SAMPLE)
        .subquery()
    )
    return db.exec(
        select(Tag)
        .join(QuestionTag, col(QuestionTag.tag_id) == col(Tag.id))
        .join(newest, newest.c.question_id == QuestionTag.question_id)
        .where(col(Tag.id) != tag.id, Tag.question_count > 0)
        .group_by(*Tag.__table__.columns)  # type: ignore[attr-defined]
        .order_by(func.count().desc(), col(Tag.name))
        .limit(limit)
    ).all()


def tags_starting_with(db: Session, beginning: str, *, limit: int = 8) -> Sequence[Tag]:
    """Return tags to complete what is being typed."""
    return db.exec(
        select(Tag)
        .where(_begins(beginning), col(Tag.synonym_of_id).is_(None))
        .order_by(col(Tag.question_count).desc())
        .limit(limit)
    ).all()


def _walk(nodes: Sequence[ProductNode]) -> Iterator[ProductNode]:
    for node in nodes:
        yield node
        yield from _walk(node.children)


def _begins(beginning: str) -> ColumnElement[bool]:
    first = beginning.casefold()
    # A range, not LIKE: it uses the index of names on both databases, and % and _ mean nothing in it.
    return and_(col(Tag.name) >= first, col(Tag.name) < first + "\U0010ffff")


def _add_up(node: ProductNode) -> None:
    for child in node.children:
        _add_up(child)
        node.question_count += child.question_count
        node.solved_count += child.solved_count
