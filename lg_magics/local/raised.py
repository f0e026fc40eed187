"""What the embedded server sends of an exception that a graph raised: its own text, the place in the user's file, the traceback.

Knows exceptions and files; knows no server. Everything that it gives is without keys.
"""

from __future__ import annotations

import re
import sysconfig
import traceback
from pathlib import Path

from lg_magics.local.loader import cell_of_error
from lg_magics.local.redaction import redact, secrets_in

__all__ = ["error_payload"]

LONGEST = 8_000  # characters of a traceback, from its end
SERVERS = frozenset({"langgraph", "langgraph_api", "langgraph_runtime_inmem", "starlette"})
"""Packages whose own exceptions the server words well."""
_LIBRARIES = tuple(
    {
        str(Path(__file__).parents[1]),
        *(path for name in ("purelib", "platlib", "stdlib", "platstdlib") if (path := sysconfig.get_path(name))),
    }
)
_FILE = re.compile(r'File "(?:[^"\n]*/(?:site|dist)-packages/|[^"\n]*/python3\.\d+/)')


def error_payload(problem: BaseException) -> dict[str, str] | None:
    """An exception as the server is to send it: `error`, `message` and `traceback`; None where the server's own words do.

    The message's first line ends with the place: `division by zero (boom.py, line 9)`, or `(cell 3, line 4)` in a notebook.
    """
    if type(problem).__module__.partition(".")[0] in SERVERS:
        return None
    secrets = secrets_in()
    first, line_break, rest = redact(str(problem), secrets).partition("\n")
    sent = {"error": type(problem).__name__, "message": f"{first} {_place(problem)}".strip() + line_break + rest}
    told = redact("".join(traceback.format_exception(problem)), secrets) if problem.__traceback__ else ""
    return {**sent, "traceback": _short(told)} if _is_of_user(problem) else sent


def _place(problem: BaseException) -> str:
    if cell := cell_of_error(problem):
        return f"(cell {cell[0]}, line {cell[1]})"
    frame = next(iter(_user_frames(problem)[-1:]), None)
    return f"({Path(frame.filename).name}, line {frame.lineno})" if frame else ""


def _is_of_user(problem: BaseException) -> bool:
    return bool(cell_of_error(problem) or _user_frames(problem))


def _user_frames(problem: BaseException) -> list[traceback.FrameSummary]:
    """The frames that stand in neither a library nor this package."""
    frames = traceback.extract_tb(problem.__traceback__)
    return [
        each
        for each in frames
        if not each.filename.startswith((*_LIBRARIES, "<")) and not _FILE.search(f'File "{each.filename}')
    ]


def _short(told: str) -> str:
    """Paths without what says nothing: a library's file by its package, the user's without their home."""
    text = _FILE.sub('File "', told).replace(str(Path.home()), "~").strip()
    return text if len(text) <= LONGEST else f"…{text[-LONGEST:]}"
