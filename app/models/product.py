"""The catalog: brand, line, model; their versions and the environment fields they ask for."""

from datetime import date, datetime

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.base import instant, maybe_instant, one_of


class Product(SQLModel, table=True):
    """A node of the catalog. A brand has no parent; a line's is a brand, a model's is a line."""

    __table_args__ = (one_of("kind", "brand", "line", "model"),)

    id: int | None = Field(default=None, primary_key=True)
    parent_id: int | None = Field(default=None, foreign_key="product.id", ondelete="RESTRICT", index=True)
    kind: str = Field(max_length=10)
    slug: str = Field(max_length=80, unique=True)
    name: str = Field(max_length=80)
    description: str = Field(default="", max_length=2000)
    position: int = Field(default=0)
    question_count: int = Field(default=0)  # visible questions of this node itself
    solved_count: int = Field(default=0)
    created_at: datetime = instant()
    retired_at: datetime | None = maybe_instant()


class ProductVersion(SQLModel, table=True):
    """A version people may have: a BIOS, firmware or release."""

    __tablename__ = "product_version"
    __table_args__ = (UniqueConstraint("product_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    product_id: int = Field(foreign_key="product.id", ondelete="CASCADE")
    name: str = Field(max_length=60)
    released_on: date | None = Field(default=None)
    position: int = Field(default=0)


class EnvironmentField(SQLModel, table=True):
    """A detail that a product asks of the asker; products below it ask for it too."""

    __tablename__ = "environment_field"
    __table_args__ = (
        UniqueConstraint("product_id", "name"),
        one_of("kind", "text", "choice", "version"),
    )

    id: int | None = Field(default=None, primary_key=True)
    product_id: int = Field(foreign_key="product.id", ondelete="CASCADE")
    name: str = Field(max_length=40)  # as in search: "os", "error_code"
    label: str = Field(max_length=60)
    kind: str = Field(default="text", max_length=10)
    choices: list[str] = Field(default_factory=list, sa_type=JSON)
    hint: str = Field(default="", max_length=200)
    is_required: bool = Field(default=False)
    position: int = Field(default=0)
