"""Lines of magics, as the grammar reads them and every command gets them. Knows no notebook."""

from __future__ import annotations

from typing import Any

from lg_magics.grammar.calling import call_command
from lg_magics.grammar.lookup import command_named
from lg_magics.grammar.read import call_from_line
from lg_magics.session import Session

__all__ = ["typed"]


def typed(session: Session, name: str, line: str, **names: object) -> Any:
    """What the line of a command does; `names` are the Python names that it may use."""
    command = command_named(name)
    call = call_from_line(command, line, None, names)
    return call_command(command, session, call.arguments, call.options)
