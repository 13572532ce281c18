"""The catalog: products (brand, line, model) with versions and environment fields, and tags.

Owns products, tags and their question counts. Promises: a question's counts move in the same
transaction as the question.
"""

from app.domain.catalog.counts import counting
from app.domain.catalog.events import ProductChanged, TagsMerged
from app.domain.catalog.queries import (
    ProductNode,
    all_products,
    breadcrumbs,
    descendant_ids,
    environment_fields,
    names_of,
    popular_tags,
    product,
    product_by_slug,
    product_choices,
    product_node,
    product_options,
    product_tree,
    products_after,
    related_tags,
    shown_tag,
    slugs_of,
    tag_by_name,
    tags_after,
    tags_page,
    tags_starting_with,
    versions,
)
from app.domain.catalog.service import (
    add_environment_field,
    add_product,
    add_version,
    change_product,
    describe_tag,
    merge_tag,
)
from app.domain.catalog.tags import TAGS_AT_MOST, ensure_tags, parse_tags, set_tags

__all__ = [
    "TAGS_AT_MOST",
    "ProductChanged",
    "ProductNode",
    "TagsMerged",
    "add_environment_field",
    "add_product",
    "add_version",
    "all_products",
    "breadcrumbs",
    "change_product",
    "counting",
    "descendant_ids",
    "describe_tag",
    "ensure_tags",
    "environment_fields",
    "merge_tag",
    "names_of",
    "parse_tags",
    "popular_tags",
    "product",
    "product_by_slug",
    "product_choices",
    "product_node",
    "product_options",
    "product_tree",
    "products_after",
    "related_tags",
    "set_tags",
    "shown_tag",
    "slugs_of",
    "tag_by_name",
    "tags_after",
    "tags_page",
    "tags_starting_with",
    "versions",
]
