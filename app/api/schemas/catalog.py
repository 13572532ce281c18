"""Products and tags."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pydantic import Field

from app.api.schemas.base import Listing, Out, Site
from app.domain import catalog
from app.models import EnvironmentField, Product, ProductVersion, Tag


class ProductRef(Out):
    """A product beside what is about it."""

    slug: str
    name: str
    kind: str = Field(description="brand, line or model", examples=["model"])
    url: str

    @classmethod
    def of(cls, product: Product, site: Site) -> ProductRef:
        """Write down a product."""
        return cls(slug=product.slug, name=product.name, kind=product.kind, url=site.product(product))


class ProductSummary(ProductRef):
    """A product of the catalog."""

    parent: str | None = Field(description="The slug of the line or brand above it.")
    description: str
    is_retired: bool = Field(description="Nothing new can be asked about it.")
    question_count: int = Field(description="Questions about this very product, without those below it.")
    solved_count: int

    @classmethod
    def in_catalog(cls, product: Product, *, parent: str | None, site: Site) -> ProductSummary:
        """Write down a product with its place in the catalog."""
        return cls(
            **ProductRef.of(product, site).model_dump(),
            parent=parent,
            description=product.description,
            is_retired=product.retired_at is not None,
            question_count=product.question_count,
            solved_count=product.solved_count,
        )


class AskedDetail(Out):
    """A detail that is asked of askers about a product."""

    name: str = Field(description="What `environment` of a new question calls it.", examples=["os"])
    label: str
    kind: str = Field(description="text, choice or version")
    choices: list[str]
    hint: str
    is_required: bool

    @classmethod
    def of(cls, field: EnvironmentField) -> AskedDetail:
        """Write down a field."""
        return cls(
            name=field.name,
            label=field.label,
            kind=field.kind,
            choices=field.choices,
            hint=field.hint,
            is_required=field.is_required,
        )


class Version(Out):
    """A version of a product."""

    name: str
    released_on: date | None


class ProductDetail(ProductSummary):
    """A product with what is above and below it, and what its askers are asked."""

    total_question_count: int = Field(description="Questions about it and everything below it.")
    total_solved_count: int
    above: list[ProductRef] = Field(description="What it belongs to, the brand first.")
    below: list[ProductRef]
    environment: list[AskedDetail]
    versions: list[Version]

    @classmethod
    def whole(
        cls,
        node: catalog.ProductNode,
        *,
        above: Sequence[Product],
        fields: Sequence[EnvironmentField],
        versions: Sequence[ProductVersion],
        site: Site,
    ) -> ProductDetail:
        """Write down a product with everything around it."""
        parent = above[-1].slug if above else None
        return cls(
            **ProductSummary.in_catalog(node.product, parent=parent, site=site).model_dump(),
            total_question_count=node.question_count,
            total_solved_count=node.solved_count,
            above=[ProductRef.of(each, site) for each in above],
            below=[ProductRef.of(each.product, site) for each in node.children],
            environment=[AskedDetail.of(each) for each in fields],
            versions=[Version(name=each.name, released_on=each.released_on) for each in versions],
        )


class ProductList(Listing[ProductSummary]):
    """A page of the catalog."""


class TagSummary(Out):
    """A tag."""

    name: str
    description: str
    question_count: int
    url: str

    @classmethod
    def of(cls, tag: Tag, site: Site) -> TagSummary:
        """Write down a tag."""
        return cls(
            name=tag.name, description=tag.description, question_count=tag.question_count, url=site.tag(tag)
        )


class TagDetail(TagSummary):
    """A tag with those that often stand beside it."""

    related: list[str]


class TagList(Listing[TagSummary]):
    """A page of the tags in use, by name."""
