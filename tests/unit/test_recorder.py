"""The cells of a real shell: those before the extension was loaded, one that raised, and the one that runs now."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from lg_magics.ipython.completion import Completer
from lg_magics.ipython.current import current
from lg_magics.ipython.extension import record_of
from lg_magics.ipython.recorder import serve_cell
from lg_magics.local.notebook.collect import collect
from lg_magics.local.notebook.record import Record


def record(shell: InteractiveShell) -> Record:
    found = record_of(shell)
    assert found is not None
    return found


def source(shell: InteractiveShell, target: str) -> str:
    found = record(shell)
    collected = collect(found.cells, target, transform=found.transform, namespace=found.namespace())
    return "\n".join(line for line in collected.source.text.split("\n")[2:] if line and line[0] != "#")


def test_cells_before_the_extension_and_cells_that_raised_count_as_far_as_they_came(
    bare_shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    bare_shell.run_cell("first = [1]", store_history=True)
    bare_shell.run_cell("first.append(2)\n1 / 0\nfirst.append(3)", store_history=True)
    bare_shell.run_cell("%load_ext lg_magics", store_history=True)
    bare_shell.run_cell("\n\nfirst.append(4)\nraise ValueError\nfirst.append(5)", store_history=True)
    bare_shell.run_cell("%%time\nfirst.append(6)\nfirst.append(7)", store_history=True)
    bare_shell.run_cell("this is no Python", store_history=True)
    bare_shell.run_cell("first.append(8)", store_history=False)
    # IPython 8 keeps no errors: there, a cell that raised before the extension was loaded counts as a whole.
    unknown = "" if hasattr(bare_shell.history_manager, "exceptions") else "first.append(3)\n"
    assert source(bare_shell, "first") == (
        f"first = [1]\nfirst.append(2)\n{unknown}first.append(4)\nfirst.append(6)\nfirst.append(7)"
    )
    bare_shell.run_line_magic("unload_ext", "lg_magics")
    capsys.readouterr()


def test_the_running_cell_counts_up_to_the_line_that_asks(shell: InteractiveShell) -> None:
    found: list[Record] = []
    shell.user_ns["ask"] = lambda: found.append(record(shell))
    shell.run_cell("value = 1\nvalue += 1\nask()\nvalue += 2", store_history=True)
    [asked] = found
    assert asked.line == 3
    assert asked.cells[-1].number == asked.running
    assert asked.cells[-1].stopped_at == 3
    assert record(shell).running == 0


def test_a_cell_that_serves_runs_its_own_lines_and_then_the_magic() -> None:
    lines = ["\n", "%%lg_serve shop --name x\n", "a = 1\n", "await b"]
    assert serve_cell(lines) == [
        "\n",
        "# %%lg_serve shop --name x\n",
        "a = 1\n",
        "await b\n",
        "get_ipython().run_line_magic('lg_serve', '--cell shop --name x')\n",
    ]
    for other in (["%%lg_serve?"], ["%%lg_served\n"], ["a = 1\n"], ["\n"], []):
        assert serve_cell(other) == other


def test_completion_offers_the_graphs_of_the_notebook(shell: InteractiveShell) -> None:
    shell.run_cell(
        "from langgraph.graph import START, StateGraph\nbuilder = StateGraph(dict)\nnumber = 5\n"
        "builder.add_node('a', lambda s: s)\nbuilder.add_edge(START, 'a')\ngraph = builder.compile()"
    )
    words = Completer(shell, current).words("%lg_serve ")
    assert {"builder", "graph"} <= set(words)
    assert "number" not in words
