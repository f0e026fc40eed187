"""Names of processes and the folder they share. Knows real processes; starts no server."""

from __future__ import annotations

import importlib
import os
import platform
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from lg_magics.local import processes
from lg_magics.local.folder import Folder, folder_for
from lg_magics.local.machine import this_machine
from lg_magics.local.processes import Process, owner, process, this_process

PLATFORM = {"linux": "psutil._pslinux", "darwin": "psutil._psosx", "win32": "psutil._pswindows"}[sys.platform]


def test_a_process_is_named_by_its_id_and_its_start() -> None:
    me = this_process()
    assert me.is_running
    assert process(os.getpid()) == me
    assert not Process(me.pid, "another time").is_running


def test_a_process_keeps_its_name_when_the_clock_of_the_machine_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    before = this_process()
    booted = psutil.boot_time()
    for module in (psutil, importlib.import_module(PLATFORM)):
        monkeypatch.setattr(module, "boot_time", lambda: booted + 3600)
    assert this_process() == before
    assert before.is_running


def test_a_process_is_killed_once_and_another_with_its_id_never() -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as child:
        named = process(child.pid)
        assert named
        Process(child.pid, "another time").kill()
        assert named.is_running
        named.kill()
        assert not named.is_running
        named.kill()


def test_a_process_that_has_ended_but_is_not_reaped_does_not_run() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        named = process(child.pid)
        assert named
        assert named.wait(5)


def test_the_owner_is_jupyter_while_it_runs_and_else_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_PARENT_PID", str(os.getppid()))
    assert owner().pid == os.getppid()
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    for nobody in (str(ended.pid), "", "what?"):
        monkeypatch.setenv("JPY_PARENT_PID", nobody)
        assert owner() == this_process()


def test_a_folder_is_for_one_config_and_one_owner_and_for_this_user_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    me = this_process()
    mine = folder_for("abc", me, private=False)
    assert folder_for("abc", me, private=False) == mine
    assert folder_for("abc", me, private=True) != folder_for("abc", me, private=True)
    assert mine.path.stat().st_mode & 0o077 == 0
    assert mine.path.parent.stat().st_mode & 0o077 == 0


def test_the_folder_of_an_owner_that_has_ended_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    me = this_process()
    abandoned, mine = folder_for("old", me, private=False), folder_for("mine", me, private=False)
    machine = this_machine().record()
    abandoned.write("order.json", {"machine": machine, "owner": {"pid": me.pid, "started": "long ago"}})
    mine.write("order.json", {"machine": machine, "owner": {"pid": me.pid, "started": me.started}})
    folder_for("new", me, private=False)
    assert mine.path.exists()
    assert not abandoned.path.exists()


@pytest.mark.parametrize("part", ["host", "boot", "pids"])
def test_the_folder_of_another_machine_or_namespace_is_left_alone(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    me = this_process()
    theirs = folder_for("abc", me, private=False)
    machine = {**this_machine().record(), part: "another"}
    theirs.write("order.json", {"machine": machine, "owner": {"pid": me.pid, "started": "long ago"}})
    theirs.write("status.json", {"pid": me.pid, "started": me.started})
    before = sorted(theirs.path.iterdir())
    mine = folder_for("abc", me, private=False)
    assert mine != theirs
    mine.write("order.json", {"machine": this_machine().record(), "owner": {"pid": me.pid, "started": me.started}})
    assert folder_for("abc", me, private=False) == mine
    assert sorted(theirs.path.iterdir()) == before
    assert theirs.server is None


def test_a_folder_without_a_record_is_left_alone_unless_its_name_is_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    old = Folder(folder_for("new", this_process(), private=False).path.parent / "abc-1-2")
    old.path.mkdir()
    old.write("order.json", {"owner": {"pid": 1, "started": "long ago"}})
    folder_for("abc", this_process(), private=False)
    assert old.path.exists()


def test_a_machine_is_known_by_its_host_its_start_and_its_namespace() -> None:
    here = this_machine()
    assert here.host == platform.node()
    assert this_machine() == here
    assert len({here.id, *(replace(here, **{part: "x"}).id for part in here.record())}) == 4


def test_users_are_counted_while_they_run(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.add_user()
    assert folder.other_users() == []
    parent = process(os.getppid())
    assert parent
    (tmp_path / "users" / f"{parent.pid}@{parent.started}").touch()
    (tmp_path / "users" / f"{parent.pid}@another time").touch()
    assert folder.other_users() == [parent]


def test_the_lock_lets_in_one_process_at_a_time_and_ends_with_it(tmp_path: Path) -> None:
    hold = "import sys, time; from pathlib import Path; from lg_magics.local.folder import Folder\n"
    hold += f"with Folder(Path({str(tmp_path)!r})).locked(): print('held', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        began = time.monotonic()
        killer = subprocess.Popen([sys.executable, "-c", f"import time,os; time.sleep(.3); os.kill({other.pid}, 9)"])
        with Folder(tmp_path).locked():
            assert time.monotonic() - began > 0.25
        killer.wait()


def test_a_child_that_ended_while_nobody_waited_is_no_zombie_after_the_next_start(tmp_path: Path) -> None:
    def start() -> processes.Process:
        command = [sys.executable, "-c", ""]
        return processes.spawn(command, folder=tmp_path, log=tmp_path / "log", environ=dict(os.environ))

    first = start()
    assert processes.until(lambda: not first.is_running, 60)
    second = start()
    assert first.pid not in processes._children
    with pytest.raises(ChildProcessError):
        os.waitpid(first.pid, os.WNOHANG)
    assert second.wait(60)
