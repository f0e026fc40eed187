"""The list of all commands, with the module of each. Words only; imports nothing.

A noun may be a command, have verbs, or both: `%lg_state` and `%lg_state update`.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = [
    "CATALOGUE",
    "DEFAULT_VERBS",
    "TAKE_TEXT",
    "default_verb",
    "has_cell_magic",
    "magic_name",
    "nouns",
    "takes_text",
    "verbs",
]

CATALOGUE: Mapping[str, str] = {
    "": "deployment",
    "connect": "deployment",
    "disconnect": "deployment",
    "serve": "serve",
    "status": "deployment",
    "doctor": "doctor",
    "set": "deployment",
    "assistants": "assistants",
    "assistant use": "assistants",
    "assistant show": "assistants",
    "assistant create": "assistants",
    "assistant update": "assistants",
    "assistant versions": "assistants",
    "assistant use-version": "assistants",
    "assistant delete": "assistants",
    "schemas": "assistants",
    "graph": "graph",
    "remote_graph": "assistants",
    "threads": "threads",
    "thread new": "threads",
    "thread use": "threads",
    "thread show": "threads",
    "thread copy": "threads",
    "thread rename": "threads",
    "thread update": "threads",
    "thread delete": "threads",
    "thread prune": "threads",
    "run": "runs",
    "stream": "runs",
    "batch": "batch",
    "compare": "batch",
    "check": "check",
    "wait": "runs",
    "cancel": "runs",
    "attach": "attach",
    "watch": "attach",
    "resume": "people",
    "inbox": "people",
    "runs": "runs",
    "runs delete": "runs",
    "usage": "usage",
    "state": "state",
    "messages": "state",
    "state update": "state",
    "fork": "state",
    "history": "state",
    "diff": "state",
    "store search": "store",
    "store get": "store",
    "store put": "store",
    "store delete": "store",
    "store namespaces": "store",
    "store load": "store",
    "store export": "store",
    "crons": "crons",
    "cron create": "crons",
    "cron show": "crons",
    "cron runs": "crons",
    "cron pause": "crons",
    "cron resume": "crons",
    "cron update": "crons",
    "cron delete": "crons",
    "debug": "deployment",
}
"""Each command's name, and its module in `lg_magics.commands`."""

TAKE_TEXT = frozenset({"compare", "doctor", "cron create", "cron update", "run", "stream", "fork", "resume"})
"""The commands that take text, and so have a cell magic. A test compares this with their signatures."""

DEFAULT_VERBS = ("show", "search")
"""A noun without a command of its own calls the first of these that is one of its verbs."""


def nouns() -> tuple[str, ...]:
    """The first words of all names, in order: one magic each."""
    return tuple(dict.fromkeys(name.partition(" ")[0] for name in CATALOGUE))


def verbs(noun: str) -> tuple[str, ...]:
    """The verbs of a noun, in order."""
    return tuple(verb for name in CATALOGUE for first, _, verb in [name.partition(" ")] if first == noun and verb)


def default_verb(noun: str) -> str:
    """The verb that the bare noun calls; "" if there is none."""
    return next((verb for verb in DEFAULT_VERBS if verb in verbs(noun)), "")


def takes_text(noun: str) -> bool:
    """Whether the noun, or one of its verbs, takes text."""
    return any(name.partition(" ")[0] == noun for name in TAKE_TEXT)


def has_cell_magic(noun: str) -> bool:
    """Whether a cell may begin with the magic: it takes the text below it, or, as `%%lg_serve`, runs it (`ipython.recorder`)."""
    return takes_text(noun) or noun == "serve"


def magic_name(noun: str) -> str:
    """The magic of a noun, without the `%`: `lg_run`, and `lg` for home."""
    return f"lg_{noun}" if noun else "lg"
