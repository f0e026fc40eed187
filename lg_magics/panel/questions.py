"""A question as the panel gets it: the shape of its JSON, and how an interrupt becomes it. Pure."""

from __future__ import annotations

import json
from typing import TypedDict

from lg_magics.model.interrupts import Interrupt
from lg_magics.model.visible_text import visible_json

__all__ = ["QuestionJson", "question_json"]

LONGEST_ARGS = 20_000


class QuestionJson(TypedDict):
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


def question_json(interrupt: Interrupt) -> QuestionJson:
    """An interrupt as JSON; arguments that are too long to edit on a page are left out."""
    args = visible_json(json.dumps(dict(interrupt.args), ensure_ascii=False, indent=2)) if interrupt.args else ""
    return {
        "id": interrupt.id,
        "node": interrupt.node,
        "question": interrupt.question,
        "detail": interrupt.detail,
        "ways": list(interrupt.ways),
        "args": args if len(args) <= LONGEST_ARGS else "",
    }
