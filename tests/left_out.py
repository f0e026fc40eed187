"""Lists what `make test` leaves to `make test-slow`: the tests that are marked slow."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent


def slow_tests(file: Path) -> Iterator[str]:
    """Yield the names of a file's tests that are marked slow, one by one or as a whole."""
    source = file.read_text("utf-8")
    if "pytest.mark.slow" not in source:
        return
    tree = ast.parse(source)
    is_all_slow = any(
        isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark" and _is_slow(node.value)
        for node in tree.body
    )
    tests = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    yield from (test.name for test in tests if is_all_slow or any(map(_is_slow, test.decorator_list)))


def _is_slow(node: ast.expr) -> bool:
    return "pytest.mark.slow" in ast.unparse(node)


if __name__ == "__main__":
    found = [
        f"{file.relative_to(TESTS.parent)}::{name}" for file in sorted(TESTS.rglob("*.py")) for name in slow_tests(file)
    ]
    print("Left to `make test-slow`: random examples for each property, and", *found, sep="\n  ")
