"""Authors as pages show them: with rank and what they are known for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session

from app.core.i18n import ngettext
from app.domain import reputation
from app.models import Product, User


@dataclass(frozen=True)
class AuthorView:
    """A member beside a post. `expertise` holds short texts ("12 solutions on XPS 13")."""

    id: int
    display_name: str
    handle: str
    reputation: int
    is_staff: bool
    rank: str
    expertise: list[str]


def author_views(db: Session, members: Iterable[User], *, product: Product | None) -> dict[int, AuthorView]:
    """Return the members by id, with their accepted answers on the product: one query for a page."""
    by_id = {member.id or 0: member for member in members}
    solved = reputation.accepted_on(db, member_ids=by_id.keys(), product_id=product.id if product else None)
    return {
        member_id: AuthorView(
            id=member_id,
            display_name=member.display_name,
            handle=member.handle,
            reputation=member.reputation,
            is_staff=member.is_staff,
            rank=reputation.rank_of(member).name,
            expertise=_expertise(solved.get(member_id, 0), product),
        )
        for member_id, member in by_id.items()
    }


def _expertise(solved: int, product: Product | None) -> list[str]:
    if product is None or solved < 2:  # one solution is no expertise yet
        return []
    text = ngettext("%(n)s solution on %(product)s", "%(n)s solutions on %(product)s", solved)
    return [text % {"n": solved, "product": product.name}]
