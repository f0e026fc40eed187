"""A name that no file can have is one sentence, wherever a person types it; expanding `~` is the task of one function."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import lg_magics
from lg_magics.actions.batch_plan import rows_of
from lg_magics.actions.store_load import entries_from
from lg_magics.errors import CommandError, LgError
from lg_magics.files import path_of, text_of_file, written_file
from lg_magics.local.plan import plan_from

IMPOSSIBLE = ["~no such user/x.jsonl", "a\0b.jsonl", f"{'x' * 300}.jsonl", "half \ud800.jsonl"]
READERS: dict[str, Callable[[str], object]] = {
    "a path": path_of,
    "a file to read": text_of_file,
    "a file to write": lambda name: written_file(name, "text"),
    "the rows of a batch": rows_of,
    "an export": lambda name: entries_from(name, None, None),
    "a config": lambda name: plan_from(Path(name), None),
    "a graph": lambda name: plan_from(None, f"{name.replace('jsonl', 'py')}:graph"),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_a_name_that_no_file_can_have_is_one_sentence(reader: str, name: str) -> None:
    with pytest.raises(LgError, match=r"cannot be the name of a file: .*[^.]\.$"):
        READERS[reader](name)


def test_a_text_that_is_too_long_for_a_file_is_one_sentence() -> None:
    with pytest.raises(CommandError, match=r"x+… cannot be the name of a file: File name too long\."):
        rows_of("x" * 300)


def test_the_home_directory_is_expanded_and_a_new_file_is_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert path_of("~/no such folder/new.json") == tmp_path / "no such folder" / "new.json"
    (tmp_path / "file").touch()
    assert path_of(tmp_path / "file" / "below") == tmp_path / "file" / "below"


def test_no_other_module_expands_a_home_directory() -> None:
    package = Path(lg_magics.__file__).parent
    users = [path.name for path in package.rglob("*.py") if re.search(r"expanduser\(", path.read_text("utf-8"))]
    assert users == ["files.py"]
