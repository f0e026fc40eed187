from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


@pytest.fixture(scope="session")
def one_shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InteractiveShell]:
    """A real shell of this process, without a kernel and without a history file."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    yield InteractiveShell.instance(config=config, ipython_dir=str(tmp_path_factory.mktemp("ipython")))
    InteractiveShell.clear_instance()


@pytest.fixture
def bare_shell(one_shell: InteractiveShell) -> InteractiveShell:
    """The shell with an empty namespace."""
    one_shell.reset(new_session=False)
    return one_shell


@pytest.fixture
def shell(bare_shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> Iterator[InteractiveShell]:
    """The same with lg_magics loaded, and its greeting read."""
    bare_shell.run_line_magic("load_ext", "lg_magics")
    capsys.readouterr()
    yield bare_shell
    bare_shell.run_line_magic("unload_ext", "lg_magics")
