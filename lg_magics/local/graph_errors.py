"""Errors of graphs for the embedded server's responses: the exception's text, its place in the user's file, the traceback.

Knows exceptions and files; knows no server. Its results contain no keys.
"""

from __future__ import annotations

import os
import re
import sys
import sysconfig
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lg_magics.local.cell_places import cell_of_error
from lg_magics.local.loader import LoadFailed
from lg_magics.local.redaction import redact, secrets_in
from lg_magics.local.versions import Version

__all__ = ["error_payload", "explained", "problem_of_file"]

DEEPEST = 3
SERVERS_FRAMES = 6
LONGEST = 8_000  # characters of a traceback, from its end
SERVERS = frozenset({"langgraph", "langgraph_api", "langgraph_runtime_inmem", "starlette"})
"""Packages for whose exceptions the server has good messages."""
_LIBRARIES = tuple(
    {
        str(Path(__file__).parents[1]),
        *(path for name in ("purelib", "platlib", "stdlib", "platstdlib") if (path := sysconfig.get_path(name))),
    }
)
_LIBRARY = re.compile(r".*/(?:site|dist)-packages/|.*/python3\.\d+/")


def error_payload(problem: BaseException) -> dict[str, str] | None:
    """Return an exception's payload: `error`, `message` and `traceback`; None if the server's own message is good enough.

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
    """Return the frames outside libraries and this package."""
    return [each for each in traceback.extract_tb(problem.__traceback__) if _is_user_frame(each)]


def _is_user_frame(frame: traceback.FrameSummary) -> bool:
    return not frame.filename.startswith((*_LIBRARIES, "<")) and not _LIBRARY.match(frame.filename)


def _traceback(problem: BaseException) -> str:
    """Return the traceback from the user's first frame on, with short file names."""
    chain = traceback.TracebackException.from_exception(problem)
    _shorten(chain, 0)
    text = "".join(chain.format()).strip()
    return text if len(text) <= LONGEST else f"…{text[-LONGEST:]}"


def _shorten(chain: traceback.TracebackException, depth: int) -> None:
    frames = list(chain.stack)
    begin = next(
        (place for place, frame in enumerate(frames) if _is_user_frame(frame)), max(0, len(frames) - SERVERS_FRAMES)
    )
    kept = [(_short_name(frame.filename), frame.lineno or 0, frame.name, frame.line) for frame in frames[begin:]]
    chain.stack = traceback.StackSummary.from_list(kept)
    for earlier in (chain.__cause__, chain.__context__):
        if earlier is not None and depth < DEEPEST:
            _shorten(earlier, depth + 1)


def _short_name(filename: str) -> str:
    """Return a library's file by its package, the user's by its folder: no path of this machine."""
    short = _LIBRARY.sub("", filename)
    return short if short != filename or "/" not in filename else "/".join(filename.split("/")[-2:])


# -- graphs that cannot be imported ------------------------------------------------------------------------------


def explained(failure: LoadFailed, version: Version) -> dict[str, Any]:
    """Return the response for a version that cannot be imported; the full traceback goes into the server's log."""
    cause = failure.cause
    words = cause.msg if isinstance(cause, SyntaxError) else str(cause)
    text = " ".join(redact(words, secrets_in()).split())[:500]
    print(f"{version.name} v{version.number} cannot be imported:", file=sys.stderr)
    print(redact("".join(traceback.format_exception(cause)), secrets_in()), file=sys.stderr)
    return {
        "error": f"{type(cause).__name__}: {text}" if text else type(cause).__name__,
        "kind": "import",
        "type": type(cause).__name__,
        "cell": failure.cell,
        "line": failure.line,
        "traceback": redact("".join(_own_frames(cause)), secrets_in()),
    }


def _own_frames(problem: BaseException) -> list[str]:
    frames = [each for each in traceback.extract_tb(problem.__traceback__) if "lg_magics" not in each.filename]
    return traceback.format_list(frames[-12:])


def problem_of_file(problem: BaseException, folders: Sequence[str]) -> str:
    """Return the message for an edited file that cannot be imported: the error, and the user's own file and line."""
    where = ""
    if isinstance(problem, SyntaxError) and problem.filename:
        where = f" ({problem.filename}, line {problem.lineno})"
    else:
        roots = tuple(os.path.realpath(each) for each in folders)
        frames = [each for each in traceback.extract_tb(problem.__traceback__) if each.filename.startswith(roots)]
        where = f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
    words = problem.msg if isinstance(problem, SyntaxError) else str(problem)
    return f"{type(problem).__name__}: {redact(words, secrets_in())}{where}"
