"""People: members as others see them.

Reads users; changes nothing (accounts does). Promises: a deleted account is in no list and has no page.
"""

from app.domain.people.queries import (
    SORTS,
    Profile,
    by_former_handle,
    by_handle,
    experts_on_products,
    experts_on_tag,
    listing,
    profile,
)

__all__ = [
    "SORTS",
    "Profile",
    "by_former_handle",
    "by_handle",
    "experts_on_products",
    "experts_on_tag",
    "listing",
    "profile",
]
