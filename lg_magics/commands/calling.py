"""How every door calls a command: and the session hears which one it was. Knows no command and no door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lg_magics.commands.grammar.registry import Command
    from lg_magics.session import Session

__all__ = ["call_command"]


def call_command(
    command: Command, session: Session, arguments: Sequence[object], options: Mapping[str, object]
) -> object:
    """Call a command, and tell the session of it, however it ended: half of it may have been done."""
    try:
        return command.function(session, *arguments, **options)
    finally:
        session.called(command.name)
