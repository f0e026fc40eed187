"""The one list: which commands there are, and in which module each lives. Words only; imports nothing.

A noun may be a command, have verbs, or both: `%lg_state` and `%lg_state update`.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CATALOGUE", "DEFAULT_VERB", "TAKE_TEXT", "magic_name", "nouns", "takes_text", "verbs"]

CATALOGUE: Mapping[str, str] = {
    "": "home",
    "connect": "deployment",
    "disconnect": "deployment",
    "status": "deployment",
    "set": "defaults",
    "assistants": "assistants",
    "assistant use": "assistants",
    "assistant show": "assistants",
    "assistant create": "assistant_changes",
    "assistant update": "assistant_changes",
    "assistant versions": "assistant_versions",
    "assistant use-version": "assistant_versions",
    "assistant delete": "assistant_changes",
    "threads": "thread_table",
    "thread new": "threads",
    "thread use": "threads",
    "thread show": "threads",
    "thread copy": "threads",
    "thread rename": "threads",
    "thread update": "threads",
    "thread delete": "threads",
    "run": "runs",
    "wait": "endings",
    "cancel": "endings",
    "attach": "attach",
    "resume": "people",
    "inbox": "inbox",
    "runs": "run_table",
    "state": "state",
    "messages": "state",
    "state update": "forks",
    "fork": "forks",
    "history": "history",
    "diff": "history",
    "debug": "deployment",
}
"""Each command's name and the module of `lg_magics.commands` that it lives in."""

TAKE_TEXT = frozenset({"run", "fork", "resume"})
"""The commands that take text, and so have a cell magic. A test holds this against their signatures."""

DEFAULT_VERB = "show"
"""What a noun without a command of its own does."""


def nouns() -> tuple[str, ...]:
    """The first words of all names, in order: one magic each."""
    return tuple(dict.fromkeys(name.partition(" ")[0] for name in CATALOGUE))


def verbs(noun: str) -> tuple[str, ...]:
    """The verbs of a noun, in order."""
    return tuple(verb for name in CATALOGUE for first, _, verb in [name.partition(" ")] if first == noun and verb)


def takes_text(noun: str) -> bool:
    """Whether the noun, or one of its verbs, takes text."""
    return any(name.partition(" ")[0] == noun for name in TAKE_TEXT)


def magic_name(noun: str) -> str:
    """The magic of a noun, without the `%`: `lg_run`, and `lg` for home."""
    return f"lg_{noun}" if noun else "lg"
