"""Files that a person names: read and written whole, with errors that say which. Depends on nothing but the errors."""

from __future__ import annotations

import os
from pathlib import Path

from lg_magics.errors import CommandError
from lg_magics.file_replacement import replace_file

__all__ = ["lines_of_file", "text_of_file", "written_file"]


def text_of_file(path: str | os.PathLike[str]) -> str:
    """The text of a file, in UTF-8; a mark at its beginning is left out.

    Raises:
        CommandError: there is no such file, or it is no text.
    """
    try:
        return Path(path).expanduser().read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise CommandError(f"{path} is no text in UTF-8.") from None
    except OSError as problem:
        raise CommandError(f"{path} cannot be read: {problem.strerror or problem}.") from problem


def lines_of_file(path: str | os.PathLike[str]) -> list[str]:
    """The lines of a file in UTF-8, as JSON Lines has them: other ends of lines, as U+2028, may stand inside a text.

    Raises:
        CommandError: there is no such file, or it is no text.
    """
    return text_of_file(path).split("\n")


def written_file(path: str | os.PathLike[str], text: str) -> Path:
    """Write a file whole, or leave what is there; its path. Another text that was there is kept as `FILE~`.

    Raises:
        CommandError: it cannot be written.
    """
    target = Path(path).expanduser()
    replace_file(target, text)
    return target
