"""Reading policies. For staff only: the pages that show them are the desk's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from app.core.errors import NotFound
from app.domain import catalog, questions, reputation
from app.domain.sla.matching import Traits
from app.models import Question, SlaPolicy, SlaPolicyVersion, User


@dataclass(frozen=True)
class PolicyInForce:
    """A policy with what it says now."""

    policy: SlaPolicy
    version: SlaPolicyVersion


@dataclass(frozen=True)
class VersionOfPolicy:
    """What a policy said from some time on, and who said it."""

    version: SlaPolicyVersion
    by: User | None


def policy(db: Session, policy_id: int) -> SlaPolicy:
    """Return a policy; raise NotFound."""
    found = db.get(SlaPolicy, policy_id)
    if found is None:
        raise NotFound
    return found


def policies(db: Session, *, with_retired: bool = False) -> list[PolicyInForce]:
    """Return the policies in the order in which they are tried, the catch-all last."""
    statement = (
        select(SlaPolicy, SlaPolicyVersion)
        .join(SlaPolicyVersion, col(SlaPolicyVersion.policy_id) == col(SlaPolicy.id))
        .where(SlaPolicyVersion.version == SlaPolicy.version)
        .order_by(col(SlaPolicy.is_catch_all), col(SlaPolicy.position), col(SlaPolicy.id))
    )
    if not with_retired:
        statement = statement.where(col(SlaPolicy.retired_at).is_(None))
    return [PolicyInForce(row, version) for row, version in db.exec(statement)]


def current(db: Session, wanted: SlaPolicy) -> SlaPolicyVersion:
    """Return what a policy says now."""
    return db.exec(
        select(SlaPolicyVersion).where(
            SlaPolicyVersion.policy_id == wanted.id, SlaPolicyVersion.version == wanted.version
        )
    ).one()


def history(db: Session, wanted: SlaPolicy) -> list[VersionOfPolicy]:
    """Return everything a policy ever said, the newest first."""
    rows = db.exec(
        select(SlaPolicyVersion, User)
        .outerjoin(User, col(User.id) == col(SlaPolicyVersion.created_by_id))
        .where(SlaPolicyVersion.policy_id == wanted.id)
        .order_by(col(SlaPolicyVersion.version).desc())
    )
    return [VersionOfPolicy(version, by) for version, by in rows]


def policy_for(db: Session, *, question: Question, priority: str) -> SlaPolicyVersion:
    """Return the policy that a question falls under: the first enabled one that fits, else the catch-all."""
    tried = [each for each in policies(db) if each.policy.is_enabled]
    traits = traits_of(db, question, priority, among=[each.version for each in tried])
    return next(each.version for each in tried if traits.fits(each.version.matches))


def traits_of(db: Session, question: Question, priority: str, *, among: Sequence[SlaPolicyVersion]) -> Traits:
    """Return what these policies look at; what none of them asks for is not read."""
    asked = {name for version in among for name, wanted in version.matches.items() if wanted}
    trail = catalog.breadcrumbs(db, question.product_id) if "products" in asked else []
    return Traits(
        products=frozenset(product.id or 0 for product in trail),
        tags=frozenset(questions.tag_names(db, question.id) if "tags" in asked else ()),
        priority=priority,
        rank=reputation.rank_of(db.get_one(User, question.author_id)).name if "ranks" in asked else "",
    )
