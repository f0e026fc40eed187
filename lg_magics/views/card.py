"""The shape of the run card's JSON. Knows names and types alone; mirrors labextension/shared/card.ts.

`run_card.py` fills it, `card_html.py`, `card_text.py` and the page draw it. Every string in it is untrusted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NotRequired, TypeAlias, TypedDict

__all__ = [
    "Card",
    "CardError",
    "CardInterrupt",
    "CardRun",
    "CardStep",
    "CardThread",
    "CardTurn",
    "Node",
    "Status",
    "StepState",
    "words_of_cut",
]

Status = Literal["pending", "running", "success", "waiting", "cancelled", "error", "timeout", "deleted", "unknown"]
StepState = Literal["running", "done", "failed", "waiting", "cancelled"]

Node: TypeAlias = "str | Sequence[Node | dict[str, str]]"
"""Text, or [tag, …children], or ["a", {"href": …}, …children]: a piece of an answer (see markdown.py)."""


class CardThread(TypedDict):
    """The thread: its number in this session (`t1`), its whole id, its title or ''."""

    number: str
    id: str
    title: str


class CardRun(TypedDict):
    """The run: its number in this session (`r7`) and its whole id."""

    number: str
    id: str


class CardTurn(TypedDict):
    """Which run of its cell on this thread it is, from 1, and how many there are; the page can show the others."""

    number: int
    of: int


class CardStep(TypedDict):
    """One node at work, or `times` of the same in a row. `seconds` is None where the time is not known."""

    name: str
    state: StepState
    seconds: float | None
    times: int


class CardInterrupt(TypedDict):
    """What is asked of a person, by which node; `detail` is '' or the tool's call.

    `ways` are those of accept, edit, respond and ignore that an action allows, `args` its arguments as JSON; both are
    empty for a plain question.
    """

    id: str
    node: str
    question: str
    detail: str
    ways: list[str]
    args: str


class CardError(TypedDict):
    """One line, and everything."""

    summary: str
    whole: str


class Card(TypedDict):
    """One run, ready to be drawn. See labextension/shared/card.ts for what each part means.

    `choice` is a sentence on the choice of assistant and thread, for the text; on a page it stands among the `defaults`.
    """

    protocol: Literal[1]
    status: Status
    settled: bool
    note: str
    deployment: str
    protected: bool
    assistant: str
    thread: CardThread | None
    run: CardRun
    defaults: list[str]
    elapsed: float | None
    steps: list[CardStep]
    more_steps: int
    text: list[Node]
    text_cut: int
    streaming: bool
    interrupts: list[CardInterrupt]
    footnote: str
    error: CardError | None
    state: str
    code: str
    command: str
    can_cancel: bool
    answered: list[str]
    can_resume: bool
    again: str
    turn: CardTurn | None
    choice: NotRequired[str]
    rest: NotRequired[str]


def words_of_cut(card: Card) -> str:
    """How much of the answer is not shown, and what has it."""
    rest = card.get("rest", "")
    return f"{card['text_cut']} characters are not shown{f': {rest} has all' if rest else ''}"
