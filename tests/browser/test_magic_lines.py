"""A line of our magics is shown as text in JupyterLab's editor: the colors of Python say nothing about it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .notebook_page import Notebook

pytestmark = pytest.mark.shared_kernel

Opener = Callable[..., Notebook]

COLORS = """line => {
  const plain = getComputedStyle(line).color;
  return [...line.querySelectorAll('span')].map(span => getComputedStyle(span).color).filter(color => color !== plain);
}"""
CELL = "%lg_run what's the weather for all\nrun = %lg_run is it 'cold'?\ncity = 'Oslo'"
BODY = "%%lg_run\nwhat's the weather\nfor all of us"


def colored(opened: Notebook, cell: int) -> list[bool]:
    """Whether each line of a cell has colors of Python's syntax."""
    lines = opened.cell(cell).locator(".cm-line")
    lines.first.wait_for()
    return [bool(line.evaluate(COLORS)) for line in lines.all()]


def test_lines_of_magics_have_no_colors_of_python_and_other_lines_have(notebook: Opener) -> None:
    opened = notebook(CELL, BODY, "for city in ('Oslo',): pass")
    opened.wait_until(lambda: colored(opened, 3) == [True], "the colors of Python")
    assert colored(opened, 1) == [False, False, True]
    assert colored(opened, 2) == [False, False, False]
    assert colored(opened, 0)[0] is False  # %load_ext is plain in either color scheme
