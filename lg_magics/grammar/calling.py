"""Calls a command for every entry point: checks the arguments, and notifies the session. Depends on no command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lg_magics.grammar.accept import accept_call

if TYPE_CHECKING:
    from lg_magics.grammar.registry import Command
    from lg_magics.session import Session

__all__ = ["call_command"]


def call_command(
    command: Command, session: Session, arguments: Sequence[object], options: Mapping[str, object]
) -> object:
    """Check the arguments, call the command, and notify the session, however it ended: half of it may have been done.

    Raises:
        CommandError: an argument does not fit its parameter; nothing was done.
    """
    checked, named = accept_call(command.function, command.parameters, arguments, options)
    try:
        return command.function(session, *checked, **named)
    finally:
        session.events.emit("command", command.name)
