"""Graphs of a notebook on the embedded server: served, edited, refused and saved. The shell and the server are real."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.errors import CommandError, LgError, LocalServerError, RunFailed
from lg_magics.follow.run import Run
from lg_magics.tables.facts import Facts

from .coming import until
from .notebook_shell import IMPORTS, NotebookShell, graph_cell, notebook_shell


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NotebookShell]:
    """One notebook for all tests: each serves under a name of its own."""
    with pytest.MonkeyPatch.context() as patch, notebook_shell(tmp_path_factory.mktemp("notebook"), patch) as shell:
        shell.run(IMPORTS)
        yield shell


def served(notebook: NotebookShell, name: str, cell: str = "") -> Facts:
    """Run a cell with `%%lg_serve`, and give what it returned."""
    found = notebook.run(f"%%lg_serve {name}\n{cell}") if cell else notebook.line(f"%lg_serve {name}")
    assert isinstance(found, Facts)
    return found


def test_a_cell_serves_its_graph_and_the_next_run_runs_it_on_a_new_thread(notebook: NotebookShell) -> None:
    notebook.run("print('not part of it')")
    found = served(notebook, "first", graph_cell(name="first"))
    assert found.title.startswith("serving first v1 (cells ")
    assert "left out: 1 print)" in found.title
    assert notebook.session.selection.assistant == "first"
    assert notebook.session.selection.thread is None
    run = notebook.line("%lg_run --wait --json {}")
    assert run.result["log"] == ["one"]
    assert run.info.graph == "first v1"


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("builder", "builder = StateGraph(State).add_node('a', lambda s: {'log': ['one']}).add_edge(START, 'a')"),
        ("configured", graph_cell(name="plain") + "\nconfigured = plain.with_config({'tags': ['x']})"),
        (
            "bound",
            graph_cell(name="plain") + "\nfrom langchain_core.runnables.base import RunnableBinding\n"
            "bound = RunnableBinding(bound=plain, config={'tags': ['x']})",
        ),
        (
            "point",
            "from langgraph.func import entrypoint\nfrom langgraph.checkpoint.memory import MemorySaver\n"
            "@entrypoint(checkpointer=MemorySaver())\ndef point(given):\n    return {'log': ['one']}",
        ),
        ("factory", graph_cell(name="plain") + "\ndef factory(config):\n    return plain"),
        ("afactory", graph_cell(name="plain") + "\nasync def afactory():\n    return plain"),
    ],
)
def test_every_kind_of_graph_is_served(notebook: NotebookShell, name: str, cell: str) -> None:
    notebook.run(cell)
    assert served(notebook, name).title.startswith(f"serving {name} v1 ")
    assert notebook.log() == ["one"]


def test_an_agent_is_served(notebook: NotebookShell) -> None:
    notebook.run(
        "from langchain.agents import create_agent\nfrom langgraph.checkpoint.memory import InMemorySaver\n"
        "from langchain_core.language_models.fake_chat_models import GenericFakeChatModel\n"
        "from langchain_core.messages import AIMessage\n"
        "class Model(GenericFakeChatModel):\n    def bind_tools(self, tools, **_):\n        return self\n"
        "def weather(city: str) -> str:\n    '''Tell the weather.'''\n    return 'fine'\n"
        "model = Model(messages=iter([AIMessage('It is fine.')] * 9))\n"
        "my_agent = create_agent(model, [weather], checkpointer=InMemorySaver())"
    )
    served(notebook, "my_agent")
    run = notebook.line("%lg_run --wait what is the weather?")
    assert run.messages[-1].text == "It is fine."


def test_a_function_serves_an_object_and_an_expression(notebook: NotebookShell) -> None:
    notebook.run(graph_cell(name="object_graph"))
    assert notebook.run("lg.serve(object_graph)").title.startswith("serving object_graph v1")
    found = notebook.run(
        "lg.serve(\n    StateGraph(State).add_node('a', a).add_edge(START, 'a').compile(), name='made'\n)"
    )
    assert found.title.startswith("serving made v1")
    assert notebook.log() == ["one"]


def test_an_edited_cell_is_served_to_the_next_run_and_threads_stay(notebook: NotebookShell) -> None:
    served(notebook, "edited", graph_cell(name="edited"))
    first = notebook.line("%lg_run --wait --json {}")
    began = time.perf_counter()
    found = served(notebook, "edited", graph_cell(body="return {'log': ['two']}", name="edited"))
    took = time.perf_counter() - began
    assert found["version"] == 2
    assert took - found["seconds"] < 5  # 0.5 s on a quiet machine: benchmarks/serve.py
    run = notebook.line(f"%lg_run -t {first.thread_id} --wait --json {{}}")
    assert run.result["log"] == ["one", "two"]
    assert run.info.graph == "edited v2"
    assert "unchanged" in served(notebook, "edited").title
    assert "+    return {'log': ['two']}" in notebook.line("%lg_serve edited --diff")["diff"]


def test_a_live_run_ends_on_its_own_version(notebook: NotebookShell) -> None:
    body = "time.sleep(0.2)\n    return {{'log': ['{0}']}}"
    cell = (
        "def slow(state):\n    " + body + "\ndef last(state):\n    return {{'log': ['{0}']}}\n"
        "live = StateGraph(State).add_node('slow', slow).add_node('last', last)\n"
        "live = live.add_edge(START, 'slow').add_edge('slow', 'last').compile()"
    )
    served(notebook, "live", cell.format("old").replace("0.2", "3"))
    run: Run = notebook.line("%lg_run --json {}")
    _until_running(run)
    served(notebook, "live", cell.format("new"))
    assert notebook.log() == ["new", "new"]
    assert run.status == "running"
    run.wait(30)
    assert run.result["log"] == ["old", "old"]
    assert run.info.graph == "live v1"


def _until_running(run: Run) -> None:
    until = time.monotonic() + 20
    while run.status != "running" and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.3)


ASKS = (
    "def {node}(state):\n    return {{'log': [interrupt('what?') + '{mark}']}}\n"
    "def done(state):\n    return {{'log': ['done']}}\n"
    "asking = StateGraph(State).add_node('{node}', {node}).add_node('done', done)\n"
    "asking = asking.add_edge(START, '{node}').add_edge('{node}', 'done').compile()"
)


def test_a_waiting_thread_goes_on_with_the_new_version_or_is_refused(notebook: NotebookShell) -> None:
    served(notebook, "asking", ASKS.format(node="ask", mark="1"))
    one, two = (notebook.line("%lg_run -t new --wait --json {}") for _ in range(2))
    assert one.status == two.status == "waiting"
    served(notebook, "asking", ASKS.format(node="ask", mark="2"))
    answered = notebook.line(f"%lg_resume -t {one.thread_id} --wait yes")
    assert answered.result["log"] == ["yes2", "done"]
    served(notebook, "asking", ASKS.format(node="inquire", mark="3"))
    with pytest.raises(LgError, match=r"stopped at ask of asking v1, and v3 has no such node.*--version 1"):
        notebook.run(f"%lg_resume -t {two.thread_id} --wait yes")
    assert notebook.line(f"%lg_state -t {two.thread_id}").next == ("ask",)
    answered = notebook.line(f"%lg_resume -t {two.thread_id} --version 1 --wait yes")
    assert answered.result["log"] == ["yes1", "done"]
    with pytest.raises(CommandError, match="no version 9: there are 1, 2, 3"):
        notebook.run("%lg_run --version 9 --json {}")


def test_a_version_that_cannot_be_imported_leaves_the_one_before_in_service(notebook: NotebookShell) -> None:
    served(notebook, "stays", graph_cell(name="stays"))
    Path("here.txt").touch()
    notebook.run(
        "import os.path\nfactor = 1 / os.path.exists('here.txt')\n"
        + graph_cell(body="return {'log': [factor]}", name="stays")
    )
    Path("here.txt").unlink()
    with pytest.raises(LocalServerError, match=r"imported: ZeroDivisionError.*\(cell \d+, line 2\)\. v1 stays"):
        served(notebook, "stays")
    run = notebook.line("%lg_run -a stays -t new --wait --json {}")
    assert run.result["log"] == ["one"]
    assert run.info.version == "v1"


def test_an_error_of_a_run_names_the_cell_and_the_line(notebook: NotebookShell) -> None:
    number = notebook.next_number
    served(notebook, "failing", graph_cell(body="zero = 0\n    return {'log': [1 / zero]}", name="failing"))
    with pytest.raises(RunFailed, match=rf"ZeroDivisionError: division by zero \(cell {number}, line 4\)"):
        notebook.run("%lg_run --wait --json {}")
    notebook.run(graph_cell(body="zero = 0\n    return {'log': [1 / zero]}", name="failing"))
    assert "unchanged" in served(notebook, "failing").title
    with pytest.raises(RunFailed, match=rf"division by zero \(cell {number + 2}, line 3\)"):
        notebook.run("%lg_run --wait --json {}")
    log = local.log_tail(notebook.session.local, 40) if notebook.session.local else ""
    assert f'File "failing v1, cell {number}", line 4, in a' in log
    assert "return {'log': [1 / zero]}" in log


def test_what_only_the_kernel_has_and_keys_are_refused(notebook: NotebookShell) -> None:
    notebook.run("files = !echo one")
    notebook.run(graph_cell(body="return {'log': list(files)}", name="needs"))
    with pytest.raises(
        LocalServerError, match=r"needs files \(cell \d+, line 1\), which exists only in this kernel: cell \d+"
    ):
        served(notebook, "needs")
    key = "sk-" + "a1b2c3d4" * 3
    notebook.run(f"holder = dict(api_key='{key}')\n" + graph_cell(body="return {'log': [len(holder)]}", name="keyed"))
    with pytest.raises(LocalServerError, match=r"Cell \d+, line 1 holds a key") as refused:
        served(notebook, "keyed")
    assert key not in str(refused.value)
    with pytest.raises(CommandError, match="no 'notthere' in this notebook"):
        served(notebook, "notthere")
    with pytest.raises(CommandError, match="'files' is not a graph"):
        served(notebook, "files")
    notebook.run(graph_cell(name="agent"))
    with pytest.raises(LocalServerError, match=r"has a graph 'agent' of its own\. --name my_agent"):
        served(notebook, "agent")


def test_another_graph_under_the_same_name_needs_the_name(notebook: NotebookShell) -> None:
    served(notebook, "same", graph_cell("one", name="same"))
    with pytest.raises(LocalServerError, match=r"same v1 has the nodes one; this graph has other\. --name same"):
        served(notebook, "same", graph_cell("other", name="same"))
    assert notebook.line("%lg_serve same --name same")["version"] == 2


def test_the_environment_reaches_the_next_version_and_no_file(notebook: NotebookShell) -> None:
    secret = "sesame-open-47110815"
    cell = graph_cell(body="return {'log': [os.environ.get('TOLD'), os.environ['SERVE_API_KEY'][::-1]]}", name="told")
    name, words = served(notebook, "told", cell).facts[0]
    assert name == "SERVE_API_KEY"
    assert words.startswith("is not set; Set it: %env SERVE_API_KEY")
    notebook.run("%env TOLD=by-a-magic")
    Path(".env").write_text(f"SERVE_API_KEY={secret}\n")
    assert served(notebook, "told")["version"] == 2
    assert notebook.log() == ["by-a-magic", secret[::-1]]
    folder = notebook.session.local.folder if notebook.session.local else Path()
    holding = [each for each in folder.rglob("*") if each.is_file() and secret.encode() in each.read_bytes()]
    assert holding == []
    Path(".env").unlink()
    os.environ.pop("TOLD")


def test_a_missing_key_is_named_before_the_first_run(notebook: NotebookShell) -> None:
    os.environ["UNSET_API_KEY"] = "a-value-47110815"
    notebook.run(
        "client_key = os.environ['UNSET_API_KEY']\n"
        + graph_cell(body="return {'log': [len(client_key)]}", name="keyless")
    )
    del os.environ["UNSET_API_KEY"]
    with pytest.raises(LocalServerError, match=r"keyless is not ready \(cell \d+, line 1\): UNSET_API_KEY is not set"):
        served(notebook, "keyless")


def test_a_slow_statement_runs_once_and_modules_and_files_beside_the_notebook_are_found(
    notebook: NotebookShell,
) -> None:
    Path("beside.py").write_text("WORD = 'first'\n")
    cell = (
        "import beside\ndef build(path):\n    time.sleep(2.1)\n"
        "    with open('built.txt', 'a') as built:\n        built.write('x')\n"
        "    return [os.path.basename(path)]\n"
        "index = build('data.txt')\nindex.append('more')\n"
    )
    Path("built.txt").unlink(missing_ok=True)
    served(notebook, "indexed", cell + graph_cell(body="return {'log': [*index, beside.WORD]}", name="indexed"))
    assert notebook.log() == ["data.txt", "more", "first"]
    assert Path("built.txt").read_text() == "xx"  # once in the notebook, once on the server
    notebook.run("WORD = 2\n" + graph_cell(body="return {'log': [*index, beside.WORD, WORD]}", name="indexed"))
    found = served(notebook, "indexed")
    assert "not run again: 1 slow statement" in found.title
    assert notebook.log() == ["data.txt", "more", "first", 2]
    assert Path("built.txt").read_text() == "xx"
    Path("beside.py").write_text("WORD = 'second, longer'\n")
    assert served(notebook, "indexed")["version"] == 3
    assert notebook.log() == ["data.txt", "more", "second, longer", 2]


def test_an_edited_file_that_the_notebook_names_makes_a_new_version(notebook: NotebookShell) -> None:
    prompt = Path("prompt.txt")
    prompt.write_text("first")
    cell = "from pathlib import Path\nPROMPT = Path('prompt.txt').read_text()\n" + graph_cell(
        body="return {'log': [PROMPT]}", name="prompted"
    )
    served(notebook, "prompted", cell)
    assert "unchanged" in served(notebook, "prompted", cell).title
    prompt.write_text("second, longer")
    assert served(notebook, "prompted", cell)["version"] == 2
    assert notebook.log() == ["second, longer"]


def test_an_awaited_value_is_served(notebook: NotebookShell) -> None:
    notebook.run("class Tools:\n    async def get(self):\n        return ['tool']\ntools_client = Tools()")
    notebook.run("awaited = await tools_client.get()")
    served(notebook, "asynced", graph_cell(body="return {'log': awaited}", name="asynced"))
    assert notebook.log() == ["tool"]


def answers(client: SyncLangGraphClient) -> bool:
    """Whether there is a server yet."""
    with suppress(httpx.TransportError):
        return bool(client.http.get("/ok"))
    return False


def test_a_saved_project_is_what_langgraph_takes(notebook: NotebookShell, free_tcp_port: int) -> None:
    Path("helper_words.py").write_text("WORD = 'saved'\n")
    notebook.run("import helper_words\n" + graph_cell(body="return {'log': [helper_words.WORD]}", name="kept"))
    notebook.run("os.environ['SAVE_API_KEY'] = 'sesame-open-47110815'")
    found = notebook.line("%lg_serve kept --save project")
    project = Path("project")
    assert sorted(each.name for each in project.iterdir()) == [
        ".env.example",
        "helper_words.py",
        "kept.py",
        "langgraph.json",
        "requirements.txt",
    ]
    assert "SAVE_API_KEY=\n" in (project / ".env.example").read_text()
    assert "sesame" not in "".join(each.read_text() for each in project.iterdir())
    assert any(line.startswith("langgraph==") for line in (project / "requirements.txt").read_text().split("\n"))
    program = Path(sys.executable).with_name("langgraph")
    checked = subprocess.run([program, "validate"], cwd=project, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "kept" in found.title
    (project / ".env").write_text((project / ".env.example").read_text())
    command = [str(program), "dev", "--no-browser", "--no-reload", "--port", str(free_tcp_port)]
    log = Path("dev.txt")
    with log.open("wb") as written, subprocess.Popen(command, cwd=project, stdout=written, stderr=written) as dev:
        try:
            with get_sync_client(url=f"http://127.0.0.1:{free_tcp_port}", api_key=None) as client:
                until(lambda: dev.poll() is not None or answers(client))
                assert dev.poll() is None, log.read_text()
                assert client.runs.wait(None, "kept", input={}) == {"log": ["saved"]}
        finally:
            dev.terminate()
    assert json.loads((project / "langgraph.json").read_text())["graphs"] == {"kept": "./kept.py:kept"}
