"""The actions of the panel, in one list. A page can reach no command outside it.

Each action names a command of the catalogue, and the line that does the same in a cell; a test compares the two. An action
without a command only inserts its line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lg_magics.errors import CommandError
from lg_magics.grammar.lookup import command_named
from lg_magics.grammar.parameters import Parameter
from lg_magics.grammar.registry import Command

__all__ = ["ACTIONS", "ALLOWED", "TOOLS", "Action", "checked_call"]

LONGEST_ARGUMENT = 1_000
MOST_ARGUMENTS = 100


@dataclass(frozen=True, slots=True)
class Action:
    """An action on a row. `{}` stands for the object: its reference in `line`, its name in `ask`.

    `argument` receives its id, `also` the id of its thread; an action on a whole section receives True.
    """

    label: str
    line: str
    command: str = ""
    argument: str = ""
    ask: str = ""
    also: str = ""

    @property
    def writes(self) -> bool:
        """Whether a protected deployment requires a confirmation."""
        return bool(self.command) and "yes" in ALLOWED[self.command]


ACTIONS: Mapping[str, Mapping[str, Action]] = {
    "waiting": {
        "read": Action("Read", "%lg_messages -t {}"),
        "use": Action("Use", "%lg_thread use {}", "thread use", "thread"),
    },
    "runs": {
        "cancel": Action("Cancel", "%lg_cancel {}", "cancel", "references"),
        "wait": Action("Wait", "%lg_wait {}"),
    },
    "batches": {
        "attach": Action("Go on", "%lg_batch --attach {}"),
    },
    "threads": {
        "use": Action("Use", "%lg_thread use {}", "thread use", "thread"),
        "read": Action("Read", "%lg_messages -t {}"),
        "history": Action("History", "%lg_history {} --open"),
        "copy": Action("Copy", "%lg_thread copy {}", "thread copy", "thread"),
        "delete": Action(
            "Delete",
            "%lg_thread delete {}",
            "thread delete",
            "thread",
            "Delete thread {} with all it holds, and its crons? It cannot be brought back.",
        ),
    },
    "checkpoints": {
        "fork": Action("Fork here", "%lg_fork {}", "fork", "checkpoint", also="thread"),
    },
    "store": {
        "search": Action("Search", "%lg_store search {} --open"),
        "export": Action("Export", "%lg_store export {}"),
    },
    "crons": {
        "pause": Action("Pause", "%lg_cron pause {}", "cron pause", "cron"),
        "resume": Action("Resume", "%lg_cron resume {}", "cron resume", "cron"),
        "runs": Action("Runs", "%lg_cron runs {}"),
        "delete": Action(
            "Delete",
            "%lg_cron delete {}",
            "cron delete",
            "cron",
            "Delete cron {}? A run that it has launched goes on.",
        ),
    },
}
"""The actions on a row of each section."""

TOOLS: Mapping[str, Sequence[Action]] = {
    "waiting": [Action("Inbox", "%lg_inbox")],
    "runs": [Action("Cancel all", "%lg_cancel --mine", "cancel", "mine", "Cancel all live runs of this session?")],
    "threads": [Action("New thread", "%lg_thread new", "thread new")],
}
"""The actions on a whole section."""

ALLOWED: Mapping[str, frozenset[str]] = {
    "cancel": frozenset({"references", "mine"}),
    "thread new": frozenset(),
    "thread use": frozenset({"thread"}),
    "thread copy": frozenset({"thread"}),
    "thread delete": frozenset({"thread", "yes"}),
    "fork": frozenset({"checkpoint", "thread", "yes"}),
    "cron pause": frozenset({"cron", "yes"}),
    "cron resume": frozenset({"cron", "yes"}),
    "cron delete": frozenset({"cron", "yes"}),
}
"""The commands that a page may call, each with the arguments that it may pass."""


def checked_call(name: str, given: Mapping[str, Any]) -> tuple[Command, list[object], dict[str, object]]:
    """Return the command that a page calls, with its positional and named arguments.

    Raises:
        CommandError: the page may not call this command, or not with these arguments.
    """
    if name not in ALLOWED:
        raise CommandError(f"A page cannot call {name[:80]!r}.")
    command = command_named(name)
    spread: list[object] = []
    named: dict[str, object] = {}
    for argument, value in given.items():
        parameter = next((each for each in command.parameters if each.name == argument), None)
        if parameter is None or argument not in ALLOWED[name]:
            raise CommandError(f"{command.typed} takes no {str(argument)[:80]!r} from a page.")
        if parameter.spread:
            spread += _texts(command, parameter, value)
        else:
            named[argument] = _checked(command, parameter, value)
    missing = [each.name for each in command.parameters if each.required and each.name not in named]
    if missing:
        raise CommandError(f"{command.typed}: {', '.join(missing)} is missing.")
    return command, spread, named


def _texts(command: Command, parameter: Parameter, value: object) -> list[object]:
    several = value if isinstance(value, list) else [value]
    if len(several) > MOST_ARGUMENTS:
        raise _wrong(command, parameter)
    return [_checked(command, parameter, each) for each in several]


def _checked(command: Command, parameter: Parameter, value: object) -> object:
    """Check one value of a page: a flag must be true or false, any other argument a text."""
    if parameter.role == "flag":
        is_right = isinstance(value, bool)
    else:
        is_right = isinstance(value, str) and 0 < len(value) <= LONGEST_ARGUMENT
    if not is_right:
        raise _wrong(command, parameter)
    return value


def _wrong(command: Command, parameter: Parameter) -> CommandError:
    wanted = "true or false" if parameter.role == "flag" else "a text"
    return CommandError(f"{command.typed}: {parameter.name} must be {wanted}.")
