"""The rules of the package: who imports whom, what loading costs, how long a module may be."""

from __future__ import annotations

import ast
import importlib
import json
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import lg_magics as lg

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path
    for folder in ("lg_magics", "tests", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
    if "static" not in path.parts
)
HEAVY = {
    "anywidget",
    "httpx",
    "ipywidgets",
    "jsonschema_rs",
    "langchain_core",
    "langgraph",
    "langgraph_sdk",
    "markdown_it",
    "numpy",
    "pandas",
}
CLIENTS = ("sync", "polls", "streams", "lent", "lent_awaited", "doing")
LINES = 300
LINES_OF_A_RESOURCE = 800  # all commands of one resource are in one module
LINES_OF_TESTS = 400
LONGER_FOR_A_REASON = {
    "lg_magics/local/graph_host.py": "one registry: requests, versions and the factory that the server calls share its locks",
    "lg_magics/local/notebook/slice.py": "one algorithm: what reaches, what changes and what is taken",
    "lg_magics/follow/batch.py": "the whole handle that a person holds, with its reference",
    "lg_magics/follow/batch_work.py": "one queue: what is prepared, done, written, cancelled and done again shares its state",
    "lg_magics/model/batch_plan.py": "one plan: a row's input, its settings, and what is hidden of them",
    "lg_magics/model/batch.py": "one vocabulary: an entry, the counts of all, and the view of both",
    "lg_magics/model/compare.py": "one algorithm: pair, measure, say what changed",
    "lg_magics/server/threads.py": "one class for one resource, as in the SDK",
    "lg_magics/follow/run.py": "the whole handle that a person holds, with its reference",
    "lg_magics/follow/tracked_run.py": "one object: each part reads and sets the status of the others",
}
"""Files of more than 300 lines, each with its reason."""


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_imports_follow_the_contracts_of_pyproject() -> None:
    """In a process of its own: import-linter sets up logging, and silences every logger that other tests listen to."""
    code = f"from importlinter.cli import lint_imports; exit(lint_imports({str(ROOT / 'pyproject.toml')!r}, no_cache=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_the_server_package_uses_the_clients_of_the_sdk() -> None:
    """Elsewhere, `connection.threads.find(id)` and `await connection.background.threads.find(id)`: typed, checked, translated."""
    found = [
        f"{name_of(path)}:{node.lineno} {ast.unparse(node)}"
        for path in MODULES
        if path.is_relative_to(ROOT / "lg_magics") and not path.is_relative_to(ROOT / "lg_magics" / "server")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in CLIENTS and "connection" in ast.unparse(node.value)
    ]
    assert found == []


def test_the_public_names_are_functions_whatever_was_imported() -> None:
    modules = pkgutil.walk_packages(lg.__path__, "lg_magics.", onerror=lambda name: None)
    for module in modules:
        if not module.name.startswith("lg_magics.local.demo"):
            importlib.import_module(module.name)
    public = [name for name in dir(lg) if name not in ("errors", "prices", "__version__")]
    assert [name for name in public if not callable(getattr(lg, name))] == []
    assert not {path.stem for path in (ROOT / "lg_magics").iterdir()} & set(public)


LOAD = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell()
before = set(sys.modules)
shell.run_line_magic("load_ext", "lg_magics")
import lg_magics
dir(lg_magics)
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_loading_the_extension_imports_nothing_heavy_and_no_command(tmp_path: Path) -> None:
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", LOAD], cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert sorted(HEAVY & {name.partition(".")[0] for name in loaded}) == []
    assert [name for name in loaded if name in ("lg_magics.session", "lg_magics.commands.runs")] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_states_what_it_does_and_is_not_too_long(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    lines = len(source.splitlines())
    most = LINES_OF_TESTS if path.is_relative_to(ROOT / "tests") else LINES
    if path.is_relative_to(ROOT / "lg_magics/commands"):
        most = LINES_OF_A_RESOURCE
    assert lines <= most or name_of(path) in LONGER_FOR_A_REASON, f"{lines} lines"
    if path.is_relative_to(ROOT / "lg_magics"):
        first = (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]
        assert first.endswith((".", ":", "?")), f"its docstring begins: {first!r}"


def test_no_module_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
    assert [name_of(path) for path in MODULES if path.stem in empty] == []


def test_the_picture_of_the_packages_shows_the_imports() -> None:
    done = subprocess.run(
        [sys.executable, "docs/packages.py", "--check"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_the_table_of_threads_has_every_module_that_starts_one_and_its_threads_names() -> None:
    table = (ROOT / "docs/architecture.md").read_text("utf-8").partition("## Threads")[2].partition("## ")[0]
    starts = [
        (path.relative_to(ROOT / "lg_magics").as_posix(), call)
        for path in MODULES
        if path.is_relative_to(ROOT / "lg_magics")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and any(each.arg == "target" for each in call.keywords)
        if ast.unparse(call.func) in ("Thread", "threading.Thread")
    ]
    names = [ast.literal_eval(each.value) for _, call in starts for each in call.keywords if _is_text(each)]
    assert len(names) >= 7
    assert sorted({word for word in [module for module, _ in starts] + names if f"`{word}`" not in table}) == []


def _is_text(each: ast.keyword) -> bool:
    return each.arg == "name" and isinstance(each.value, ast.Constant)


def test_every_module_that_the_architecture_names_exists() -> None:
    named = re.findall(r"`((?:[a-z_]+/)*[a-z_]+\.py)`", (ROOT / "docs/architecture.md").read_text("utf-8"))
    there = [f"/{name_of(path)}" for path in MODULES]
    assert [name for name in named if not any(path.endswith(f"/{name}") for path in there)] == []


def test_every_type_is_shipped() -> None:
    assert (ROOT / "lg_magics" / "py.typed").is_file()


def test_no_two_test_files_of_one_call_of_pytest_share_a_name() -> None:
    together = ("unit", "architecture", "server", "packaging")
    names = [path.name for folder in together for path in (ROOT / "tests" / folder).glob("*.py")]
    assert sorted({name for name in names if names.count(name) > 1} - {"conftest.py", "__init__.py"}) == []
