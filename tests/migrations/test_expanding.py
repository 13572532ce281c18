"""Migrations run while the release before serves: they only add, unless they say why what they take away is used no more."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.support.source import ROOT

BASELINE = "2026-11-23-0710"
"""Migrations up to this one are older than the first release, and are excused."""

NEWER = [
    path
    for path in sorted((ROOT / "migrations/versions").glob("*.py"))
    if path.name[: len(BASELINE)] > BASELINE
]
TAKES_AWAY = ("drop_column", "drop_table", "rename_table", "alter_column", "batch_alter_table")
ADVICE = "expand first; a migration that contracts says CONTRACT = 'why nothing uses it any more'"


def test_no_migration_takes_away_or_locks_for_long() -> None:
    found = {path.stem: list(refused(path.read_text(encoding="utf-8"))) for path in NEWER}
    assert not {name: what for name, what in found.items() if what}, ADVICE


@pytest.mark.parametrize(
    ("act", "is_fine"),
    [
        ("op.drop_column('post', 'kind')", False),
        ("op.drop_table('post')", False),
        ("op.rename_table('post', 'word')", False),
        ("op.alter_column('post', 'kind', type_=sa.Text())", False),
        ("op.execute('ALTER TABLE post DROP COLUMN kind')", False),
        ("op.add_column('post', sa.Column('mark', sa.Integer(), nullable=False))", False),
        ("op.add_column('post', sa.Column('mark', sa.Integer(), nullable=False, server_default='0'))", True),
        ("op.add_column('post', sa.Column('mark', sa.Integer()))", True),
        ("op.create_index('ix_post_kind', 'post', ['kind'])", False),
        ("op.create_index('ix_post_kind', 'post', ['kind'], postgresql_concurrently=True)", True),
        ("op.create_table('new', sa.Column('id'))\n    op.create_index('ix_new_id', 'new', ['id'])", True),
    ],
)
def test_what_would_stop_the_release_before_is_found(act: str, is_fine: bool) -> None:
    written = f"def upgrade():\n    {act}\n\ndef downgrade():\n    op.drop_table('all')\n"
    assert (not list(refused(written))) == is_fine
    assert not list(refused(f"CONTRACT = 'nothing reads it since 1.4'\n{written}"))


def refused(source: str) -> Iterator[str]:
    """Yield what a migration does that it may not while the release before serves."""
    module = ast.parse(source)
    names = {ast.unparse(part.targets[0]) for part in module.body if isinstance(part, ast.Assign)}
    if "CONTRACT" in names:
        return
    upgrade = next(
        part for part in module.body if isinstance(part, ast.FunctionDef) and part.name == "upgrade"
    )
    calls = [part for part in ast.walk(upgrade) if isinstance(part, ast.Call)]
    new = {_word(call, 0) for call in calls if _name(call) == "create_table"}
    in_new = {id(part) for call in calls if _name(call) == "create_table" for part in ast.walk(call)}
    for call in calls:
        if id(call) not in in_new and _is_refused(call, new):
            yield ast.unparse(call)


def _is_refused(call: ast.Call, new: set[str]) -> bool:
    name, keywords = _name(call), {keyword.arg for keyword in call.keywords}
    if name == "create_index":
        return _word(call, 1) not in new and "postgresql_concurrently" not in keywords
    if name == "Column":
        required = any(one.arg == "nullable" and ast.unparse(one.value) == "False" for one in call.keywords)
        return required and "server_default" not in keywords
    if name == "execute":
        return any(word in ast.unparse(call).upper() for word in ("DROP ", "RENAME ", "ALTER COLUMN"))
    return name in TAKES_AWAY


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _word(call: ast.Call, place: int) -> str:
    return ast.unparse(call.args[place]).strip("'\"") if len(call.args) > place else ""
