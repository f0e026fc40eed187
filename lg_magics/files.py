"""Reads and writes files that a person names, whole or not at all, with errors that name the file. Depends only on errors."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from pathlib import Path

from lg_magics.errors import CommandError

__all__ = ["lines_of_file", "replace_file", "text_of_file", "written_file"]


def text_of_file(path: str | os.PathLike[str]) -> str:
    """The text of a file in UTF-8, without a byte order mark.

    Raises:
        CommandError: there is no such file, or it is not text.
    """
    try:
        return Path(path).expanduser().read_text("utf-8-sig")
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
    target = Path(path).expanduser()
    replace_file(target, text)
    return target


def replace_file(path: Path, text: str) -> None:
    """Write text into a file. An existing file is kept as `FILE~`; a symlink stays a symlink.

    Args:
        path: the file; the target of a symlink is written.
        text: its new content.

    Raises:
        CommandError: the file cannot be written; the old content is unchanged.
    """
    content = text.encode("utf-8")
    beside = None
    try:
        target = path.resolve()
        if target.is_symlink():  # a loop, for which `resolve` raises no error since Python 3.13
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as new:
            beside = Path(new.name)
            new.write(content)
            new.flush()
            os.fsync(new.fileno())
        if target.exists():
            shutil.copymode(target, beside)
            if target.read_bytes() != content:
                _keep(target, path.with_name(f"{path.name}~"))
        else:
            beside.chmod(0o666 & ~_umask())
        os.replace(beside, target)
    except (OSError, RuntimeError, ValueError) as problem:  # a loop before Python 3.13, a NUL in the name
        if beside is not None:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
        why = getattr(problem, "strerror", None) or problem
        raise CommandError(f"{path} cannot be written: {why}.") from problem


def _keep(target: Path, kept: Path) -> None:
    """Copy a file to its backup, which is also replaced whole."""
    part = kept.with_name(f"{kept.name}.part")
    try:
        shutil.copy2(target, part)
        os.replace(part, kept)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
