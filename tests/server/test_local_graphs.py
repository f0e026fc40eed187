"""A user's own graphs on the embedded server. Knows good, broken and keyless ones; each is a real file."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk import get_sync_client

from lg_magics import local
from lg_magics.errors import LocalServerError
from lg_magics.local import GraphState, LocalServer

from .inputs import input_from_text

SECRET = "sesame-open-47110815"
ECHO = """
import os
from langgraph.graph import START, StateGraph, MessagesState
{first}
def echo(state):
    return {{"messages": [("ai", {said})]}}
graph = StateGraph(MessagesState).add_node(echo).add_edge(START, "echo").compile()
"""


@pytest.fixture(autouse=True)
def _own_runtime_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


@pytest.fixture
def start() -> Iterator[Callable[..., LocalServer]]:
    running: list[LocalServer] = []

    def start_private(**options: Any) -> LocalServer:
        running.append(local.start(private=True, **options))
        return running[-1]

    yield start_private
    for server in running:
        local.stop(server)


def graph_file(path: Path, *, first: str = "", said: str = "'hello'") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(ECHO.format(first=first, said=said))
    return path


def config_file(folder: Path, **content: Any) -> Path:
    path = folder / "langgraph.json"
    path.write_text(json.dumps({"dependencies": ["."], **content}))
    return path


def answer(server: LocalServer, graph: str) -> str:
    with get_sync_client(url=server.url, api_key=None) as client:
        values: Any = client.runs.wait(None, graph, input=input_from_text("hi"))
    return str(values["messages"][-1]["content"])


def test_relative_paths_imports_and_the_env_file_work_and_no_key_is_shown(
    tmp_path: Path, start: Callable[..., LocalServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    graph_file(project / "src" / "chat.py", first="from words import said\nprint(os.environ)", said="said()")
    (project / "lib").mkdir()
    (project / "lib" / "words.py").write_text("import os\ndef said(): return os.environ['MY_API_KEY'][::-1]\n")
    (project / ".env").write_text(f"MY_API_KEY={SECRET}\nLANGSMITH_TRACING=true\n")
    config_file(project, dependencies=["./lib"], graphs={"chat": "./src/chat.py:graph"}, env=".env")
    monkeypatch.chdir(tmp_path)
    server = start(config=Path("project/langgraph.json"))
    assert server.graphs == (GraphState("chat", ready=True, problem=""),)
    assert answer(server, "chat") == SECRET[::-1]
    assert "MY_API_KEY" in (printed := local.log_tail(server, lines=1000))
    assert SECRET not in printed + repr(server)
    assert "'LANGSMITH_TRACING': 'false'" in printed
    assert not (tmp_path / ".langgraph_api").exists()
    assert (server.folder / ".langgraph_api").is_dir()


def test_one_graph_of_a_file_is_served_under_a_name_with_the_env_beside_it(
    tmp_path: Path, start: Callable[..., LocalServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    graph_file(tmp_path / "work" / "poet.py", said="os.environ['MUSE']")
    (tmp_path / "work" / ".env").write_text("MUSE=Erato\n")
    monkeypatch.chdir(tmp_path / "work")
    server = start(graph="poet.py:graph")
    assert [graph.name for graph in server.graphs] == ["poet"]
    assert answer(server, "poet") == "Erato"


def test_it_collects_garbage_once_it_serves_and_not_while_it_loads(
    tmp_path: Path, start: Callable[..., LocalServer]
) -> None:
    now = graph_file(
        tmp_path / "now.py", first="import gc\nloading = gc.isenabled()", said="f'{loading} {gc.isenabled()}'"
    )
    assert answer(start(graph=f"{now}:graph"), "now") == "False True"


def test_a_graph_without_its_key_is_not_ready_and_the_others_are(
    tmp_path: Path, start: Callable[..., LocalServer]
) -> None:
    graph_file(tmp_path / "good.py")
    message = "The api_key client option must be set by setting the OPENAI_API_KEY environment variable"
    graph_file(tmp_path / "keyless.py", first=f"raise RuntimeError({message!r})")
    config = config_file(tmp_path, graphs={"good": "./good.py:graph", "keyless": "./keyless.py:graph"})
    server = start(config=config)
    assert server.graphs == (
        GraphState("good", ready=True),
        GraphState("keyless", ready=False, problem="OPENAI_API_KEY is not set"),
    )
    assert answer(server, "good") == "hello"


def test_connecting_again_with_the_key_makes_the_graph_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph_file(tmp_path / "good.py")
    graph_file(tmp_path / "keyless.py", first="os.environ['OPENAI_API_KEY']")
    config = config_file(tmp_path, graphs={"good": "./good.py:graph", "keyless": "./keyless.py:graph"})
    before = local.start(config=config)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    after = local.start(config=config)
    assert [graph.ready for graph in before.graphs] == [True, False]
    assert [graph.ready for graph in after.graphs] == [True, True]
    assert local.start(config=config).adopted
    local.stop(after)


def test_when_no_graph_has_its_key_the_error_names_the_key_and_the_env_file(tmp_path: Path) -> None:
    graph_file(tmp_path / "keyless.py", first="os.environ['OPENAI_API_KEY']")
    with pytest.raises(LocalServerError, match=r"'keyless'\): OPENAI_API_KEY is not set") as caught:
        local.start(private=True, graph=f"{tmp_path}/keyless.py:graph")
    assert f"OPENAI_API_KEY=… into {tmp_path / '.env'}" in caught.value.hint


def test_a_graph_that_fails_to_import_is_named_with_its_file_line_and_reason(tmp_path: Path) -> None:
    graph_file(tmp_path / "good.py")
    (tmp_path / ".env").write_text(f"MY_API_KEY={SECRET}\n")
    graph_file(tmp_path / "broken.py", first="raise ValueError('no luck with ' + os.environ['MY_API_KEY'])")
    config = config_file(tmp_path, graphs={"good": "./good.py:graph", "broken": "./broken.py:graph"})
    with pytest.raises(LocalServerError) as caught:
        local.start(private=True, config=config)
    assert caught.value.message == (
        f"Graph 'broken' cannot be loaded: ValueError: no luck with [redacted] ({tmp_path / 'broken.py'}, line 4)."
    )


def test_a_missing_package_is_reported_with_how_to_get_it(tmp_path: Path) -> None:
    graph_file(tmp_path / "broken.py", first="import surely_not_installed")
    with pytest.raises(LocalServerError, match="No module named 'surely_not_installed'") as caught:
        local.start(private=True, graph=f"{tmp_path}/broken.py:graph")
    assert "Install it" in caught.value.hint


def test_a_server_that_dies_while_it_starts_is_noticed_at_once(tmp_path: Path) -> None:
    graph_file(tmp_path / "deadly.py", first="print('RuntimeError: out of coffee', flush=True); os._exit(7)")
    began = time.monotonic()
    with pytest.raises(LocalServerError, match="did not start: RuntimeError: out of coffee"):
        local.start(private=True, graph=f"{tmp_path}/deadly.py:graph")
    assert time.monotonic() - began < 60


def test_the_address_of_another_deployment_in_the_environment_is_not_mistaken_for_its_own(
    tmp_path: Path, server: LocalServer, start: Callable[..., LocalServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGGRAPH_API_URL", server.url)
    own = start(graph=f"{graph_file(tmp_path / 'own.py')}:graph")
    assert answer(own, "own") == "hello"
