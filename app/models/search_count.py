"""What people searched for, and words that mean the same."""

import datetime as dt

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from app.models.base import instant


class SearchCount(SQLModel, table=True):
    """How often a query was searched for on a day, by all people together: nobody can tell who."""

    __tablename__ = "search_count"

    day: dt.date = Field(primary_key=True)
    query_key: str = Field(max_length=120, primary_key=True)  # folded: case and spaces make no difference
    query: str = Field(max_length=120)  # as somebody typed it
    searches: int = Field(default=0)
    without_results: int = Field(default=0)
    clicks: int = Field(default=0)


class SynonymGroup(SQLModel, table=True):
    """Words that search takes for one another: "wifi", "wlan", "wireless"."""

    __tablename__ = "synonym_group"

    id: int | None = Field(default=None, primary_key=True)
    words: list[str] = Field(sa_type=JSON)
    by_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL", index=True)
    created_at: dt.datetime = instant()


class ProtectedWord(SQLModel, table=True):
    """A word that search never cuts to its stem: "news" is then not "new"."""

    __tablename__ = "protected_word"

    id: int | None = Field(default=None, primary_key=True)
    word: str = Field(max_length=40, unique=True)
    by_id: int | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL", index=True)
    created_at: dt.datetime = instant()
