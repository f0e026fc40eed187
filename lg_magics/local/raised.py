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

DEEPEST = 3
SERVERS_FRAMES = 6
LONGEST = 8_000  # characters of a traceback, from its end
SERVERS = frozenset({"langgraph", "langgraph_api", "langgraph_runtime_inmem", "starlette"})
"""Packages whose own exceptions the server words well."""
_LIBRARIES = tuple(
    {
        str(Path(__file__).parents[1]),
        *(path for name in ("purelib", "platlib", "stdlib", "platstdlib") if (path := sysconfig.get_path(name))),
    }
)
_LIBRARY = re.compile(r".*/(?:site|dist)-packages/|.*/python3\.\d+/")


def error_payload(problem: BaseException) -> dict[str, str] | None:
    """An exception as the server is to send it: `error`, `message` and `traceback`; None where the server's own words do.

    The message's first line ends with the place: `division by zero (boom.py, line 9)`, or `(cell 3, line 4)` in a notebook.
    """
    if type(problem).__module__.partition(".")[0] in SERVERS:
        return None
    secrets = secrets_in()
    first, line_break, rest = redact(str(problem), secrets).partition("\n")
    sent = {"error": type(problem).__name__, "message": f"{first} {_place(problem)}".strip() + line_break + rest}
    return {**sent, "traceback": redact(_traceback(problem), secrets)} if _is_of_user(problem) else sent


def _place(problem: BaseException) -> str:
    if cell := cell_of_error(problem):
        return f"(cell {cell[0]}, line {cell[1]})"
    frame = next(iter(_user_frames(problem)[-1:]), None)
    return f"({Path(frame.filename).name}, line {frame.lineno})" if frame else ""


def _is_of_user(problem: BaseException) -> bool:
    return bool(cell_of_error(problem) or _user_frames(problem))


def _user_frames(problem: BaseException) -> list[traceback.FrameSummary]:
    """The frames that stand in neither a library nor this package."""
    return [each for each in traceback.extract_tb(problem.__traceback__) if _is_user_frame(each)]


def _is_user_frame(frame: traceback.FrameSummary) -> bool:
    return not frame.filename.startswith((*_LIBRARIES, "<")) and not _LIBRARY.match(frame.filename)


def _traceback(problem: BaseException) -> str:
    """The traceback from the user's first frame on, with short names of files."""
    told = traceback.TracebackException.from_exception(problem)
    _shorten(told, 0)
    text = "".join(told.format()).strip()
    return text if len(text) <= LONGEST else f"…{text[-LONGEST:]}"


def _shorten(told: traceback.TracebackException, depth: int) -> None:
    frames = list(told.stack)
    begin = next(
        (place for place, frame in enumerate(frames) if _is_user_frame(frame)), max(0, len(frames) - SERVERS_FRAMES)
    )
    kept = [(_short_name(frame.filename), frame.lineno or 0, frame.name, frame.line) for frame in frames[begin:]]
    told.stack = traceback.StackSummary.from_list(kept)
    for earlier in (told.__cause__, told.__context__):
        if earlier is not None and depth < DEEPEST:
            _shorten(earlier, depth + 1)


def _short_name(filename: str) -> str:
    """A library's file by its package, the user's by its folder: no path of this machine."""
    short = _LIBRARY.sub("", filename)
    return short if short != filename or "/" not in filename else "/".join(filename.split("/")[-2:])
