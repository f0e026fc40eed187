"""A tutorial is done in fifteen minutes, and each exercise has an empty cell, a check, and a folded solution that passes it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from test_hosts import NOTEBOOKS, WAITING

WORDS = 900
CODE_CELLS = 60
MINUTES = 15
WORDS_A_MINUTE = 200  # read with care
CELLS_A_MINUTE = 10  # run, with a look at the output
WITHOUT_EXERCISES = {"08_for_teachers"}
TUTORIALS = sorted(NOTEBOOKS.glob("*.ipynb"))
EVERY = pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)


def cells_of(path: Path, kind: str) -> list[NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def words_of(path: Path) -> int:
    """What is read: the text without the folded code of the SDK."""
    text = "\n".join(cell.source for cell in cells_of(path, "markdown"))
    return len(re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL).split())


def with_tag(path: Path, tag: str) -> list[NotebookNode]:
    return [cell for cell in cells_of(path, "code") if tag in cell.metadata.get("tags", [])]


def shown(cell: NotebookNode) -> list[Any]:
    return [output.get("data", {}).get("text/plain") for output in cell.outputs]


def is_folded(cell: NotebookNode) -> bool:
    folds = cell.metadata.get("jupyter", {})
    return bool(folds.get("source_hidden") and folds.get("outputs_hidden"))


@EVERY
def test_it_takes_fifteen_minutes_at_most(path: Path) -> None:
    words = words_of(path)
    cells = [cell for cell in cells_of(path, "code") if not is_folded(cell)]
    assert words <= WORDS
    assert len(cells) <= CODE_CELLS
    assert words / WORDS_A_MINUTE + len(cells) / CELLS_A_MINUTE + WAITING / 60 <= MINUTES


@EVERY
def test_each_exercise_has_an_empty_cell_a_check_and_a_folded_solution(path: Path) -> None:
    text = "\n".join(cell.source for cell in cells_of(path, "markdown"))
    asked = re.findall(r"^\d\. ", text.partition("## Try it yourself")[2], re.MULTILINE)
    empty, checks, solutions = (with_tag(path, tag) for tag in ("exercise", "check", "solution"))
    assert len(asked) == len(empty) == len(checks)
    assert bool(asked) is (path.stem not in WITHOUT_EXERCISES)
    for number, (cell, check, (solution, solved)) in enumerate(
        zip(empty, checks, zip(solutions[::2], solutions[1::2], strict=True), strict=True), 1
    ):
        assert re.fullmatch(rf"# Exercise {number}\n(\w+ = )+\.\.\.", cell.source)
        assert shown(check) == ["'Not answered yet.'"]
        assert solution.source.startswith(f"# Solution {number}\n")
        assert solved.source == check.source
        assert shown(solved) == ["'Right.'"]
        assert is_folded(solution)
        assert is_folded(solved)


def test_the_check_of_answers_is_the_same_everywhere() -> None:
    checks = {
        cell.source
        for path in TUTORIALS
        for cell in cells_of(path, "code")
        if cell.source.startswith("# This cell checks")
    }
    assert len(checks) == 1
    names: dict[str, Any] = {}
    exec("from types import SimpleNamespace\nlg = SimpleNamespace(LgError=OSError)\n" + checks.pop(), names)
    check = names["check"]
    assert check(..., lambda answer: True) == "Not answered yet."
    assert check(1, lambda answer: answer == 1) == "Right."
    assert check(2, lambda answer: answer == 1) == "Not yet. Try again."
    assert check(2, lambda answer: answer.status) == "Not yet: 'int' object has no attribute 'status'"
