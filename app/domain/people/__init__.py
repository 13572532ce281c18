"""People: members as others see them.

Reads users; changes nothing (accounts does).
"""

from app.domain.people.queries import by_handle, experts_on_products, experts_on_tag

__all__ = ["by_handle", "experts_on_products", "experts_on_tag"]
