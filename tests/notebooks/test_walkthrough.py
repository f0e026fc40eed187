"""The walkthrough takes a third of the typing, at most, that the same steps take with the SDK, as it shows them itself."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat

# A line that does a step of the walk, and not one that looks at what came of it in Python.
COMMAND = re.compile(r"%|\w+ = (%|lg\.)|lg\.store")
WALKTHROUGH = Path(__file__).parents[2] / "notebooks/02_module6_walkthrough.ipynb"


def typed(text: str) -> int:
    """Characters that are typed: no white space, which editors put in, and no comments."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return sum(len("".join(line.split())) for line in lines)


def is_shown(cell: nbformat.NotebookNode) -> bool:
    """Whether it is code, and no folded solution."""
    return cell.cell_type == "code" and not cell.metadata.get("jupyter", {}).get("source_hidden")


def test_the_walkthrough_is_typed_in_a_third_of_the_characters() -> None:
    notebook = nbformat.read(WALKTHROUGH, as_version=4)
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    sdk = re.findall(r"```python\n(.*?)```", "\n".join(texts), re.DOTALL)
    lines = [line for cell in notebook.cells if is_shown(cell) for line in cell.source.splitlines()]
    ours = sum(typed(line) for line in lines if COMMAND.match(line))
    theirs = sum(map(typed, sdk))
    assert len(sdk) == 7
    assert 0 < ours <= theirs / 3, f"{ours} characters, {theirs} with the SDK"
