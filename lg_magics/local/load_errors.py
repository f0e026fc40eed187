"""Why a version or an edited file cannot be imported, in words without secrets."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

from lg_magics.local.loader import LoadFailed
from lg_magics.local.redaction import redact, secrets_in
from lg_magics.local.versions import Version

__all__ = ["explained", "problem_of_file"]


def explained(failure: LoadFailed, version: Version) -> dict[str, Any]:
    """The answer for a version that cannot be imported; the whole traceback goes into the server's log."""
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
    """What to say of an edited file that cannot be imported: the error, and the user's own file and line."""
    where = ""
    if isinstance(problem, SyntaxError) and problem.filename:
        where = f" ({problem.filename}, line {problem.lineno})"
    else:
        roots = tuple(os.path.realpath(each) for each in folders)
        frames = [each for each in traceback.extract_tb(problem.__traceback__) if each.filename.startswith(roots)]
        where = f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
    words = problem.msg if isinstance(problem, SyntaxError) else str(problem)
    return f"{type(problem).__name__}: {redact(words, secrets_in())}{where}"
