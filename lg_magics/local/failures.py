"""Errors of an embedded server that did not start, from its status and its log. Starts and stops nothing."""

from __future__ import annotations

import re
from typing import Any

from lg_magics.errors import LocalServerError
from lg_magics.local.folder import Folder
from lg_magics.local.plan import Plan
from lg_magics.local.redaction import redact, secrets_in, variables_in


def error_from(failure: dict[str, Any], folder: Folder) -> LocalServerError:
    """Make an error from a server's last status, `failure`, or, if it has none, from its log."""
    if failure["reason"] == "port":
        return LocalServerError(failure["error"], hint="Give another --port, or none to take a free one.")
    if failure["reason"] == "graph":
        return _graph_error(failure)
    reason = failure.get("error", "")
    if not reason or reason.startswith("SystemExit"):  # the reason is only in the log
        reason = _last_error(tail_of(folder, 60)) or "it printed nothing"
    message = f"The embedded server did not start: {reason.rstrip('.')}."
    return LocalServerError(message, hint=f"Its log: {folder.log}")


def _graph_error(failure: dict[str, Any]) -> LocalServerError:
    where = f" ({failure['where']})" if failure.get("where") else ""
    hint = "Fix it and connect again."
    if failure["kind"] == "ModuleNotFoundError":
        hint = 'Install it, or add its folder to "dependencies" in langgraph.json, and connect again.'
    message = f"Graph {failure['graph']!r} cannot be loaded: {failure['error'].rstrip('.')}{where}."
    return LocalServerError(message, hint=hint)


def no_graph_is_ready(graphs: list[str], key: str, plan: Plan) -> LocalServerError:
    """Make the error for a deployment in which every graph lacks its key."""
    env = plan.config.get("env")
    file = env if isinstance(env, str) else str(plan.folder / ".env")
    names = ", ".join(repr(name) for name in graphs)
    message = f"No graph is ready ({names}): {key} is not set."
    return LocalServerError(message, hint=f"Put {key}=… into {file} and connect again.")


def tail_of(folder: Folder, lines: int) -> str:
    """Return the last lines of a server's output, without colors and secrets."""
    try:
        text = folder.log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    tail = "\n".join(re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()[-lines:])
    return redact(tail, secrets_in(variables_in(folder.read("langgraph.json").get("env"))))


def _last_error(log: str) -> str:
    """Return the last line that resembles an exception, or the last of all."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"[\w.]*(?:Error|Exception)\b", line)]
    return (errors or lines or [""])[-1]
