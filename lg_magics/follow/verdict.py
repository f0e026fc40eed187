"""Whether a run ended badly, and as which error. Pure."""

from __future__ import annotations

from lg_magics.errors import LgError, RunDeleted, RunFailed, RunTimedOut, Unreachable
from lg_magics.model.answers import how_to_recover
from lg_magics.model.bounds import cut, fitted
from lg_magics.model.run_view import RunView
from lg_magics.model.visible_text import visible_text

__all__ = ["verdict"]

MOST_LINES = 12
LARGEST = 1_500  # bytes of what is below the first line


def verdict(number: str, view: RunView) -> LgError | None:
    """The error to raise for a run that has ended; None if it ended well, waits for a person, or was cancelled."""
    match view.status:
        case "error":
            node = next((" › ".join(step.path) for step in reversed(view.steps) if step.state == "failed"), "")
            first, below = _why(number, view)
            words = f"{number} failed{f' in {node}' if node else ''}: {first}"
            return RunFailed(words, listing=below, hint=how_to_recover(view.interrupts))
        case "timeout":
            return RunTimedOut(f"{number} was stopped by the server at its time limit.")
        case "deleted":
            return RunDeleted(f"{number} is gone: deleted, rolled back, or lost with its server.")
        case "unknown":
            hint = f"%lg_attach {number} looks again."
            return Unreachable(f"What became of {number} is not known: {visible_text(view.error_message)}", hint=hint)
        case _:
            return None


def _why(number: str, view: RunView) -> tuple[str, str]:
    """The error's first line, and those below it, indented: a terminal has no card that shows them. Long ones are cut."""
    rest = f'lg.attach("{number}").error has all'
    first, *below = visible_text(view.whole_error.strip()).split("\n")
    left = [f"… {len(below) - MOST_LINES:,} more lines: {rest}"] if len(below) > MOST_LINES else []
    lines = fitted(below[:MOST_LINES], LARGEST, rest)
    return cut(first, LARGEST, rest), "\n".join(f"  {line}" for line in (*lines, *left))
