from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import comm
import pytest
from comm.base_comm import BaseComm, CommManager
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


class RecordedComm(BaseComm):
    """A comm whose other end is a list."""

    sent: list[dict[str, Any]]

    def publish_msg(self, msg_type: str, data: Any = None, *_: Any, **__: Any) -> None:
        RecordedComm.sent.append({"type": msg_type, "data": data})


@pytest.fixture
def sent() -> Iterator[list[dict[str, Any]]]:
    """What the page would get."""
    RecordedComm.sent = []
    manager = CommManager()
    made, managed = comm.create_comm, comm.get_comm_manager
    comm.create_comm, comm.get_comm_manager = RecordedComm, lambda: manager
    yield RecordedComm.sent
    comm.create_comm, comm.get_comm_manager = made, managed


@pytest.fixture(scope="session")
def one_shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InteractiveShell]:
    """A real shell of this process, without a kernel and without a history file."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    yield InteractiveShell.instance(config=config, ipython_dir=str(tmp_path_factory.mktemp("ipython")))
    InteractiveShell.clear_instance()


@pytest.fixture
def bare_shell(one_shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch) -> InteractiveShell:
    """The shell with an empty namespace, again as the one of this process: the server tests put theirs in its place."""
    monkeypatch.setattr(InteractiveShell, "_instance", one_shell)
    one_shell.reset(new_session=False)
    return one_shell


@pytest.fixture
def shell(bare_shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> Iterator[InteractiveShell]:
    """The same with lg_magics loaded, and its greeting read."""
    bare_shell.run_line_magic("load_ext", "lg_magics")
    capsys.readouterr()
    yield bare_shell
    bare_shell.run_line_magic("unload_ext", "lg_magics")
