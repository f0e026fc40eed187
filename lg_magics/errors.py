"""The family of errors. Knows words and hints; knows no server, no session and no notebook.

    LgError                     a short line: what failed, on which object; and a hint of what to type next
    ├── CommandError            the line cannot be read: unknown option, missing value, misplaced option
    ├── NotConnected            no deployment yet
    ├── UnknownReference        no match, or more than one match, for this name
    ├── SettingsError           a settings file or value that cannot be used
    ├── LocalServerError        the embedded server cannot start, stop or load a graph
    ├── DeploymentError         the deployment answered with a refusal
    │   ├── Unreachable         it did not answer at all
    │   ├── NotFound            404: no such thing there
    │   ├── Conflict            409: the thread is busy, the id is taken
    │   ├── InvalidRequest      400 or 422: what was sent does not fit
    │   ├── AccessDenied        401 or 403: a key is missing or refused
    │   ├── Unsupported         404, 405 or 501 on a whole feature: this deployment has no such call
    │   └── UnexpectedResponse  its response has another shape than the call promises
    ├── RunError                a run did not end well
    │   ├── RunFailed           the graph raised an error
    │   ├── RunTimedOut         the server stopped it at its time limit
    │   └── RunDeleted          it is gone: deleted, rolled back or lost with its server
    ├── ComparisonFailed        a score fell below what `%lg_compare --fail-below` allows
    ├── CheckFailed             (an AssertionError too) a run's tool calls differ from a file
    ├── AlreadyEnded            there is nothing left to cancel
    └── WaitTimedOut            the wait timed out; the run goes on
    WaitInterrupted             (a KeyboardInterrupt) a kernel interrupt ended the wait; the run goes on
    └── LaunchInterrupted       a kernel interrupt came while a run was launched; the run goes on
    ReadInterrupted             (a KeyboardInterrupt) a kernel interrupt came before a read was answered; it changes nothing
    WriteInterrupted            (a KeyboardInterrupt) a kernel interrupt came before a write was answered; it may have been done
    LoadInterrupted             (a KeyboardInterrupt) a kernel interrupt stopped writes to many objects; those done are kept

Each is shown as a short message with a hint on a line of its own; `%lg_debug on` shows the whole traceback.
"""

from __future__ import annotations

import textwrap
import traceback
from typing import ClassVar

from lg_magics.model.visible_text import visible_line, visible_text

__all__ = [
    "AccessDenied",
    "AlreadyEnded",
    "CheckFailed",
    "CommandError",
    "ComparisonFailed",
    "Conflict",
    "DeploymentError",
    "InvalidRequest",
    "LaunchInterrupted",
    "LgError",
    "LoadInterrupted",
    "LocalServerError",
    "NotConnected",
    "NotFound",
    "ReadInterrupted",
    "RunDeleted",
    "RunError",
    "RunFailed",
    "RunTimedOut",
    "SettingsError",
    "UnexpectedResponse",
    "UnknownReference",
    "Unreachable",
    "Unsupported",
    "WaitInterrupted",
    "WaitTimedOut",
    "WriteInterrupted",
    "show_whole_tracebacks",
    "shows_whole_tracebacks",
    "type_phrase",
]


LONGEST = 4_000  # characters of a message or a hint that are shown
LONGEST_TRACEBACK = 40_000
WIDEST = 80  # columns of a message


class _OneLine(BaseException):
    """An exception that IPython shows as a message and a hint below it, with every character visible.

    `message` and `hint` are exact, and may hold any text of a server. A `listing` below the message has lines of its own.
    """

    whole_traceback: ClassVar[bool] = False

    def __init__(self, message: str, *, listing: str = "", hint: str = "") -> None:
        self.message = f"{message}\n{listing}\n" if listing else message
        super().__init__(self.message)
        self.hint = hint
        self._listing = listing

    def __str__(self) -> str:
        message, hint = self._shown()
        stop = "" if message.endswith((".", "!", "?", ":", "…")) else "."
        gap = "" if message.endswith("\n") else f"{stop} "
        return f"{message}{gap}{hint}" if hint else message.removesuffix("\n")

    def _render_traceback_(self) -> list[str]:
        if _OneLine.whole_traceback:
            return _middle_out(visible_text("".join(traceback.format_exception(self)))).splitlines()
        message, hint = self._shown()
        lines = _wrapped(f"{type(self).__name__}: {message}".removesuffix("\n"))
        return ["\n".join([*lines, *([hint] if hint else [])])]

    def _shown(self) -> tuple[str, str]:
        """The message with what is listed below it, and the hint; each name on one line."""
        line = self.message.removesuffix(f"\n{self._listing}\n") if self._listing else self.message
        below = f"\n{visible_text(self._listing)}\n" if self._listing else ""
        return _in_part(visible_line(line) + below, "message"), _in_part(visible_line(self.hint), "hint")


def _wrapped(text: str) -> list[str]:
    """Lines that end between words: JupyterLab breaks longer ones within a word."""
    return [
        part
        for line in text.split("\n")
        for part in textwrap.wrap(line, WIDEST, break_long_words=False, break_on_hyphens=False) or [""]
    ]


def _in_part(text: str, attribute: str) -> str:
    """Cut a long text, and name the attribute with the whole: a notebook saves an error twice."""
    if len(text) <= LONGEST:
        return text
    more = f"{len(text) - LONGEST:,} more characters: sys.last_value.{attribute} has all."
    return f"{text[:LONGEST]}… {more}"


def _middle_out(text: str) -> str:
    """The beginning and the end of a long traceback."""
    if len(text) <= LONGEST_TRACEBACK:
        return text
    half = LONGEST_TRACEBACK // 2
    return (
        f"{text[:half]}\n… {len(text) - LONGEST_TRACEBACK:,} more characters: sys.last_value has all …\n{text[-half:]}"
    )


def type_phrase(thing: object) -> str:
    """The type of an object in words: "an int", "a DataFrame", "None"."""
    if thing is None:
        return "None"
    name = type(thing).__name__
    return f"{'an' if name[:1].lower() in 'aeio' else 'a'} {name}"


def show_whole_tracebacks(switch: bool) -> None:
    """Show errors of this family with the whole traceback (True), or as one line (False)."""
    _OneLine.whole_traceback = switch


def shows_whole_tracebacks() -> bool:
    """Whether errors of this family show the whole traceback."""
    return _OneLine.whole_traceback


class LgError(_OneLine, Exception):
    """The base class: `message` states what failed, on which object and where; `hint` what to type next."""


class CommandError(LgError):
    """The line cannot be read."""


class NotConnected(LgError):
    """The session is not connected to a deployment."""

    def __init__(self, message: str = "Not connected.", *, hint: str = "%lg_connect local starts one.") -> None:
        super().__init__(message, hint=hint)


class UnknownReference(LgError):
    """No match, or more than one match, for this name."""


class SettingsError(LgError):
    """A settings file, or a value in it, cannot be used."""


class LocalServerError(LgError):
    """The embedded server cannot start, stop or load a graph."""


class DeploymentError(LgError):
    """The deployment refused a request, or failed at it.

    `status_code` is the HTTP status, if any, and `retry_after` the seconds of its `Retry-After`, if any.
    """

    def __init__(
        self,
        message: str,
        *,
        listing: str = "",
        hint: str = "",
        status_code: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, listing=listing, hint=hint)
        self.status_code = status_code
        self.retry_after = retry_after


class Unreachable(DeploymentError):
    """Nothing answered at the deployment's address."""


class NotFound(DeploymentError):
    """The deployment has no such object."""


class Conflict(DeploymentError):
    """The object is busy, or its id is taken."""


class InvalidRequest(DeploymentError):
    """The deployment does not accept the data that was sent."""


class AccessDenied(DeploymentError):
    """A key is missing or was refused."""


class Unsupported(DeploymentError):
    """This deployment lacks the call."""


class UnexpectedResponse(DeploymentError):
    """The deployment's response has another shape: nothing, a list in place of an object, an object without id."""


class RunError(LgError):
    """A run did not end well."""


class RunFailed(RunError):
    """The graph raised an error."""


class RunTimedOut(RunError):
    """The server stopped the run at its time limit."""


class RunDeleted(RunError):
    """The run is gone: deleted, rolled back, or lost with its server."""


class ComparisonFailed(LgError):
    """A score fell below what was allowed."""


class CheckFailed(LgError, AssertionError):
    """A run's tool calls differ from a file; an assertion error for tests."""


class AlreadyEnded(LgError):
    """The run has ended: there is nothing left to cancel."""


class WaitTimedOut(LgError):
    """The wait reached its time limit; the run goes on."""


class WaitInterrupted(_OneLine, KeyboardInterrupt):
    """A kernel interrupt ended the wait; the run goes on."""


class LaunchInterrupted(WaitInterrupted):
    """A kernel interrupt came while a run was launched; it goes on. `number` is the run's, "" if it has none yet."""

    def __init__(self, message: str, *, hint: str = "", number: str = "") -> None:
        super().__init__(message, hint=hint)
        self.number = number


class ReadInterrupted(_OneLine, KeyboardInterrupt):
    """A kernel interrupt came before the deployment answered a read, which changes nothing."""


class WriteInterrupted(_OneLine, KeyboardInterrupt):
    """A kernel interrupt came before the deployment answered a write; it may have been done."""


class LoadInterrupted(_OneLine, KeyboardInterrupt):
    """A kernel interrupt stopped writes to many objects; those done are kept."""
