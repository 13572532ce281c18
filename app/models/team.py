"""Teams of staff, who is in them, what they know, and when they are away."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.models.base import index_where, instant, maybe_instant, one_of


class Team(SQLModel, table=True):
    """A team that takes escalations. One is the default: it takes what no other team's products cover."""

    __table_args__ = (
        one_of("assignment", "manual", "round_robin", "least_loaded"),
        index_where("ix_team_default", "is_default", where="is_default", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=80, unique=True)
    slug: str = Field(max_length=80, unique=True)
    is_default: bool = Field(default=False)
    assignment: str = Field(default="manual", max_length=20)
    returns_after: int | None = Field(default=None)  # business minutes until an untouched case goes back
    created_at: datetime = instant()
    retired_at: datetime | None = maybe_instant()


class TeamMember(SQLModel, table=True):
    """A member of staff in a team. `capacity` is in points: a normal case weighs 2 (see the load policy)."""

    __tablename__ = "team_member"
    __table_args__ = (
        CheckConstraint("capacity >= 0", name="capacity_is_not_negative"),
        Index("ix_team_member_user_id", "user_id"),
    )

    team_id: int = Field(foreign_key="team.id", ondelete="CASCADE", primary_key=True)
    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True)
    capacity: int = Field(default=20)
    last_assigned_at: datetime | None = maybe_instant()


class TeamProduct(SQLModel, table=True):
    """A product (with those below it) whose escalations go to the team."""

    __tablename__ = "team_product"
    __table_args__ = (Index("ix_team_product_team_id", "team_id"),)

    product_id: int = Field(foreign_key="product.id", ondelete="CASCADE", primary_key=True)
    team_id: int = Field(foreign_key="team.id", ondelete="CASCADE")


class Skill(SQLModel, table=True):
    """A product (with those below it) that a member of staff knows."""

    __table_args__ = (Index("ix_skill_product_id", "product_id"),)

    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True)
    product_id: int = Field(foreign_key="product.id", ondelete="CASCADE", primary_key=True)


class Absence(SQLModel, table=True):
    """Somebody is away: no case is assigned to them, and theirs go back to the queue when it begins."""

    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index("ix_absence_user_id", "user_id", "ends_at"),
        index_where("ix_absence_due", "starts_at", where="returned_at IS NULL"),
    )

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE")
    starts_at: datetime = instant()
    ends_at: datetime = instant()
    reason: str = Field(default="", max_length=200)
    returned_at: datetime | None = maybe_instant()  # when their cases went back
    created_at: datetime = instant()
    created_by_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
