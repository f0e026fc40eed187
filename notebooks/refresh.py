"""Runs the notebooks and writes back what they say now. What differs only from run to run (sanitize.cfg) stays as it was.

python notebooks/refresh.py [NOTEBOOK …]

A cell whose output is not compared stays as it was too, unless its kind or its style has changed; clear such an output to have it
written anew.
"""

from __future__ import annotations

import configparser
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent
SECONDS = 300
IGNORED = "nbval-ignore-output"


def rules() -> dict[str, tuple[re.Pattern[str], str]]:
    """What to put in place of what differs, as nbval reads it."""
    parser = configparser.ConfigParser()
    parser.read(FOLDER / "sanitize.cfg", encoding="utf-8")
    return {name: (re.compile(parser[name]["regex"], re.DOTALL), parser[name]["replace"]) for name in parser.sections()}


RULES = rules()
STYLE, _ = RULES.pop("style")  # no test compares it, but who opens the notebook sees it


def sanitized(value: Any) -> Any:
    """The same JSON with all that differs from run to run replaced."""
    if isinstance(value, dict):
        return {name: sanitized(held) for name, held in value.items() if name not in ("execution_count", "transient")}
    if isinstance(value, list):
        return [sanitized(each) for each in value]
    if isinstance(value, str):
        for pattern, instead in RULES.values():
            value = pattern.sub(instead, value)
    return value


def kinds(outputs: list[Any]) -> list[Any]:
    """Only which kinds of output there are, and how they are styled."""
    return [
        (output["output_type"], {mime: STYLE.findall(str(held)) for mime, held in output.get("data", {}).items()})
        for output in outputs
    ]


def are_alike(cell: Any, before: list[Any], now: list[Any]) -> bool:
    """Whether a cell says the same as before, as far as that is compared."""
    if IGNORED in cell.metadata.get("tags", []):
        return kinds(before) == kinds(now)
    return bool(sanitized(before) == sanitized(now))


def numbered(output: Any, count: int) -> Any:
    """An output that stayed, with its cell's number of today: a cell that was put before it has moved it."""
    return nbformat.from_dict({**output, "execution_count": count} if "execution_count" in output else output)


def refresh(path: Path) -> int:
    """Run one notebook; how many of its cells say something else now."""
    notebook = nbformat.read(path, as_version=4)
    before = {cell.id: cell.get("outputs", []) for cell in notebook.cells}
    saved = nbformat.from_dict(notebook.metadata)
    where = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=SECONDS, record_timing=False, coalesce_streams=True, resources=where).execute()
    changed = 0
    for cell in notebook.cells:
        outputs = before[cell.id]
        if cell.cell_type == "code" and are_alike(cell, outputs, cell.outputs):
            cell.outputs = [numbered(each, cell.execution_count) for each in outputs]
        elif cell.cell_type == "code":
            changed += 1
    notebook.metadata = saved
    nbformat.write(notebook, path)
    return changed


if __name__ == "__main__":
    for each in [Path(name) for name in sys.argv[1:]] or sorted(FOLDER.glob("*.ipynb")):
        print(f"{each.name}: {refresh(each)} cells say something else", flush=True)
