"""What is said of crons that outlive their session: in a terminal, when the extension goes, and by the notebook's next kernel."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from lg_magics import local
from lg_magics.commands import crons, deployment
from lg_magics.ipython.current import exit_notice
from lg_magics.model.cell import Cell
from lg_magics.session import Session

YEARLY = "At 00:00, on day 1 of the month, only in January (UTC), agent: What's new?"
CREATE = '%lg_cron create -a agent "0 0 1 1 *" What\'s new?'


pytestmark = pytest.mark.usefixtures("own_crons")


def typed(lines: list[str], home: Path) -> subprocess.CompletedProcess[str]:
    """A real terminal IPython in which these lines are typed."""
    return subprocess.run(
        [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--colors=nocolor"],
        input="".join(f"{line}\n" for line in [*lines, "exit"]),
        env={**os.environ, "IPYTHONDIR": str(home)},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )


def test_a_terminal_says_at_its_end_what_goes_on(server: local.LocalServer, tmp_path: Path) -> None:
    done = typed(["%load_ext lg_magics", f"%lg_connect {server.url} --timeout 60", CREATE], tmp_path)
    assert "Made cron c1" in done.stdout
    said, cron = done.stderr.splitlines()[-2:]
    tail = cron.removeprefix("  c1 ·").partition(" ")[0]
    end = f"%lg_cron delete {tail}"
    assert said == f"lg_magics: 1 cron of this session goes on. {end}, once connected again, ends that."
    assert cron == f"  c1 ·{tail} on {server.url.removeprefix('http://')}: {YEARLY}"
    again = typed(["%load_ext lg_magics", f"%lg_connect {server.url} --timeout 60", end], tmp_path)
    assert "Deleted cron c1" in again.stdout


def test_a_terminal_says_of_each_what_ends_it_and_says_nothing_of_a_paused_one(
    server: local.LocalServer, tmp_path: Path, own_crons: Callable[[], list[str]]
) -> None:
    lines = [CREATE, CREATE, CREATE.replace("create", "create --disabled"), "%lg_cron pause c2", CREATE]
    done = typed(["%load_ext lg_magics", f"%lg_connect {server.url} --timeout 60", *lines], tmp_path)
    said = done.stderr.splitlines()[-5:]
    assert said[0] == "lg_magics: 2 crons of this session go on. Once connected again, these lines end that:"
    ends = [line.strip() for line in said[2::2]]
    again = typed(["%load_ext lg_magics", f"%lg_connect {server.url} --timeout 60", *ends], tmp_path)
    assert again.stdout.count("Deleted cron c") == 2
    assert len(own_crons()) == 2


def test_a_terminal_has_nothing_to_say_of_what_it_deleted(server: local.LocalServer, tmp_path: Path) -> None:
    line = 'with lg.temporary_cron("0 0 1 1 *", "hi", assistant="agent") as cron: print("temporary", cron.cron_id)'
    lines = [
        "%load_ext lg_magics",
        f"%lg_connect {server.url} --timeout 60",
        CREATE,
        line,
        "",
        "%lg_cron delete --mine",
    ]
    done = typed(lines, tmp_path)
    assert "temporary 0" in done.stdout
    assert "Deleted cron c1" in done.stdout
    assert "goes on" not in done.stderr


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[InteractiveShell]:
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    yield InteractiveShell.instance(config=config, ipython_dir=str(tmp_path))
    InteractiveShell.clear_instance()


def test_unloading_says_what_goes_on(
    server: local.LocalServer, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    for line in ("%load_ext lg_magics", f"%lg_connect {server.url} --timeout 60 --quiet", f"{CREATE}"):
        shell.run_cell(line)
    capsys.readouterr()
    shell.run_cell("%reload_ext lg_magics")
    said = capsys.readouterr().out
    assert said.startswith("lg_magics: 1 cron of this session goes on.")
    shell.run_cell("%unload_ext lg_magics")
    assert capsys.readouterr().out == ""


def test_the_next_kernel_of_a_notebook_is_notified_when_it_connects(
    session: Session, server: local.LocalServer
) -> None:
    session.cell = lambda: Cell("mine.ipynb·123456", "a")
    crons.create(session, "0 0 1 1 *", "hello", assistant="agent")
    later = Session()
    later.cell = lambda: Cell("mine.ipynb·123456", "z")
    try:
        said = deployment.connect(later, server.url)
    finally:
        later.close()
    assert dict(said.facts)["crons"] == "1 of this notebook goes on: %lg_crons --mine"


def test_a_notebook_shows_the_line_that_ends_them_all(session: Session, server: local.LocalServer) -> None:
    session.cell = lambda: Cell("mine.ipynb·123456", "a")
    for _ in range(2):
        crons.create(session, "0 0 1 1 *", "hello", assistant="agent")
    assert exit_notice(session).startswith(
        "lg_magics: 2 crons of this session go on. %lg_cron delete --mine, once connected again, ends that."
    )


def test_what_ends_with_the_process_or_has_ended_is_not_warned_of(session: Session) -> None:
    own = local.start(private=True)
    try:
        deployment.connect(session, own.url)
        session.local = own
        crons.create(session, "0 0 1 1 *", "hello", assistant="agent")
        assert "1 cron of this session goes on" in exit_notice(session)
        assert exit_notice(session, at_exit=True) == ""
        deployment.disconnect(session, stop=True)
    finally:
        local.stop(own)
    assert exit_notice(session) == ""
