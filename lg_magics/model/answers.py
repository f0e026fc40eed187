"""A person's answer → what the graph gets. Pure: knows questions and replies; sends nothing.

A reply goes to its question by the question's id, `{"resume": {id: reply}}`, also where there is only one: the server then
drops a reply to a question that is gone, while a bare value with two questions open puts the thread in error.

A request in the shape of the Agent Inbox gets a list with one `{"type": …, "args": …}` (langgraph's `HumanResponse`):

    accept    {"type": "accept", "args": None}
    edit      {"type": "edit", "args": {"action": the same, "args": the new arguments}}
    respond   {"type": "response", "args": text}
    ignore    {"type": "ignore", "args": None}
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, assert_never

from lg_magics.errors import CommandError, ReferenceError
from lg_magics.model.interrupts import Interrupt, Way
from lg_magics.model.run_input import json_from_text
from lg_magics.model.visible_text import visible_text

__all__ = [
    "Answer",
    "How",
    "answered_line",
    "has_changed",
    "how_to_answer",
    "mark_of",
    "question_named",
    "questions_listed",
    "replies_from",
    "reply_to",
]

How = Literal["plain", "json", Way]

TAIL = 6
SHORTEST_PART = 4
LONGEST_LINE = 160
TAKES = {"edit": "--edit JSON", "respond": "--respond TEXT"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person says, and how it is meant: `plain` as it is, `json` a text to be read as JSON, or an Inbox action."""

    value: Any = None
    how: How = "plain"


def reply_to(question: Interrupt, answer: Answer) -> Any:
    """What the graph gets for this answer to this question.

    Raises:
        CommandError: the question does not take this kind of answer, or it lacks a part.
    """
    if answer.how == "json":
        return json_from_text(answer.value) if isinstance(answer.value, str) else answer.value
    if answer.how == "plain":
        return _plain_reply(question, answer.value)
    if not question.action:
        raise CommandError(
            f"--{answer.how} answers a request of the Agent Inbox, and this is none: {_line(question)}",
            hint="%lg_resume ANSWER",
        )
    if answer.how not in question.ways:
        raise CommandError(f"This request does not allow {answer.how}: {_line(question)}", hint=_ways_hint(question))
    return [_inbox_reply(question, answer.how, answer.value)]


def _plain_reply(question: Interrupt, value: Any) -> Any:
    if question.action and isinstance(value, str):
        raise CommandError(f"A text is no answer to this request: {_line(question)}", hint=_ways_hint(question))
    return value


def _inbox_reply(question: Interrupt, way: Way, value: Any) -> dict[str, Any]:
    match way:
        case "accept" | "ignore":
            if value not in (None, ""):
                raise CommandError(f"--{way} takes nothing beside it.", hint="--respond TEXT says something.")
            return {"type": way, "args": None}
        case "edit":
            action = (question.action or {}).get("action")
            return {"type": "edit", "args": {"action": action, "args": _new_args(question, value)}}
        case "respond":
            if not isinstance(value, str) or not value.strip():
                raise CommandError("--respond wants a text.", hint="%lg_resume --respond TEXT")
            return {"type": "response", "args": value}
        case _:
            assert_never(way)


def _new_args(question: Interrupt, value: Any) -> dict[str, Any]:
    args = json_from_text(value) if isinstance(value, str) and value.strip() else value
    if not isinstance(args, Mapping):
        shown = json.dumps(dict(question.args), ensure_ascii=False, default=str)
        raise CommandError(
            "--edit wants all of the action's arguments, as a JSON object or a $mapping.",
            hint=f"They are {shown}" if len(shown) <= LONGEST_LINE else "%lg_state shows them.",
        )
    return dict(args)


# -- which question ---------------------------------------------------------------------------------------------


def replies_from(answer: Answer, pending: Sequence[Interrupt], named: str | None = None) -> dict[str, Any]:
    """Question id → reply.

    Args:
        answer: what the person says; a mapping keyed by questions answers several at once.
        pending: what is asked now.
        named: the question that is meant: an id, a unique part of one, or a node.

    Raises:
        CommandError: there are several questions and it is not said which is meant; the answer does not fit.
        ReferenceError: nothing, or more than one thing, bears the name.
    """
    if named is not None:
        chosen = question_named(named, pending)
        return {chosen.id: reply_to(chosen, answer)}
    by_name = _answers_by_name(answer, pending)
    if by_name is not None:
        return by_name
    if len(pending) > 1:
        raise CommandError(
            f"{len(pending)} questions are open:\n{questions_listed(pending)}\n",
            hint="Say which one with --interrupt, or answer all: %lg_resume --json {NODE: ANSWER, …}",
        )
    return {pending[0].id: reply_to(pending[0], answer)}


def _answers_by_name(answer: Answer, pending: Sequence[Interrupt]) -> dict[str, Any] | None:
    """The replies if the answer is a mapping from questions; with one question open only its whole id makes it one."""
    if answer.how not in ("plain", "json"):
        return None
    value = json_from_text(answer.value) if answer.how == "json" and isinstance(answer.value, str) else answer.value
    if not isinstance(value, Mapping) or not value or not all(isinstance(name, str) for name in value):
        return None
    if len(pending) == 1:
        return dict(value) if set(value) == {pending[0].id} else None
    replies = {question_named(name, pending).id: reply for name, reply in value.items()}
    if len(replies) < len(value):
        raise CommandError("Two of these answers are for the same question.")
    return {each.id: reply_to(each, Answer(replies[each.id])) for each in pending if each.id in replies}


def question_named(name: str, pending: Sequence[Interrupt]) -> Interrupt:
    """The question that `name` means: its id, a unique beginning or end of it, or the node that asks it.

    Raises:
        ReferenceError: nothing, or more than one thing, bears this name.
    """
    text = name.strip().lstrip("·…")
    found = [each for each in pending if name.strip() in (each.id, each.node)]
    if not found and len(text) >= SHORTEST_PART:
        found = [each for each in pending if each.id.startswith(text) or each.id.endswith(text)]
    if len(found) == 1:
        return found[0]
    problem = f"'{name}' could be {len(found)} questions" if found else f"No open question '{name}'"
    raise ReferenceError(f"{problem}. Open are:\n{questions_listed(pending)}")


def has_changed(shown: Sequence[Interrupt] | None, pending: Sequence[Interrupt]) -> bool:
    """Whether what is asked now is something else than what was shown (None: nothing was): ids and values count."""
    return shown is not None and _key(shown) != _key(pending)


def mark_of(questions: Sequence[Interrupt], stopped_before: Sequence[str] = ()) -> str:
    """A mark of what a thread waits for: the same as long as the same is asked, or it stands before the same nodes."""
    said = json.dumps([_key(questions), sorted(stopped_before)], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _key(questions: Sequence[Interrupt]) -> dict[str, str]:
    return {each.id: json.dumps(each.value, sort_keys=True, default=str) for each in questions}


def answered_line(question: Interrupt, answer: Answer) -> str:
    """What was asked and answered, on one line, for who reads it later."""
    said = " ".join(str(answer.value or "").split())
    how = answer.how if answer.how not in ("plain", "json") else ""
    told = " ".join(part for part in (how, said) if part)
    return f"{question.node or 'It'} asked: {_line(question)} Answered: {_cut(told)}"


# -- in words ---------------------------------------------------------------------------------------------------


def questions_listed(pending: Sequence[Interrupt]) -> str:
    """One line for each question: node, the id's tail, what is asked, how it may be answered."""
    return visible_text(
        "\n".join(f"  {_cut(each.node) or 'asked'} ·{each.id[-TAIL:]}  {_line(each)}{_ways(each)}" for each in pending)
    )


def how_to_answer(ways: Sequence[Sequence[str]]) -> str:
    """What to type where a run waits. `ways` has those in which each question may be answered; nothing asks at a breakpoint."""
    match ways:
        case []:
            return "stopped at a breakpoint: %lg_resume goes on"
        case [[_, *_] as only]:
            return f"%lg_resume {' | '.join(TAKES.get(way, f'--{way}') for way in only)}"
        case [_]:
            return "%lg_resume ANSWER"
        case _:
            return "%lg_resume --interrupt NODE ANSWER"


def _line(question: Interrupt) -> str:
    return _cut(question.detail if question.action else question.question)


def _cut(text: str) -> str:
    words = visible_text(" ".join(text.split()))
    return words if len(words) <= LONGEST_LINE else words[: LONGEST_LINE - 1] + "…"


def _ways(question: Interrupt) -> str:
    return f"  ({', '.join(f'--{way}' for way in question.ways)})" if question.ways else ""


def _ways_hint(question: Interrupt) -> str:
    ways = [TAKES.get(way, f"--{way}") for way in question.ways]
    return f"It takes {' or '.join(ways)}." if ways else "It takes --json only."
