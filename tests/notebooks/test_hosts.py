"""The quickstart means the same wherever it runs, and a notebook that fails does so in one line, everywhere."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from langgraph_sdk.client import SyncLangGraphClient
from nbclient import NotebookClient
from nbformat import NotebookNode

from lg_magics import local

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
QUICKSTART = NOTEBOOKS / "00_quickstart.ipynb"
STORE = NOTEBOOKS / "05_store_assistants_crons.ipynb"
TUTORIALS = sorted(NOTEBOOKS.glob("*.ipynb"))
WAITING = 240.0  # seconds for all cells of a tutorial, at most
MISTAKE = "%lg_run -a agnet hello"
COMPLAINT = (
    r"UnknownReference: No assistant 'agnet' on http://[\d.:]+\. Did you mean\s+agent\?\s+%lg_assistants lists them\."
)


def sanitized(text: str) -> str:
    rules = configparser.ConfigParser()
    rules.read(NOTEBOOKS / "sanitize.cfg", encoding="utf-8")
    for name in rules.sections():
        text = re.sub(rules[name]["regex"], rules[name]["replace"], text, flags=re.DOTALL)
    return text


def said(cell: NotebookNode) -> list[str]:
    """What a cell says in text, and its error's one line; nothing where nbval compares nothing either."""
    lines: list[str] = []
    if "nbval-ignore-output" in cell.metadata.get("tags", []):
        return lines
    for output in cell.get("outputs", []):
        text = output.get("text") or output.get("evalue") or output.get("data", {}).get("text/plain", "")
        lines.append(sanitized(text))
    return lines


def executed(notebook: NotebookNode, times: int = 1) -> list[list[list[str]]]:
    """What the code cells say when they are run from top to bottom, several times in one kernel."""
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=120,
        coalesce_streams=True,
        resources={"metadata": {"path": str(NOTEBOOKS)}},
    )
    rounds = []
    with client.setup_kernel():
        for _ in range(times):
            cells = [
                client.execute_cell(cell, place)
                for place, cell in enumerate(notebook.cells)
                if cell.cell_type == "code"
            ]
            rounds.append([said(cell) for cell in cells])
    return rounds


def notebook_of(*cells: str) -> NotebookNode:
    made: NotebookNode = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    return made


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A notebook with a mistake in its third cell, and a cell after it that must not run."""
    path = tmp_path / "broken.ipynb"
    notebook = notebook_of("%load_ext lg_magics", "%lg_connect local", MISTAKE, "print('went', 'on')")
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
    return path


@pytest.mark.parametrize("path", TUTORIALS[:7], ids=lambda path: path.stem)
def test_run_all_twice_in_one_kernel_and_in_a_new_one_gives_the_same(path: Path) -> None:
    run_all_twice(path)


@pytest.mark.slow  # under nbval, each runs in every test run
@pytest.mark.parametrize("path", TUTORIALS[7:], ids=lambda path: path.stem)
def test_run_all_twice_gives_the_same_in_the_newest_tutorials(path: Path) -> None:
    run_all_twice(path)


def run_all_twice(path: Path) -> None:
    """Run a notebook twice in one kernel, and compare both rounds with what is stored."""
    notebook = nbformat.read(path, as_version=4)
    in_repository = [said(cell) for cell in notebook.cells if cell.cell_type == "code"]
    began = time.monotonic()
    first, second = executed(notebook, times=2)
    assert time.monotonic() - began <= 2 * WAITING
    first[0] = second[0] = in_repository[0]  # %load_ext greets once
    assert first == in_repository
    assert unnumbered(second) == unnumbered(first)


def unnumbered(cells: list[list[str]]) -> list[list[str]]:
    """The same without the numbers of cells, which go on in a kernel, and without what a served graph leaves out of them."""
    numbers = re.compile(r"\bcells? \d[\d, ]*(?:; left out: [^)]*)?")
    return [[numbers.sub("cell N", text) for text in cell] for cell in cells]


def kept(sdk: SyncLangGraphClient) -> list[tuple[str, ...]]:
    """What of a deployment outlives a notebook that tidies up: items, assistants, crons."""
    items = sdk.store.search_items((), limit=1000)["items"]
    return sorted(
        [
            *(("item", *item["namespace"], item["key"], str(item["value"])) for item in items),
            *(("assistant", each["name"], str(each["version"])) for each in sdk.assistants.search(limit=1000)),
            *(("cron", str(each["cron_id"])) for each in sdk.crons.search(limit=1000)),
        ]
    )


@pytest.fixture
def crowded(sdk: SyncLangGraphClient) -> Iterator[SyncLangGraphClient]:
    """The client of a deployment that has other people's items and an assistant of theirs, for as long as a test takes."""
    theirs = [("todo", "general", "Else"), ("notes", "Else"), ("notes",), ("answers", "Else")]
    for labels in theirs:
        sdk.store.put_item(labels, "Paris", {"task": "of somebody else", "time_to_complete": 90})
    sdk.store.search_items(("todo", "work", "Keeper"))  # the in-memory server lists it from now on
    assistant = sdk.assistants.create("task_maistro", name="work")
    yield sdk
    sdk.assistants.delete(assistant["assistant_id"])
    for labels in theirs:
        sdk.store.delete_item(labels, "Paris")


def test_the_store_notebook_takes_away_what_it_made_and_shows_nobody_elses(
    server: local.LocalServer, crowded: SyncLangGraphClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept(crowded)
    monkeypatch.setenv("LANGGRAPH_URL", server.url)
    notebook = nbformat.read(STORE, as_version=4)
    in_repository = [said(cell) for cell in notebook.cells if cell.cell_type == "code"]
    (now,) = executed(notebook)
    now[1] = in_repository[1]  # connected, it names all assistants
    assert now == in_repository
    assert kept(crowded) == before


def shell(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, timeout=180, check=False)


def test_papermill_runs_it(tmp_path: Path) -> None:
    done = shell(
        "papermill", str(QUICKSTART), str(tmp_path / "out.ipynb"), "--cwd", str(NOTEBOOKS), "--no-progress-bar"
    )
    assert done.returncode == 0, done.stderr
    out = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert any("success · task_maistro" in line for cell in out.cells for line in said(cell))


def test_nbconvert_runs_it(tmp_path: Path) -> None:
    done = shell("nbconvert", "--to", "html", "--execute", str(QUICKSTART), "--output-dir", str(tmp_path))
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "00_quickstart.html").read_text(encoding="utf-8")
    assert "lg-card lg-view lg-success" in page


@pytest.mark.parametrize(
    "runner",
    [("papermill", "{nb}", "{out}", "--no-progress-bar"), ("nbconvert", "--to", "notebook", "--execute", "{nb}")],
)
def test_a_mistake_stops_a_runner_with_one_line(broken: Path, tmp_path: Path, runner: tuple[str, ...]) -> None:
    done = shell(*(word.format(nb=broken, out=tmp_path / "out.ipynb") for word in runner))
    assert done.returncode != 0
    assert re.search(COMPLAINT, done.stderr)
    assert "lg_magics/commands" not in done.stderr
    assert "went on" not in done.stderr


def test_a_mistake_fails_under_nbval(broken: Path) -> None:
    done = shell("pytest", "-q", "--nbval-lax", str(broken), "-p", "no:cacheprovider")
    assert done.returncode == 1
    assert re.search(COMPLAINT, done.stdout)


def test_plain_ipython_runs_the_same_commands_and_stops_at_a_mistake(tmp_path: Path) -> None:
    script = tmp_path / "script.ipy"
    lines = [
        "%load_ext lg_magics",
        "%lg_connect local",
        "%lg_run --wait what's the weather in sf",
        MISTAKE,
        "print('went', 'on')",
    ]
    script.write_text("\n".join(lines), encoding="utf-8")
    done = shell("IPython", "--no-banner", "--colors=NoColor", str(script))
    assert "It is 18°C (64°F) and partly cloudy in San Francisco now" in done.stdout
    assert re.search(COMPLAINT, done.stdout + done.stderr)
    assert "went on" not in done.stdout


def test_what_on_finish_prints_is_kept_without_a_page(server: local.LocalServer) -> None:
    notebook = notebook_of(
        f"%load_ext lg_magics\nlg.connect({server.url!r}, timeout=60)\nNone",
        "run = lg.run('weather in Oslo', assistant='agent', thread='new')\nrun.on_finish(lambda each: print(each.status))\nNone",
        "run.wait()\nNone",
        "ended = []\nrun = lg.run('weather in Rome', assistant='agent', thread='new')\n"
        "_ = run.on_finish(lambda each: ended.append(each.status) or print('called'))",
        "import time\nwhile not ended:\n    time.sleep(0.01)",  # called while the cell runs: it waits for that
        "_ = run.on_finish(lambda each: print('late'))",
    )
    [cells] = executed(notebook)
    assert [cells[place] for place in (2, 4, 5)] == [["success\n"], ["called\n"], ["late\n"]]
