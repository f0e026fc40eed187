"""A file of the user's is replaced whole or not at all, and the one before is kept."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lg_magics.errors import CommandError
from lg_magics.files import replace_file


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_the_file_before_is_kept_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "backup.json"
    replace_file(file, "ä first")
    assert (file.read_text("utf-8"), names(tmp_path)) == ("ä first", ["backup.json"])
    file.chmod(0o640)
    replace_file(file, "second")
    assert (file.read_text(), (tmp_path / "backup.json~").read_text("utf-8")) == ("second", "ä first")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    replace_file(file, "second")  # the same again is no reason to forget the first
    assert (tmp_path / "backup.json~").read_text("utf-8") == "ä first"
    replace_file(file, "third")
    assert (tmp_path / "backup.json~").read_text() == "second"
    assert names(tmp_path) == ["backup.json", "backup.json~"]


def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    replace_file(tmp_path / "new.json", "")
    (tmp_path / "usual").touch()
    assert (tmp_path / "new.json").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_symlink_stays_one(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    real, link = tmp_path / "elsewhere" / "real.json", tmp_path / "link.json"
    real.write_text("old")
    link.symlink_to(real)
    replace_file(link, "new")
    assert (link.is_symlink(), real.read_text(), (tmp_path / "link.json~").read_text()) == (True, "new", "old")
    assert names(tmp_path / "elsewhere") == ["real.json"]
    dangling = tmp_path / "dangling.json"
    dangling.symlink_to(tmp_path / "elsewhere" / "not yet.json")
    replace_file(dangling, "made")
    assert (dangling.is_symlink(), (tmp_path / "elsewhere" / "not yet.json").read_text()) == (True, "made")


def test_what_cannot_be_written_leaves_all_as_it_was(tmp_path: Path) -> None:
    folder, loop = tmp_path / "folder", tmp_path / "loop"
    folder.mkdir()
    loop.symlink_to(loop)
    for path in (folder, loop, tmp_path / "no" / "folder.json", tmp_path / "a\0b", tmp_path / ("x" * 300)):
        with pytest.raises(CommandError, match="cannot be written"):
            replace_file(path, "x")
    file = tmp_path / "file"
    file.write_text("old")
    (tmp_path / "file~").mkdir()
    with pytest.raises(CommandError, match="cannot be written"):
        replace_file(file, "new")
    assert file.read_text() == "old"
    (tmp_path / "file~").rmdir()
    assert [name for name in names(tmp_path) if name not in ("file", "folder", "loop")] == []
    assert os.listdir(folder) == []


def test_a_name_of_almost_the_longest_length_is_written_and_kept(tmp_path: Path) -> None:
    file = tmp_path / ("x" * 254)
    replace_file(file, "old")
    replace_file(file, b"new")
    assert (file.read_text(), (tmp_path / f"{file.name}~").read_text()) == ("new", "old")


def test_a_text_that_utf_8_cannot_encode_leaves_all_as_it_was(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        replace_file(tmp_path / "new.json", "half \ud800")
    assert names(tmp_path) == []


SLOW_DISK = """
import os, sys
from pathlib import Path
from lg_magics.files import replace_file
def never(number):
    print("writing", flush=True)
    sys.stdin.read()
os.fsync = never
replace_file(Path("kept.json"), "new")
"""


def test_a_kernel_interrupt_leaves_no_temporary_file(tmp_path: Path) -> None:
    (tmp_path / "kept.json").write_text("old")
    with subprocess.Popen(
        [sys.executable, "-c", SLOW_DISK],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        writer.send_signal(signal.SIGINT)
        assert writer.wait(60) != 0
    assert names(tmp_path) == ["kept.json"]
    assert (tmp_path / "kept.json").read_text() == "old"
