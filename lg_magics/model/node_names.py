"""How the name of a node is shown. Pure. Names that a person types, and the columns of a frame, stay the server's own.

Since version 1.2, LangGraph gives an error handler of a graph a node: `__error_handler__NODE` for the handler of one node,
`__default_error_handler__` for the handler of all others.
"""

from __future__ import annotations

__all__ = ["DEFAULT_HANDLER", "HANDLER", "is_handler", "shown_node"]

HANDLER = "__error_handler__"
DEFAULT_HANDLER = "__default_error_handler__"


def is_handler(name: str) -> bool:
    """Return whether a node is an error handler. No edge of a drawing leads to it."""
    return name == DEFAULT_HANDLER or name.startswith(HANDLER)


def shown_node(name: str) -> str:
    """Return the name as shown.

    Example:
        >>> shown_node("__error_handler__search")
        'search · error handler'
    """
    if not is_handler(name):
        return name
    node = "" if name == DEFAULT_HANDLER else name.removeprefix(HANDLER)
    return f"{node} · error handler" if node else "error handler"
