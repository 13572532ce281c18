"""Products and tags."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from app.api import cursors, deps, finished, listing, respond
from app.api.deps import Db
from app.api.routers import ApiRouter
from app.api.schemas.base import Site
from app.api.schemas.catalog import (
    ProductDetail,
    ProductList,
    ProductSummary,
    TagDetail,
    TagList,
    TagSummary,
)
from app.domain import catalog

router = ApiRouter("Catalog")


@router.get("/products", response_model=ProductList)
def list_products(
    request: Request,
    db: Db,
    limit: cursors.Limit = cursors.DEFAULT_SIZE,
    cursor: cursors.Cursor = "",
) -> Response:
    """List the catalog: brands, lines and models, each with what is above it."""
    _share(request)
    place = cursors.read(request, cursor, of="products")
    found = catalog.products_after(db, after=place[0] if place else 0, limit=limit + 1)
    rows, rest = listing.cut(found, limit, lambda row: row.id)
    slugs = catalog.slugs_of(db, [row.parent_id for row in rows if row.parent_id is not None])
    site = Site.of(request)
    documents = [
        ProductSummary.in_catalog(row, parent=slugs.get(row.parent_id or 0), site=site) for row in rows
    ]
    return listing.answer(request, ProductList, documents, place=rest, limit=limit, of="products")


@router.get("/products/{slug}", response_model=ProductDetail)
def get_product(request: Request, db: Db, slug: deps.Name) -> Response:
    """Get a product with what is around it and what its askers are asked."""
    product = catalog.product_by_slug(db, slug)
    _share(request)
    document = ProductDetail.whole(
        catalog.product_node(db, product),
        above=catalog.breadcrumbs(db, product.parent_id),
        fields=catalog.environment_fields(db, product.id),
        versions=catalog.versions(db, product.id),
        site=Site.of(request),
    )
    return respond.show(request, document)


@router.get("/tags", response_model=TagList)
def list_tags(
    request: Request,
    db: Db,
    starting_with: Annotated[str, Query(max_length=60, pattern=cursors.NO_NUL)] = "",
    limit: cursors.Limit = cursors.DEFAULT_SIZE,
    cursor: cursors.Cursor = "",
) -> Response:
    """List the tags in use by name."""
    _share(request)
    place = cursors.read(request, cursor, of="tags")
    after = place[0] if place else ""
    found = catalog.tags_after(db, after=after, starting_with=starting_with, limit=limit + 1)
    rows, rest = listing.cut(found, limit, lambda row: row.name)
    site = Site.of(request)
    documents = [TagSummary.of(row, site) for row in rows]
    return listing.answer(request, TagList, documents, place=rest, limit=limit, of="tags")


@router.get("/tags/{name}", response_model=TagDetail)
def get_tag(request: Request, db: Db, name: deps.Name) -> Response:
    """Get a tag; a synonym gives the tag that it stands for."""
    tag = catalog.shown_tag(db, name)
    _share(request)
    related = [each.name for each in catalog.related_tags(db, tag)]
    document = TagDetail(**TagSummary.of(tag, Site.of(request)).model_dump(), related=related)
    return respond.show(request, document)


def _share(request: Request) -> None:
    finished.share(request, finished.ANYTHING, lasts=finished.CATALOG_LASTS_SECONDS)
