"""The embedded server: its files, its process and its folder. Must not depend on a session or a notebook."""

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
