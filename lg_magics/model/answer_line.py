"""Turn answers into the line that gives them in a cell, in the shortest form that parses to the same answer. Pure."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lg_magics.errors import CommandError
from lg_magics.model.answers import Answer, How, reply_to
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.question_numbers import numbers_of

__all__ = ["answer_line", "fits_a_line"]


def answer_line(questions: Sequence[Interrupt], replies: Mapping[str, Any], where: str = "") -> str:
    """Return the line that answers these interrupts.

    Args:
        questions: the open interrupts; empty at a breakpoint.
        replies: interrupt id → the graph's value for it, from `reply_to`; some of several may be missing.
        where: the options that name the thread, `-t t3`.

    Example:
        >>> answer_line([Interrupt("How many?", "i")], {"i": "three or four"}, "-t t3")
        '%lg_resume -t t3 three or four'
    """
    match list(questions):
        case []:
            answer = ""
        case [only]:
            answer = _reply_text(only, replies[only.id])
        case several:
            numbered = zip(numbers_of(several), several, strict=True)
            answer = (
                f"--json {_json({str(number): replies[each.id] for number, each in numbered if each.id in replies})}"
            )
    return " ".join(part for part in ("%lg_resume", where, answer) if part)


def _reply_text(question: Interrupt, reply: Any) -> str:
    for text, how in _forms(question, reply):
        with contextlib.suppress(CommandError):
            is_written = fits_a_line(text) if text else how != "plain"
            if is_written and reply_to(question, Answer(text or None, how)) == reply:
                return " ".join(part for part in ("" if how == "plain" else f"--{how}", text) if part)
    return f"--json {_json(reply)}"


def _forms(question: Interrupt, reply: Any) -> Iterator[tuple[str, How]]:
    """Yield possible forms of a reply, the shortest first; a form that parses to another reply is skipped later."""
    if question.actions:
        decisions = reply.get("decisions") if isinstance(reply, Mapping) and "decisions" in reply else reply
        first = decisions[0] if isinstance(decisions, list) and decisions else decisions
        yield from _decision_forms(first if isinstance(first, Mapping) else {})
    elif isinstance(reply, str):
        yield reply, "plain"
    elif isinstance(reply, Mapping) and question.shape == "typed":
        yield " ".join(f"{name}={_value(value)}" for name, value in reply.items()), "plain"
        yield " ".join(f"{name}={_value(value, quotes=True)}" for name, value in reply.items()), "plain"
    elif question.shape == "typed":
        yield _json(reply), "plain"


def _decision_forms(decision: Mapping[str, Any]) -> Iterator[tuple[str, How]]:
    edited = decision.get("edited_action") or decision.get("args")
    match decision.get("type"):
        case "approve" | "accept" | "ignore" as how:
            yield "", how
        case "reject":
            yield str(decision.get("message") or ""), "reject"
        case "respond" | "response":
            yield str(decision.get("message") or decision.get("args") or ""), "respond"
        case "edit" if isinstance(edited, Mapping):
            yield _json(edited.get("args")), "edit"


def _value(value: Any, *, quotes: bool = False) -> str:
    if isinstance(value, str):
        return f'"{value}"' if quotes else value
    return _json(value)


def fits_a_line(text: str) -> bool:
    """Return whether a line can hold a text as is: `-` begins an option, `$name` is an object, a backslash continues a line."""
    return bool(text) and text == text.strip() and text.isprintable() and text[0] not in "-$" and text[-1] != "\\"


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if text.isprintable() else json.dumps(value, default=str)
