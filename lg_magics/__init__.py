"""LangGraph in a notebook: magics, live run cards and tables. Public names only; imports nothing heavy.

%load_ext lg_magics             the magics: %lg_connect, %lg_run, … and %lg for where you are
import lg_magics as lg          the same commands as functions: lg.connect("local"), lg.run("hello")

lg.current()                    the current session
lg.client(), lg.client(sync=True)   the SDK's own client, for calls that have no magic
lg.sync(awaitable)              wait in a cell that cannot await
lg.temporary_cron(…)            a cron that is deleted at the end of a `with` block
lg.LgError, lg.RunFailed, …     what they raise; lg.errors has all of them
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lg_magics.errors import (
        AccessDenied,
        AlreadyEnded,
        CheckFailed,
        CommandError,
        ComparisonFailed,
        Conflict,
        DeploymentError,
        InvalidRequest,
        LaunchInterrupted,
        LgError,
        LoadInterrupted,
        LocalServerError,
        NotConnected,
        NotFound,
        ReadInterrupted,
        RunDeleted,
        RunError,
        RunFailed,
        RunTimedOut,
        SettingsError,
        UnexpectedResponse,
        UnknownReference,
        Unreachable,
        Unsupported,
        WaitInterrupted,
        WaitTimedOut,
        WriteInterrupted,
    )
    from lg_magics.grammar.functions import PythonFunctions
    from lg_magics.ipython.current import current
    from lg_magics.ipython.functions import client, sync, temporary_cron

__version__ = "0.1.0"

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
    "__version__",
    "client",
    "current",
    "errors",
    "load_ipython_extension",
    "prices",
    "sync",
    "temporary_cron",
    "unload_ipython_extension",
]

prices: dict[str, tuple[float, float]] = globals().get("prices", {})  # `%reload_ext` runs this module again
"""Your prices for `%lg_usage`: from a model to the cost of a million input and output tokens. Empty by default."""

_HOMES = {
    "client": "ipython.functions",
    "current": "ipython.current",
    "sync": "ipython.functions",
    "temporary_cron": "ipython.functions",
}

_python_functions: PythonFunctions | None = None


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext lg_magics`."""
    from lg_magics.ipython.extension import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """`%unload_ext lg_magics`."""
    from lg_magics.ipython.extension import unload

    unload(shell)


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"lg_magics.{_HOMES[name]}"), name)
    if name == "errors" or name in __all__:  # every other public name is a class of errors
        errors = importlib.import_module("lg_magics.errors")
        return errors if name == "errors" else getattr(errors, name)
    function = None if name.startswith("_") else _functions().find(name)
    if function is None:
        raise AttributeError(f"lg_magics has no {name!r}: dir(lg_magics) lists what there is")
    globals()[name] = function  # the next call finds it at once
    return function


def __dir__() -> list[str]:
    return sorted({*__all__, *_functions().names()})


def _functions() -> PythonFunctions:
    global _python_functions
    if _python_functions is None:
        from lg_magics.grammar.functions import PythonFunctions
        from lg_magics.ipython.current import current

        _python_functions = PythonFunctions(current)
    return _python_functions


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "lg-magics"}]
