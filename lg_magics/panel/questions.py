"""A question as the panel gets it: the shape of its JSON, and how an interrupt becomes it. Pure."""

from __future__ import annotations

import json
from typing import TypedDict

from lg_magics.model.answers import how_to_answer
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.visible_text import visible_json

__all__ = ["QuestionJson", "questions_json"]

LONGEST_ARGS = 20_000


class QuestionJson(TypedDict):
    """What is asked of a person, by which node; `detail` is '' or the tool's call.

    `ways` are those in which an action may be decided on, `args` its arguments as JSON; both are empty for a question. Each of
    several actions is one: its id is the question's, with `#` and its place.
    """

    id: str
    node: str
    question: str
    detail: str
    ways: list[str]
    args: str


def questions_json(interrupt: Interrupt) -> list[QuestionJson]:
    """An interrupt as JSON; arguments that are too long to edit on a page are left out."""
    actions = interrupt.actions
    made: list[QuestionJson] = []
    for place, action in enumerate(actions):
        args = visible_json(json.dumps(dict(action.args), ensure_ascii=False, indent=2)) if action.args else ""
        made.append(
            {
                "id": f"{interrupt.id}#{place}" if len(actions) > 1 else interrupt.id,
                "node": interrupt.node,
                "question": action.description or f"Allow {action.name}?",
                "detail": action.call,
                "ways": list(action.ways),
                "args": args if len(args) <= LONGEST_ARGS else "",
            }
        )
    if made:
        return made
    typed = how_to_answer([interrupt]) if interrupt.shape == "typed" else ""
    return [
        {
            "id": interrupt.id,
            "node": interrupt.node,
            "question": interrupt.question,
            "detail": "\n".join(part for part in (interrupt.detail, typed) if part),
            "ways": [],
            "args": "",
        }
    ]
