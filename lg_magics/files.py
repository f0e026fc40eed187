"""Reads and writes files that a person names, whole, with errors that name the file. Depends only on errors."""

from __future__ import annotations

import os
from pathlib import Path

from lg_magics.errors import CommandError
from lg_magics.file_replacement import replace_file

__all__ = ["lines_of_file", "text_of_file", "written_file"]


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
