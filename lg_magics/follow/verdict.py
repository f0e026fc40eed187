"""Whether a run ended badly, and as which error. Pure."""

from __future__ import annotations

from lg_magics.errors import LgError, RunDeleted, RunFailed, RunTimedOut, Unreachable
from lg_magics.model.answers import how_to_recover
from lg_magics.model.run_view import RunView
from lg_magics.model.visible_text import visible_text

__all__ = ["verdict"]


def verdict(number: str, view: RunView) -> LgError | None:
    """The error to raise for a run that has ended; None if it ended well, waits for a person, or was cancelled."""
    match view.status:
        case "error":
            node = next((step.node for step in reversed(view.steps) if step.state == "failed"), "")
            first_line = visible_text(view.whole_error.strip().partition("\n")[0])
            hint = how_to_recover(view.interrupts)
            return RunFailed(f"{number} failed{f' in {node}' if node else ''}: {first_line}", hint=hint)
        case "timeout":
            return RunTimedOut(f"{number} was stopped by the server at its time limit.")
        case "deleted":
            return RunDeleted(f"{number} is gone: deleted, rolled back, or lost with its server.")
        case "unknown":
            hint = f"%lg_attach {number} looks again."
            return Unreachable(f"What became of {number} is not known: {visible_text(view.error_message)}", hint=hint)
        case _:
            return None
