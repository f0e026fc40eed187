"""The one list: which commands there are, and in which module each lives. Words only; imports nothing.

A noun may be a command, have verbs, or both: `%lg_state` and `%lg_state update`.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CATALOGUE", "DEFAULT_VERBS", "TAKE_TEXT", "default_verb", "magic_name", "nouns", "takes_text", "verbs"]

CATALOGUE: Mapping[str, str] = {
    "": "home",
    "connect": "deployment",
    "disconnect": "deployment",
    "serve": "serve",
    "status": "status",
    "set": "defaults",
    "assistants": "assistants",
    "assistant use": "assistants",
    "assistant show": "assistants",
    "assistant create": "assistant_changes",
    "assistant update": "assistant_changes",
    "assistant versions": "assistant_versions",
    "assistant use-version": "assistant_versions",
    "assistant delete": "assistant_changes",
    "schemas": "schemas",
    "graph": "graph",
    "remote_graph": "remote",
    "threads": "thread_table",
    "thread new": "threads",
    "thread use": "threads",
    "thread show": "threads",
    "thread copy": "thread_copy",
    "thread rename": "threads",
    "thread update": "threads",
    "thread delete": "thread_delete",
    "thread prune": "thread_delete",
    "run": "runs",
    "stream": "stream",
    "batch": "batch",
    "compare": "compare",
    "check": "check",
    "wait": "endings",
    "cancel": "endings",
    "attach": "attach",
    "watch": "watch",
    "resume": "people",
    "inbox": "inbox",
    "runs": "run_table",
    "usage": "usage",
    "state": "state",
    "messages": "state",
    "state update": "forks",
    "fork": "forks",
    "history": "history",
    "diff": "history",
    "store search": "store",
    "store get": "store_items",
    "store put": "store_items",
    "store delete": "store_items",
    "store namespaces": "store_namespaces",
    "store load": "store_bulk",
    "store export": "store_bulk",
    "crons": "crons",
    "cron create": "cron_create",
    "cron show": "crons",
    "cron runs": "cron_runs",
    "cron pause": "cron_changes",
    "cron resume": "cron_changes",
    "cron update": "cron_changes",
    "cron delete": "cron_changes",
    "debug": "deployment",
}
"""Each command's name and the module of `lg_magics.commands` that it lives in."""

TAKE_TEXT = frozenset({"compare", "cron create", "cron update", "run", "stream", "fork", "resume"})
"""The commands that take text, and so have a cell magic. A test holds this against their signatures."""

DEFAULT_VERBS = ("show", "search")
"""What a noun without a command of its own does: the first of these that is one of its verbs."""


def nouns() -> tuple[str, ...]:
    """The first words of all names, in order: one magic each."""
    return tuple(dict.fromkeys(name.partition(" ")[0] for name in CATALOGUE))


def verbs(noun: str) -> tuple[str, ...]:
    """The verbs of a noun, in order."""
    return tuple(verb for name in CATALOGUE for first, _, verb in [name.partition(" ")] if first == noun and verb)


def default_verb(noun: str) -> str:
    """The verb that the bare noun stands for; "" for none."""
    return next((verb for verb in DEFAULT_VERBS if verb in verbs(noun)), "")


def takes_text(noun: str) -> bool:
    """Whether the noun, or one of its verbs, takes text."""
    return any(name.partition(" ")[0] == noun for name in TAKE_TEXT)


def magic_name(noun: str) -> str:
    """The magic of a noun, without the `%`: `lg_run`, and `lg` for home."""
    return f"lg_{noun}" if noun else "lg"
