"""The shape of a panel's sections, as JSON. Knows names and types alone; mirrors labextension/shared/panel.ts.

Every string that comes from a deployment is untrusted.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, Required, TypedDict, cast

from lg_magics.panel.questions import QuestionJson

__all__ = ["ActionJson", "Deployment", "Left", "LeftCron", "Row", "Section", "Tone", "cut_text", "row"]

Tone = Literal["quiet", "running", "good", "waiting", "bad"]
"""The colour of a dot; the word beside it says the same."""

LONGEST = 4_000


class ActionJson(TypedDict):
    """Something to do with a row: what is sent, the line for a cell, what is asked back. `{}` stands for the thing.

    `argument` gets its id, `also` the id of its thread. Without a command it is only a line; `writes` says that a protected
    deployment wants a yes.
    """

    label: str
    line: str
    command: str
    argument: str
    ask: str
    also: str
    writes: bool


class Row(TypedDict, total=False):
    """One thing; what is empty is left out. `id` is what is sent, `word` what is typed.

    Attributes:
        shown: its number and the id's tail, `t2 ·0e7caf`.
        text: its title, or what it asks.
        state: one word; `tone` its dot's colour.
        aside: a few words more, at the end of the line.
        seconds: how long it has taken; it `goes_on` or not.
        cell: the id of the notebook's cell that it came from.
        thread: the id of its thread.
        more: more of it, for who opens the row.
        without: the keys of its section's actions that are not for it.
        asks: of a thread that waits: its questions, and the `mark` that an answer must bear.
    """

    id: Required[str]
    word: str
    shown: str
    text: str
    state: str
    tone: Tone
    aside: str
    seconds: float
    goes_on: bool
    is_current: bool
    cell: str
    thread: str
    more: str
    without: list[str]
    asks: list[QuestionJson]
    mark: str


class Section(TypedDict):
    """Rows of one kind. `counted` stands in its head; `is_whole` is False where there are more."""

    name: str
    counted: str
    rows: list[Row]
    is_whole: bool
    note: str
    actions: dict[str, ActionJson]
    tools: list[ActionJson]
    live: NotRequired[int]
    waiting: NotRequired[int]


class Deployment(TypedDict):
    """Where the session is; all empty while it is nowhere."""

    name: str
    connected: bool
    deployment: str
    url: str
    version: str
    protected: bool
    assistant: str
    thread: str
    defaults: list[str]


class LeftCron(TypedDict):
    """A cron that goes on without its session, until its end: seconds since the epoch, or None."""

    id: str
    deployment: str
    until: float | None


class Left(TypedDict):
    """What goes on when the kernel ends, for the page to say then; `line` ends it, or leads to its end."""

    name: str
    crons: list[LeftCron]
    line: str


def row(id: str, **fields: Any) -> Row:
    """A row without its empty fields: there may be a thousand.

    >>> row("a", text="x", aside="")
    {'id': 'a', 'text': 'x'}
    """
    return cast("Row", {"id": id, **{name: value for name, value in fields.items() if value}})


def cut_text(text: str, longest: int = LONGEST) -> str:
    """A long text's beginning, with a word on what is left out."""
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text) - longest:,} characters more)"
