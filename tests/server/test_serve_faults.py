"""Graphs of notebooks that would harm the embedded server or each other: they exit, hang, or have the same names. All is real."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lg_magics.errors import LocalServerError, RunFailed
from lg_magics.local.notebook.cells import ExecutedCell
from lg_magics.local.notebook.collect import collect
from lg_magics.local.serving import serve_source

from .coming import until
from .notebook_shell import IMPORTS, NotebookShell, graph_cell, notebook_shell


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NotebookShell]:
    with pytest.MonkeyPatch.context() as patch, notebook_shell(tmp_path_factory.mktemp("notebook"), patch) as shell:
        shell.run(IMPORTS)
        yield shell


def test_a_graph_that_exits_fails_its_run_and_the_server_goes_on(notebook: NotebookShell) -> None:
    notebook.run("import sys\n" + graph_cell(body="sys.exit(3)", name="exits"))
    notebook.run("async def b(state):\n    raise KeyboardInterrupt\n")
    notebook.run("aexits = StateGraph(State).add_node('b', b).add_edge(START, 'b').compile()")
    notebook.run(
        "def factory(config):\n    sys.exit(4) if config['configurable'].get('thread_id') else None\n    return exits"
    )
    pid = notebook.session.local and notebook.line("%lg_serve exits") and notebook.session.local.pid
    for name in ("exits", "aexits", "factory"):
        notebook.line(f"%lg_serve {name}")
        with pytest.raises(
            RunFailed, match=r"(SystemExit|KeyboardInterrupt)\(.*would end the server \(cell \d+, line \d"
        ):
            notebook.run("%lg_run -t new --wait --timeout 30 --no-card --json {}")
    notebook.run(graph_cell(name="after"))
    notebook.line("%lg_serve after")
    assert notebook.log() == ["one"]
    assert pid is None or (notebook.session.local is not None and notebook.session.local.pid == pid)


def test_notebooks_in_two_folders_have_their_own_modules_files_and_variables(
    notebook: NotebookShell, tmp_path: Path
) -> None:
    notebook.run(graph_cell(name="starts"))
    notebook.line("%lg_serve starts")
    server = notebook.session.local
    assert server is not None
    cells = [
        IMPORTS + "import of_the_course",
        graph_cell(
            body="return {'log': [of_the_course.WORD, open('data.txt').read(), os.environ.get(of_the_course.KEY)]}"
        ),
    ]
    source = collect([ExecutedCell(number, text) for number, text in enumerate(cells, 1)], "graph").source
    for word in ("one", "two"):
        folder = tmp_path / word
        folder.mkdir()
        (folder / "of_the_course.py").write_text(f"WORD = 'module {word}'\nKEY = 'SETTING_{word}'\n")
        (folder / "data.txt").write_text(f"data {word}")
        serve_source(
            server,
            f"course_{word}",
            source,
            owner=f"{word}.ipynb",
            folder=folder,
            path=[str(folder)],
            environment={f"SETTING_{word}": word},
            is_confirmed=False,
        )
    notebook.line("%lg_assistants")
    for word in ("one", "two", "one"):
        assert notebook.log(f"-a course_{word}") == [f"module {word}", f"data {word}", word]


def test_an_import_that_hangs_is_ended_by_a_kernel_interrupt(notebook: NotebookShell) -> None:
    go, began = Path("go.txt"), Path("began.txt")
    go.touch()
    notebook.run(
        "def wait():\n    open('began.txt', 'w').close()\n    while not os.path.exists('go.txt'):\n        time.sleep(0.05)\n"
        "waited = wait()\n" + graph_cell(body="return {'log': [waited]}", name="hangs")
    )
    go.unlink()
    began.unlink()

    def interrupt() -> None:
        until(began.exists)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        notebook.run("%lg_serve hangs")
    thread.join()
    notebook.run(graph_cell(name="hangs"))
    assert notebook.line("%lg_serve hangs").title.startswith("serving hangs v")
    assert notebook.log() == ["one"]


def test_what_is_no_whole_graph_is_refused_with_the_reason(notebook: NotebookShell) -> None:
    notebook.run(graph_cell() + "\nunwired = StateGraph(State)\nunwired.add_node('a', a)\n")
    with pytest.raises(LocalServerError, match=r"unwired cannot be imported: ValueError: .*Correct the cell"):
        notebook.line("%lg_serve unwired")
    notebook.run(
        "one, two = (StateGraph(State).add_node(n, lambda s, n=n: {'log': [n]}).add_edge(START, n).compile() for n in 'xy')"
    )
    assert notebook.line("%lg_serve one --name pair")["version"] == 1
    assert notebook.line("%lg_serve two --name pair")["version"] == 2
    assert notebook.log() == ["y"]


def test_a_key_in_the_error_of_a_run_is_not_shown(notebook: NotebookShell, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "sesame-open-08154711"
    monkeypatch.setenv("TELLS_API_KEY", secret)
    notebook.run(graph_cell(body="raise ValueError('bad key ' + os.environ['TELLS_API_KEY'])", name="tells"))
    notebook.line("%lg_serve tells")
    with pytest.raises(RunFailed, match=r"ValueError: bad key \[redacted\] \(cell \d+, line 2\)"):
        notebook.run("%lg_run -t new --wait --no-card --json {}")


def test_a_key_in_the_error_of_an_import_is_in_no_log(notebook: NotebookShell, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "sesame-open-47110815"
    monkeypatch.setenv("OTHER_API_KEY", secret)
    there = Path("there.txt")
    there.touch()
    notebook.run(
        "def check():\n    if not os.path.exists('there.txt'):\n        raise ValueError(os.environ['OTHER_API_KEY'])\n"
        "    return 1\nok = check()\n" + graph_cell(body="return {'log': [ok]}", name="importing")
    )
    there.unlink()
    with pytest.raises(LocalServerError, match=r"ValueError: \[redacted\] \(cell \d+, line 3\)"):
        notebook.line("%lg_serve importing")
    server = notebook.session.local
    assert server is not None
    assert "importing v1 cannot be imported" in server.log.read_text()
    assert secret not in server.log.read_text()
