"""Keep the complaints about ipykernel's deleted subshells out of the running cell. Depends on their words alone.

JupyterLab deletes a comm's subshell when the comm closes, as a settled card does. ipykernel (7.4) then abandons the tasks of
messages that were under way. asyncio logs each, or Python warns of it, on stderr, in whichever cell is running.
"""

from __future__ import annotations

import logging
import warnings

__all__ = ["keep_out", "let_in"]

_LOG = logging.getLogger("asyncio")
_OF_IPYKERNEL = "_async_in_context.<locals>.run_in_context()"
_CAUSES = ("Task was destroyed but it is pending", "UnknownSubshellError(")
_NEVER_AWAITED = r"coroutine '(_async_in_context\.<locals>\.run_in_context|Kernel\.shell_main)' was never awaited"


def keep_out() -> None:
    """Print nothing on abandoned tasks of ipykernel's subshells from now on."""
    _LOG.addFilter(_is_others)
    warnings.filterwarnings("ignore", _NEVER_AWAITED, RuntimeWarning)


def let_in() -> None:
    """Log them again. The warning stays off: Python has no way to remove one filter."""
    _LOG.removeFilter(_is_others)


def _is_others(record: logging.LogRecord) -> bool:
    text = record.getMessage()
    return _OF_IPYKERNEL not in text or not any(cause in text for cause in _CAUSES)
