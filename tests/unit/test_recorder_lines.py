"""How far a cell came: the line of the cell itself, whatever frames of lambdas, timed bodies and other cells stand above it."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from lg_magics.ipython.extension import record_of
from lg_magics.local.notebook.cells import statements_from
from lg_magics.local.notebook.record import Record


def record(shell: InteractiveShell) -> Record:
    found = record_of(shell)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("a = 1\nb = 2\nroute({})\nc = 3", 3),
        ("a = 1\nb = [route({}) for each in 'x']", 2),
        ("a = 1\n%time route({})\nb = 2", 2),
        ("a = 1\n\n%time b = route({})", 3),
        ("%%time\na = 1\nb = route({})\nc = 3", 3),
        ("\n%%time\na = 1\nroute({})", 3),
        ("def f():\n    return route({})\na = 1\nf()", 4),
        ("a = 1\nexec('\\n\\n\\n\\n1 / 0')\nb = 2", 2),
        ("import asyncio\nawait asyncio.sleep(0)\nroute({})\na = 1", 3),
    ],
)
def test_a_cell_that_raises_counts_up_to_its_own_line(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str, line: int
) -> None:
    shell.run_cell("\n\n\n\nroute = lambda state: state['missing']", store_history=True)
    shell.run_cell(cell, store_history=True)
    assert record(shell).cells[-1].stopped_at == line
    capsys.readouterr()


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("a = 1\nask()\nb = 2", 2),
        ("%%time\na = 1\nask()\nb = 2", 3),
        ("%%capture\na = 1\nask()\nb = 2", 3),
        ("%%capture\n%time a = 1\n%time ask()\nb = 2", 3),
        ("a = 1\n%time ask()\nb = 2", 2),
        ("a = 1\nb = later()\nb = 2", 2),
    ],
)
def test_the_running_cell_counts_up_to_the_line_that_serves(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str, line: int
) -> None:
    found: list[Record] = []
    shell.user_ns["ask"] = lambda: found.append(record(shell))
    shell.run_cell("\n\n\n\n\nlater = lambda: ask()", store_history=True)
    shell.run_cell(cell, store_history=True)
    [asked] = found
    assert asked.line == line
    finished = statements_from(asked.cells[-1:], transform=asked.transform)
    assert [each.source for each in finished] == ["a = 1"]
    capsys.readouterr()


def test_a_timed_cell_that_raised_before_the_extension_was_loaded_counts_up_to_its_line(
    bare_shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    bare_shell.run_cell("route = lambda state: state['missing']", store_history=True)
    bare_shell.run_cell("%%time\na = 1\nroute({})\nb = 2", store_history=True)
    bare_shell.run_cell("%load_ext lg_magics", store_history=True)
    # IPython 8 keeps no errors.
    expected = 3 if hasattr(bare_shell.history_manager, "exceptions") else None
    assert record(bare_shell).cells[-2].stopped_at == expected
    bare_shell.run_line_magic("unload_ext", "lg_magics")
    capsys.readouterr()
