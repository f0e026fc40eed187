"""The embedded server. Knows a deployment's files, a process and a folder; knows no session and no notebook."""

from lg_magics.local.embedded import (
    GraphState,
    LocalServer,
    ends_with_this_process,
    is_alive,
    log_tail,
    release,
    start,
    stop,
)

__all__ = [
    "GraphState",
    "LocalServer",
    "ends_with_this_process",
    "is_alive",
    "log_tail",
    "release",
    "start",
    "stop",
]
