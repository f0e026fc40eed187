"""The walkthrough beside the SDK, as it shows that itself: both sides do the same, ours in a third of the typing at most."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local

# A line that does a step of the walk, and not one that looks at what came of it in Python.
COMMAND = re.compile(r"%|\w+ = (%|lg\.)|lg\.store")
WALKTHROUGH = Path(__file__).parents[2] / "notebooks/02_module6_walkthrough.ipynb"
ADDRESS = "http://localhost:8123"


def cells() -> list[nbformat.NotebookNode]:
    return list(nbformat.read(WALKTHROUGH, as_version=4).cells)


def sdk_side() -> list[str]:
    texts = [cell.source for cell in cells() if cell.cell_type == "markdown"]
    return re.findall(r"```python\n(.*?)```", "\n".join(texts), re.DOTALL)


def typed(text: str) -> int:
    """Characters that are typed: no white space, which editors put in, and no comments."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return sum(len("".join(line.split())) for line in lines)


def is_shown(cell: nbformat.NotebookNode) -> bool:
    """Whether it is code, and no folded solution."""
    return cell.cell_type == "code" and not cell.metadata.get("jupyter", {}).get("source_hidden")


def commands(source: str) -> list[str]:
    """The lines of a cell that do a step; with a cell magic that is all of them."""
    lines: list[str] = source.splitlines()
    return lines if source.startswith("%%") else [line for line in lines if COMMAND.match(line)]


def test_the_walkthrough_is_typed_in_a_third_of_the_characters() -> None:
    ours = sum(typed(line) for cell in cells() if is_shown(cell) for line in commands(cell.source))
    theirs = sum(map(typed, sdk_side()))
    assert len(sdk_side()) == 7
    assert 0 < ours <= theirs / 3, f"{ours} characters, {theirs} with the SDK"


async def run_as_cells(sources: list[str]) -> dict[str, Any]:
    """Run each as a notebook would, with `await` outside of functions; what they have named."""
    names: dict[str, Any] = {}
    for source in sources:
        done = eval(compile(source, "the SDK's side", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
        if inspect.isawaitable(done):
            await done
        print()  # each has an output of its own
    await names["client"].aclose()
    return names


def test_the_sdk_side_runs_as_it_stands_there_and_ends_where_ours_does(
    server: local.LocalServer, sdk: SyncLangGraphClient, capsys: pytest.CaptureFixture[str]
) -> None:
    names = asyncio.run(run_as_cells([source.replace(ADDRESS, server.url) for source in sdk_side()]))
    said = capsys.readouterr().out
    shown = "\n".join(
        "".join(output.get("text") or output.get("data", {}).get("text/plain", ""))
        for cell in cells()
        for output in cell.get("outputs", [])
    )
    for answer in ("Your ToDo list is up to date", "Start with", "There is 1 ToDo due within a week"):
        line = next(line for line in said.splitlines() if answer in line)
        assert line in shown
    assert len(names["todos"]["items"]) == 2
    assert [item["key"] for item in names["mine"]["items"]] == ["second"]
    branches = sdk.threads.get_history(names["overview"]["thread_id"], limit=100)
    assert len(branches) == 8
