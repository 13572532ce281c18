"""Rules of the source that no linter knows. Each message says where and what to do."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator

from tests.support.source import ROOT, Function, Module, modules


def test_the_walk_finds_the_application() -> None:
    assert len(modules()) > 50


def test_imports_keep_their_contracts() -> None:
    # In a process of its own: it takes all loggers for itself and silences ours for the tests that follow.
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())",
    ]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_only_core_db_ends_transactions() -> None:
    found = [
        module.place(node)
        for module in modules()
        if str(module) != "app/core/db.py"
        and "/search/engines/" not in str(module)  # an index has commits, too
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and _called(node) in ("commit", "rollback")
    ]
    assert not found, f"make it an @atomic service of app.core.db instead: {found}"


def test_no_route_with_a_database_session_is_async() -> None:
    found = [
        f"{module.place(node)} {node.name}"
        for module in modules()
        for node in module.functions()
        if isinstance(node, ast.AsyncFunctionDef) and "Db" in _annotations(node)
    ]
    assert not found, f"a blocking session would stop the event loop; write `def`: {found}"


def test_only_the_clock_reads_the_time() -> None:
    found = [
        module.place(node)
        for module in modules()
        if str(module) != "app/core/clock.py"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "utcnow", "today")
        and isinstance(node.value, ast.Name)
        and node.value.id in ("datetime", "date")
    ]
    assert not found, f"take `now` as an argument; the edges get it from app.core.clock: {found}"


def test_only_settings_read_the_environment() -> None:
    # `serve` writes it, for the processes it starts.
    allowed = {"app/settings.py", "app/cli/serve.py"}
    found = [
        module.place(node)
        for module in modules()
        if str(module) not in allowed
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
    ]
    assert not found, f"add a field to app/settings.py instead: {found}"


def test_no_import_hides_in_a_function() -> None:
    found = [
        module.place(node)
        for module in modules()
        for function in module.functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not found, f"a hidden import is a cycle dodged; find the missing lower module: {found}"


def test_every_feature_has_its_card() -> None:
    cards = [module for module in modules() if _is_front_door(module)]
    missing = [str(module) for module in cards if not ast.get_docstring(module.tree)]
    assert cards
    assert not missing, f"say what the feature owns and promises: {missing}"


def test_services_take_everything_but_the_session_by_name() -> None:
    found = [
        f"{module.place(node)} {node.name}"
        for module in modules()
        for node in module.functions()
        if "atomic" in _decorators(node) and _positional(node) != ["db"]
    ]
    assert not found, f"write `def verb(db: Session, *, ...)`: {found}"


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _annotations(node: Function) -> set[str]:
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return {ast.unparse(argument.annotation) for argument in arguments if argument.annotation}


def _decorators(node: Function) -> Iterator[str]:
    return (ast.unparse(decorator) for decorator in node.decorator_list)


def _positional(node: Function) -> list[str]:
    return [argument.arg for argument in [*node.args.posonlyargs, *node.args.args]]


def _is_front_door(module: Module) -> bool:
    parts = module.path.relative_to(ROOT).parts
    return parts[:2] == ("app", "domain") and len(parts) == 4 and parts[3] == "__init__.py"
