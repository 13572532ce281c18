from __future__ import annotations

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect
from sqlmodel import Session

from app.core import schema
from app.core.db import make_engine, new_session
from tests.factories.answers import make_answer
from tests.factories.questions import make_question
from tests.support.databases import Server
from tests.support.source import ROOT


def test_there_is_one_newest_migration() -> None:
    script = ScriptDirectory.from_config(Config(str(ROOT / "alembic.ini")))
    assert len(script.get_heads()) == 1


def test_migrations_lead_up_down_and_up_again(server: Server) -> None:
    engine = make_engine(server.empty())
    schema.migrate(engine)
    tables = set(inspect(engine).get_table_names())
    assert schema.is_current(engine)
    schema.migrate(engine, to="base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    schema.migrate(engine)
    assert set(inspect(engine).get_table_names()) == tables
    engine.dispose()


def test_each_migration_can_be_taken_back_on_a_database_with_content(real_engine: Engine) -> None:
    script = ScriptDirectory.from_config(Config(str(ROOT / "alembic.ini")))
    with new_session(real_engine) as db:
        _fill(db)
    for revision in script.walk_revisions():
        down_to = revision.down_revision or "base"
        assert isinstance(down_to, str)
        schema.migrate(real_engine, to=down_to)
    schema.migrate(real_engine)
    assert schema.is_current(real_engine)


def test_migrated_tables_are_those_of_the_code(real_engine: Engine) -> None:
    assert schema.drift(real_engine) == ""


def _fill(db: Session) -> None:
    make_answer(db, question=make_question(db))
