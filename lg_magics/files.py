"""Reads and writes files that a person names, whole or not at all, with errors that name the file. Depends only on errors."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lg_magics.errors import CommandError

__all__ = ["lines_of_file", "path_of", "replace_file", "text_of_file", "written_file"]

LONGEST = 80  # characters of a name in a message


def path_of(text: str | os.PathLike[str]) -> Path:
    """Return the path that a person typed, with `~` and `~name` expanded. There may be no such file.

    Raises:
        CommandError: no file can have this name, or there is no such home directory.
    """
    try:
        path = Path(text).expanduser()
        with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            path.lstat()
    except (RuntimeError, ValueError, OSError) as problem:
        name = os.fspath(text)
        shown = name if len(name) <= LONGEST else f"{name[:LONGEST]}…"
        why = str(getattr(problem, "strerror", None) or problem).rstrip(".")
        raise CommandError(f"{shown} cannot be the name of a file: {why}.") from problem
    return path


def text_of_file(path: str | os.PathLike[str]) -> str:
    """The text of a file in UTF-8, without a byte order mark.

    Raises:
        CommandError: there is no such file, or it is not text.
    """
    try:
        return path_of(path).read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not text in UTF-8.") from None
    except OSError as problem:
        raise CommandError(f"{path} cannot be read: {problem.strerror or problem}.") from problem


def lines_of_file(path: str | os.PathLike[str]) -> list[str]:
    """The lines of a file in UTF-8, split at newlines only, as JSON Lines requires: U+2028 may be part of a text.

    Raises:
        CommandError: there is no such file, or it is not text.
    """
    return text_of_file(path).split("\n")


def written_file(path: str | os.PathLike[str], text: str) -> Path:
    """Write a file whole, or leave the old one; returns its path. An old file with other content is kept as `FILE~`.

    Raises:
        CommandError: the file cannot be written.
    """
    target = path_of(path)
    replace_file(target, text)
    return target


def replace_file(path: Path, text: str | bytes) -> None:
    """Write text into a file. An existing file is kept as `FILE~`; a symlink stays a symlink.

    Args:
        path: the file; the target of a symlink is written.
        text: its new content.

    Raises:
        CommandError: the file cannot be written; the old content is unchanged.
    """
    try:
        content = text.encode("utf-8") if isinstance(text, str) else text
        target = path.resolve()
        if target.is_symlink():  # a loop, for which `resolve` raises no error since Python 3.13
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        with _new_file(target.parent) as new:
            with new.open("wb") as opened:
                opened.write(content)
                opened.flush()
                os.fsync(opened.fileno())
            if target.exists():
                shutil.copymode(target, new)
                if target.read_bytes() != content:
                    _keep(target, path.with_name(f"{path.name}~"))
            else:
                new.chmod(0o666 & ~_umask())
            os.replace(new, target)
    except (
        OSError,
        RuntimeError,
        ValueError,
    ) as problem:  # a loop before Python 3.13, a NUL in the name, half a character
        why = getattr(problem, "strerror", None) or problem
        raise CommandError(f"{path} cannot be written: {why}.") from problem


def _keep(target: Path, kept: Path) -> None:
    """Copy a file to its backup, which is also replaced whole."""
    with _new_file(kept.parent) as new:
        shutil.copy2(target, new)
        os.replace(new, kept)


@contextlib.contextmanager
def _new_file(folder: Path) -> Iterator[Path]:
    """An empty file in this folder, to be renamed. It is removed if it was not renamed, also after a kernel interrupt."""
    number, name = tempfile.mkstemp(dir=folder, prefix=".lg-")
    try:
        os.close(number)
        yield Path(name)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
