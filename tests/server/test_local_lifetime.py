"""How long an embedded server lives, and who may share it. Knows real kernels and a real owner: processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk import get_sync_client

from lg_magics import local
from lg_magics.errors import LocalServerError
from lg_magics.local.folder import folder_for
from lg_magics.local.processes import this_process

# A kernel: does each line that it reads with its server, and says what came of it.
KERNEL = """
import json, sys
from lg_magics import local
from lg_magics.errors import LgError
server = None
for line in sys.stdin:
    word, options = json.loads(line)
    try:
        if word == "start":
            server = local.start(**options)
            said = {"url": server.url, "pid": server.pid, "adopted": server.adopted, "folder": str(server.folder)}
        else:
            said = getattr(local, word)(server, **options)
    except LgError as error:
        said = str(error)
    except KeyboardInterrupt:
        said = "interrupted"
    print(json.dumps(said), flush=True)
"""


class Kernel:
    """A process that uses the embedded server, as a notebook's kernel does."""

    def __init__(self, environ: dict[str, str], within: Sequence[str] = ()) -> None:
        self.process = subprocess.Popen(
            [*within, sys.executable, "-c", KERNEL],
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )

    def tell(self, word: str, **options: Any) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps([word, options]) + "\n")
        self.process.stdin.flush()

    def hear(self) -> Any:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())

    def ask(self, word: str, **options: Any) -> Any:
        self.tell(word, **options)
        return self.hear()

    def kill(self) -> None:
        """Kill the kernel and its whole process group, as a restart does."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe
            pipe.close()


class Jupyter:
    """A process that stands for the Jupyter server, and the kernels below it."""

    def __init__(self, runtime: Path, owner: subprocess.Popen[bytes] | None) -> None:
        self.owner = owner
        self.environ = {**os.environ, "JUPYTER_RUNTIME_DIR": str(runtime)}
        self.environ.pop("JPY_PARENT_PID", None)
        if owner:
            self.environ["JPY_PARENT_PID"] = str(owner.pid)
        self.kernels: list[Kernel] = []

    def kernel(self, within: Sequence[str] = ()) -> Kernel:
        self.kernels.append(Kernel(self.environ, within))
        return self.kernels[-1]

    def close(self) -> None:
        for kernel in self.kernels:
            kernel.kill()
        if self.owner:
            self.owner.kill()
            self.owner.wait()


@pytest.fixture
def jupyter(tmp_path: Path) -> Iterator[Jupyter]:
    with ExitStack() as stack:
        owner = subprocess.Popen(["sleep", "600"])
        stack.callback(owner.wait)
        running = Jupyter(tmp_path, owner)
        stack.callback(running.close)
        yield running


@pytest.fixture
def no_jupyter(tmp_path: Path) -> Iterator[Jupyter]:
    running = Jupyter(tmp_path, None)
    yield running
    running.close()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/ok", timeout=2):
            return True
    except OSError:
        return False


def becomes(is_true: Callable[[], bool], *, within: float) -> bool:
    deadline = time.monotonic() + within
    while not is_true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_running(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def test_a_restarted_kernel_adopts_the_server_and_nobody_stops_it_under_another(jupyter: Jupyter) -> None:
    first = jupyter.kernel()
    started = first.ask("start")
    first.kill()
    assert answers(started["url"])

    second, third = jupyter.kernel(), jupyter.kernel()
    adopted = second.ask("start")
    assert adopted == {**started, "adopted": True}
    assert third.ask("start") == adopted
    assert "used by another kernel" in third.ask("stop")
    assert "used by another kernel" in third.ask("start", fresh=True)
    assert answers(started["url"])

    second.ask("release")
    assert third.ask("stop") is None
    assert third.ask("is_alive") is False
    assert not is_running(started["pid"])


NAMESPACES = (["unshare", "-p", "-f", "--mount-proc"], ["unshare", "-r", "-p", "-f", "--mount-proc"])


def test_a_container_that_shares_the_home_leaves_the_server_alone_and_has_its_own(
    no_jupyter: Jupyter, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = no_jupyter.kernel()
    started = kernel.ask("start")
    order = Path(started["folder"]) / "order.json"
    namespace = next((each for each in NAMESPACES if subprocess.run([*each, "true"], check=False).returncode == 0), [])
    written = json.loads(order.read_text())
    if not namespace:  # where it is not permitted: the record of another machine, and an owner that does not run here
        elsewhere = {"machine": {**written["machine"], "boot": "another"}, "owner": {"pid": 1, "started": "never"}}
        order.write_text(json.dumps(written | elsewhere))

    inside = no_jupyter.kernel(namespace)
    other = inside.ask("start")
    assert other["folder"] != started["folder"]
    assert answers(started["url"])
    assert answers(other["url"])
    inside.kill()
    order.write_text(json.dumps(written))

    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", no_jupyter.environ["JUPYTER_RUNTIME_DIR"])
    folder_for("another", this_process(), private=False)
    assert kernel.ask("is_alive")
    assert answers(started["url"])
    if namespace:
        assert Path(other["folder"]).exists()  # nobody here can know whether it is in use


def test_a_server_stopped_by_force_has_no_users_when_it_is_started_again(jupyter: Jupyter) -> None:
    first, second = jupyter.kernel(), jupyter.kernel()
    first.ask("start")
    second.ask("start")
    assert first.ask("stop", force=True) is None
    assert second.ask("is_alive") is False
    first.ask("start")
    assert first.ask("stop") is None


def test_stopping_keeps_the_data_and_fresh_drops_it(jupyter: Jupyter) -> None:
    kernel = jupyter.kernel()
    with get_sync_client(url=kernel.ask("start")["url"], api_key=None) as client:
        client.threads.create(metadata={"kept": "yes"})
        client.store.put_item(("kept",), "key", {"n": 1})
    began = time.monotonic()
    kernel.ask("stop")
    assert time.monotonic() - began < 10

    with get_sync_client(url=kernel.ask("start")["url"], api_key=None) as client:
        assert len(client.threads.search()) == 1
        assert len(client.store.search_items(("kept",))["items"]) == 1
    with get_sync_client(url=kernel.ask("start", fresh=True)["url"], api_key=None) as client:
        assert client.threads.search() == []
        assert client.store.search_items(("kept",))["items"] == []


def test_two_kernels_that_start_at_once_make_one_server_and_it_ends_with_jupyter(jupyter: Jupyter) -> None:
    kernels = [jupyter.kernel(), jupyter.kernel()]
    for kernel in kernels:
        kernel.tell("start")
    one, other = (kernel.hear() for kernel in kernels)
    assert one["pid"] == other["pid"]
    assert {one["adopted"], other["adopted"]} == {True, False}

    assert jupyter.owner
    jupyter.owner.kill()
    jupyter.owner.wait()
    assert becomes(lambda: not is_running(one["pid"]), within=3)
    assert becomes(lambda: not Path(one["folder"]).exists(), within=1)


def test_outside_jupyter_the_server_ends_with_the_process_that_started_it(no_jupyter: Jupyter) -> None:
    kernel = no_jupyter.kernel()
    started = kernel.ask("start")
    kernel.kill()
    assert becomes(lambda: not is_running(started["pid"]), within=3)


def test_a_private_server_is_not_shared_and_ends_with_its_kernel_in_jupyter_too(jupyter: Jupyter) -> None:
    kernel = jupyter.kernel()
    started = kernel.ask("start", private=True)
    assert kernel.ask("start", private=True)["pid"] != started["pid"]
    kernel.kill()
    assert becomes(lambda: not is_running(started["pid"]), within=3)


def test_a_kernel_interrupt_leaves_no_half_started_server(jupyter: Jupyter, tmp_path: Path) -> None:
    kernel = jupyter.kernel()
    kernel.tell("start")
    assert becomes(lambda: bool(list(tmp_path.glob("lg_magics/*/status.json"))), within=5)
    [status] = tmp_path.glob("lg_magics/*/status.json")
    kernel.process.send_signal(signal.SIGINT)
    assert kernel.hear() == "interrupted"
    assert not is_running(json.loads(status.read_text())["pid"])


def test_a_taken_port_is_a_clear_error_and_a_free_one_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LocalServerError, match=f"Port {port} is taken") as caught:
            local.start(private=True, port=port)
    assert "--port" in caught.value.hint
    running = local.start(private=True, port=port)
    assert running.url == f"http://127.0.0.1:{port}"
    assert answers(running.url)
    local.stop(running)
    assert not running.folder.exists()


def test_without_the_extra_the_error_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "lg_magics").symlink_to(Path(local.__file__).parents[1], target_is_directory=True)
    code = "from lg_magics import local; local.start()"
    bare = [sys.executable, "-S", "-c", code]  # -S: nothing installed can be imported
    done = subprocess.run(bare, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "The embedded server is not installed. pip install 'lg-magics[local]'" in done.stderr
