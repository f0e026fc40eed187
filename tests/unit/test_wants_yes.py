"""Which commands want --yes on a protected deployment: every one that changes or deletes what is there, or says why not."""

from __future__ import annotations

from lg_magics.grammar.catalogue import CATALOGUE
from lg_magics.grammar.lookup import command_named

HELP = "Also allow it on a protected deployment."

LOOK_ONLY = {
    *("", "status", "doctor", "connect", "set", "debug"),
    *("assistants", "assistant use", "assistant show", "assistant versions", "schemas", "graph", "remote_graph"),
    *("threads", "thread show", "state", "messages", "history", "diff"),
    *("runs", "wait", "attach", "inbox", "usage", "check", "watch"),
    *("store search", "store get", "store namespaces", "store export"),
    *("crons", "cron show", "cron runs"),
}
"""What changes nothing on a deployment."""

WRITE_WITHOUT_YES = {
    "disconnect": "only the embedded server can be stopped, and no settings protect that",
    "thread new": "adds an empty thread",
    "thread use": "with --create adds an empty thread",
    "thread copy": "adds a thread; the one that is copied stays as it is",
    "thread pull": "as thread copy, and the source is only read",
    "run": "to run is what a deployment is for; what a run did stays in the thread's history",
    "stream": "as run",
    "resume": "answers what the graph asks a person, who has the question before them",
    "serve": "serves from this machine, which no settings protect",
    "cancel": "who wants a run stopped wants it at once",
}
"""What writes all the same, each with its reason."""


OF_MANY = {
    "assistant delete": "Delete the threads; also allow it on a protected deployment.",
    "thread delete": "Delete many threads; also allow it on a protected deployment.",
    "cron delete": "Delete many crons; also allow it on a protected deployment.",
    "cron pause": "Pause many crons; also allow it on a protected deployment.",
    "cron resume": "Resume many crons; also allow it on a protected deployment.",
    "runs delete": "Delete several runs; also allow it on a protected deployment.",
    "thread prune": "Prune them; also allow it on a protected deployment.",
}
"""What says first how many it would change, and does it with --yes, on any deployment."""


def wants_yes() -> set[str]:
    return {name for name in CATALOGUE if any(each.long == "--yes" for each in command_named(name).options)}


def test_every_command_looks_only_or_wants_yes_or_says_why_not() -> None:
    """A new command fails here until it is in one of the three."""
    known = LOOK_ONLY | WRITE_WITHOUT_YES.keys() | wants_yes()
    assert set(CATALOGUE) - known == set()
    assert LOOK_ONLY & wants_yes() == WRITE_WITHOUT_YES.keys() & wants_yes() == set()


def test_what_deletes_or_puts_or_changes_wants_yes_by_its_name() -> None:
    verbs = ("delete", "put", "load", "update", "rename", "create", "use-version", "pause", "batch")
    named = {name for name in CATALOGUE if name.partition(" ")[2] in verbs or name in verbs}
    assert named <= wants_yes()


def test_it_is_one_option_with_one_meaning() -> None:
    for name in wants_yes():
        (option,) = [each for each in command_named(name).options if each.long == "--yes"]
        assert (option.role, option.default, option.everyday) == ("flag", False, True), name
        assert option.help == OF_MANY.get(name, HELP), name
