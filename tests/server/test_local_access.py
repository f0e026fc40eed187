"""Who the embedded server admits: everything that its user runs, without a key, and nobody else."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from langgraph_sdk import get_client, get_sync_client
from other_user import as_another_user

import lg_magics as lg
from lg_magics import local
from lg_magics.commands import deployment, runs
from lg_magics.errors import AccessDenied, CommandError, LocalServerError
from lg_magics.session import Session

CALLS_ITSELF = '''
import os
from typing import TypedDict
from langgraph.graph import StateGraph
from langgraph_sdk import get_client

class State(TypedDict):
    count: int
    seen: list

async def look(state):
    """Ask the own server, in process and over the network."""
    counts = []
    for client in (get_client(), get_client(url=os.environ["LANGGRAPH_API_URL"], api_key=None)):
        counts.append(len(await client.assistants.search()))
    return {"seen": counts}

graph = StateGraph(State).add_node("look", look).set_entry_point("look").compile()
'''
Opened = Callable[[], Session]


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """Makes sessions with a runtime folder of their own; what they started is stopped."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    made: list[Session] = []

    def new() -> Session:
        made.append(Session())
        return made[-1]

    yield new
    for each in made:
        if each.local is not None:
            local.stop(each.local, force=True)
        each.close()


def said(command: list[str], another_user: bool = False) -> dict[str, Any]:
    start = as_another_user if another_user else subprocess.Popen
    with start(command, stdout=subprocess.PIPE) as process:
        answer = json.loads(process.communicate(timeout=60)[0])
    assert isinstance(answer, dict)
    return answer


def curl(url: str, *options: str, another_user: bool = False) -> dict[str, Any]:
    return said(["curl", "-s", "-m", "30", *options, url], another_user)


def test_another_user_of_the_machine_is_refused(server: local.LocalServer) -> None:
    assert curl(f"{server.url}/info")["version"]
    refused = {"detail": "This embedded server belongs to another user of this machine."}
    for options in ([], ["-X", "POST", "-d", "{}"], ["-X", "DELETE"], ["-H", "X-Forwarded-For: 127.0.0.1"]):
        assert curl(f"{server.url}/threads/search", *options, another_user=True) == refused


def test_another_user_who_keeps_sending_on_one_connection_stays_refused(server: local.LocalServer) -> None:
    urls = [f"{server.url}/info?{number}" for number in range(3)]
    with as_another_user(
        ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} ", *urls], stdout=subprocess.PIPE
    ) as process:
        assert b"403" in process.communicate(timeout=30)[0]


def test_every_client_of_its_user_needs_no_key(server: local.LocalServer, session: Session, tmp_path: Path) -> None:
    async def by_the_async_client() -> int:
        async with get_client(url=server.url, api_key=None) as client:
            return len(await client.assistants.search())

    assert lg.sync(by_the_async_client()) >= 1
    for url in (server.url, server.url.replace("127.0.0.1", "localhost")):
        with get_sync_client(url=url, api_key=None) as client:
            assert client.assistants.search()
    assert curl(f"{server.url}/ok")["ok"]
    with urllib.request.urlopen(f"{server.url}/docs", timeout=30) as page:
        assert page.status == 200
    run = runs.run(session, "hello", assistant="agent", thread="new").wait()
    done = subprocess.run([sys.executable, "-c", run.info.code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "success"), done.stderr


def test_a_graph_may_call_its_own_server(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "itself.py").write_text(CALLS_ITSELF)
    session = opened()
    deployment.connect(session, "local", graph=f"{tmp_path}/itself.py:graph")
    assert runs.run(session, input={"count": 1}, wait=True).result["seen"] == [1, 1]


def test_with_a_required_key_only_our_clients_get_in_and_no_run_keeps_it(opened: Opened) -> None:
    session = opened()
    facts = dict(deployment.connect(session, "local", require_key=True).facts)
    assert session.local is not None
    file = session.local.key_file
    assert file is not None
    assert str(file) in facts["needs"]
    assert str(file) in dict(deployment.status(session).facts)["needs"]
    key = file.read_text()
    url = session.local.url
    assert "requires its key" in curl(f"{url}/info")["detail"]
    assert curl(f"{url}/info", "-H", f"x-lg-key: {key}")["version"]
    with pytest.raises(AccessDenied, match="requires its key"):
        deployment.connect(Session(), url)
    run = runs.run(session, "hello", assistant="agent", thread="new").wait()
    assert run.messages[-1].text  # its stream and its state were read
    assert key not in json.dumps([run.raw, threads_of(session)])
    assert key not in repr(session.connection.deployment)
    code = run.info.code
    assert key not in code
    assert "x-lg-key" in code


def threads_of(session: Session) -> Any:
    return session.connection.sync.threads.search(limit=100)


def test_a_key_is_not_required_of_a_server_that_another_kernel_uses(opened: Opened) -> None:
    first, second = opened(), opened()
    deployment.connect(first, "local")
    assert first.local is not None
    user = subprocess.Popen(["sleep", "60"])
    try:
        from lg_magics.local.folder import Folder
        from lg_magics.local.processes import process

        other = process(user.pid)
        assert other is not None
        (Folder(first.local.folder).path / "users" / f"{other.pid}@{other.started}").touch()
        with pytest.raises(LocalServerError, match="used by another kernel"):
            deployment.connect(second, "local", require_key=True)
    finally:
        user.kill()
        user.wait()
    deployment.connect(second, "local", require_key=True)
    assert "detail" in curl(f"{first.local.url}/info")


def test_an_origin_is_added_to_a_server_that_runs(opened: Opened) -> None:
    first, second = opened(), opened()
    deployment.connect(first, "local")
    assert first.local is not None
    origin = {"origin": "https://smith.langchain.com"}
    assert httpx.get(f"{first.local.url}/info", headers=origin).status_code == 403
    facts = dict(deployment.connect(second, "local", allow_origin="https://smith.langchain.com/").facts)
    assert facts["Studio"] == f"https://smith.langchain.com/studio/?baseUrl={first.local.url}"
    answer = httpx.get(f"{first.local.url}/info", headers=origin)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert httpx.get(f"{first.local.url}/info", headers={"origin": "https://evil.example"}).status_code == 403
    with pytest.raises(LocalServerError, match="not an origin"):
        deployment.connect(second, "local", allow_origin="*")
    with pytest.raises(CommandError, match="--allow-origin"):
        deployment.connect(second, first.local.url, allow_origin="https://smith.langchain.com")


@pytest.mark.slow
def test_the_origins_of_a_langgraph_json_are_admitted_but_not_every_one(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "itself.py").write_text(CALLS_ITSELF)
    cors = {"allow_origins": ["https://app.example", "*"], "allow_methods": ["*"]}
    config = {"graphs": {"itself": "./itself.py:graph"}, "http": {"cors": cors}}
    (tmp_path / "langgraph.json").write_text(json.dumps(config))
    session = opened()
    path = str(tmp_path / "langgraph.json")
    deployment.connect(session, "local", config=path, allow_origin="https://studio.example")
    assert session.local is not None
    for origin, expected in (("app", 200), ("studio", 200), ("evil", 403)):
        answer = httpx.get(f"{session.local.url}/info", headers={"origin": f"https://{origin}.example"})
        assert answer.status_code == expected, origin
    with pytest.raises(LocalServerError, match=r"http.cors .* does not name https://new.example"):
        deployment.connect(session, "local", config=path, allow_origin="https://new.example")


def test_a_port_that_was_proxied_by_the_same_user_works_under_its_own_address(server: local.LocalServer) -> None:
    """As `ssh -L 9000:127.0.0.1:2024`: another port in the Host, and in the Origin of the server's own pages."""
    own = {"host": "localhost:9000", "origin": "http://localhost:9000", "sec-fetch-site": "same-origin"}
    assert httpx.get(f"{server.url}/info", headers=own).status_code == 200
