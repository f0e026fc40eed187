"""Render a conversation as text and as a tree: the text of people and models in full, everything else folded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from lg_magics.model.bounds import cut, fitted, fitting
from lg_magics.model.messages import Message, Part, ToolCall
from lg_magics.model.plain_text import REASONING, call_words
from lg_magics.model.visible_text import visible_line
from lg_magics.tables.conversation import Conversation
from lg_magics.views.frame_tree import fold, known, pre, result, soft
from lg_magics.views.markdown import markdown
from lg_magics.views.node import Node, node, nodes_in, spaced

__all__ = [
    "LONGEST",
    "about_message",
    "conversation_text",
    "conversation_tree",
    "message_text",
    "message_tree",
    "message_trees",
    "parts_of_message",
]

SHORT = 400
SHORT_LINES = 6
BEGINNING = 80
LONGEST_TEXT = 2_000  # characters in a terminal of what a page folds
LONGEST = 150_000  # characters: beyond the limit of an output
LARGEST = 200_000  # bytes of all messages as JSON
MOST = 1_500
MOST_NODES = 8_000
MOST_INSIDE = 3_000
"""The maximum number of nodes of one message's text; a longer one is shown as plain text."""


def conversation_text(conversation: Conversation) -> str:
    """Return each message under its role."""
    lines = [visible_line(conversation.note)] if conversation.note else []
    if len(conversation) != conversation.total or not conversation.total:
        lines.append(conversation.counted)
    shown = [_raw(message) if conversation.is_raw else message_text(message) for message in conversation]
    return "\n\n".join([*lines, *shown])


def conversation_tree(conversation: Conversation) -> Node:
    """Return the conversation as a tree, with Markdown, and folds for long parts."""
    is_whole = len(conversation) == conversation.total and bool(conversation.total)
    if conversation.is_raw:
        shown = _bounded(
            [pre(cut(_raw(message), LONGEST)) for message in conversation.messages[:MOST]], len(conversation)
        )
    else:
        shown = message_trees(conversation.messages)
    return result(known(conversation.note), None if is_whole else soft(conversation.counted), shown)


def _raw(message: Message) -> str:
    return json.dumps(message.raw or message.text, indent=2, ensure_ascii=False, default=str)


# -- text -----------------------------------------------------------------------------------------------------------


def message_text(message: Message) -> str:
    """Return one message as text: role, content, calls and other parts; long ones are cut."""
    lines = [visible_line(f"── {' · '.join(about_message(message))}")]
    for kind, text in parts_of_message(message):
        if kind == "text":
            lines.append(_cut(text) if message.role == "tool" else cut(text, LONGEST))
        elif kind == "call":
            lines.append(visible_line(_cut(text)))
        elif kind == "attachment":
            lines.append(visible_line(f"[{text}]"))
        else:
            lines.append(f"{visible_line(kind)} {text if kind == '(refusal)' else _cut(text)}")
    return "\n".join(lines)


def parts_of_message(message: Message) -> Iterator[tuple[str, str]]:
    """Yield all parts of a message with their kinds: text, call, attachment, `(reasoning)`, `(refusal)`, or `[type]`."""
    if reasoning := message.reasoning.strip():
        yield REASONING, reasoning
    if text := message.text.strip():
        yield "text", text
    if refusal := message.refusal.strip():
        yield "(refusal)", refusal
    yield from (("attachment", attachment) for attachment in message.attachments)
    yield from (("call", call_words(call, is_whole=True)) for call in message.calls)
    yield from ((f"[{part.type}]", part.line) for part in message.parts)


def about_message(message: Message) -> list[str]:
    """Return its role and name, and its finish reason where that is unusual."""
    facts = [f"{message.role} {message.name}".strip()]
    facts += ["failed"] if message.has_failed else []
    return facts + ([f"ended: {message.finish}"] if message.finish else [])


def _cut(text: str) -> str:
    return cut(text, LONGEST_TEXT, ".df has all")


# -- a tree ---------------------------------------------------------------------------------------------------------


def message_trees(messages: Sequence[Message], shares: int = 1) -> list[Node]:
    """Return messages as trees: all, or the first ones and a count of the rest if they are very many or large.

    Args:
        messages: the messages.
        shares: the number of conversations that share the output.
    """
    return _bounded([message_tree(message) for message in messages[:MOST]], len(messages), shares)


def _bounded(trees: list[Node], total: int, shares: int = 1) -> list[Node]:
    largest = LARGEST // shares
    trees = fitted(trees, largest)
    count, left = fitting(trees, largest + largest // 10), MOST_NODES // shares
    for place, tree in enumerate(trees[:count]):
        left -= _size(tree)
        if left < 0:
            count = max(1, place)
            break
    more = total - count
    return [*trees[:count], *([soft(f"({more:,} more messages: --last N shows the newest)")] if more else [])]


def _size(*trees: Node | str) -> int:
    return sum(1 for tree in trees for _ in nodes_in(tree))


def message_tree(message: Message) -> Node:
    """Return one message as a tree; text longer than `LONGEST` is cut."""
    calls = [_call_tree(call) for call in message.calls]
    parts = [
        _head(message),
        _reasoning(message.reasoning) if message.reasoning.strip() else None,
        _result(message.text) if message.role == "tool" else _words(message.text),
        node("div", spaced(node("strong", "refusal"), message.refusal)) if message.refusal.strip() else None,
        [soft(f"[{attachment}]") for attachment in message.attachments],
        calls,
        [_part(part) for part in message.parts],
    ]
    return node("div", *parts, class_=f"lg-message lg-{'human' if message.role == 'human' else 'other'}")


def _head(message: Message) -> Node:
    """Return the role, and beside it the token usage, which expands to the technical parts."""
    who, *facts = about_message(message)
    used = f"{message.usage.input:,} in, {message.usage.output:,} out" if message.usage else ""
    ids = [f"id {message.id}" if message.id else "", f"answers {message.tool_call_id}" if message.tool_call_id else ""]
    details = "\n".join(f"{part.type}: {part.line}" for part in message.details)
    about = fold(used or "details", pre(details), key="details") if details else node("span", used) if used else None
    title = ", ".join(filter(None, ids))
    return node(
        "div",
        spaced(node("span", who, title=title), *(node("strong", fact) for fact in facts), about),
        class_="lg-role",
    )


def _reasoning(text: str) -> Node:
    return _fold(REASONING, text, "")


def _words(text: str) -> Node | None:
    if not text.strip():
        return None
    nodes = markdown(cut(text, LONGEST))
    return node("div", nodes if _size(*nodes) <= MOST_INSIDE else pre(cut(text, LONGEST)), class_="lg-said")


def _result(text: str) -> Node | None:
    """Return a tool's result in full, folded if it is long."""
    if not text.strip():
        return None
    return pre(text) if _is_short(text) else _fold("", text, "")


def _is_short(text: str) -> bool:
    return len(text) <= SHORT and text.count("\n") < SHORT_LINES


def _fold(name: str, text: str, line: str) -> Node:
    """Return a text folded behind its beginning and its length."""
    beginning = " ".join((line or text)[: 2 * BEGINNING].split())[:BEGINNING]
    title = " ".join(filter(None, (name, f"{beginning}… {len(text):,} characters")))
    return fold(title, pre(cut(text, LONGEST)), key=name or "all")


def _call_tree(call: ToolCall) -> Node:
    line = call_words(call, is_whole=True)
    if _is_short(line):
        return node("div", line, class_="lg-call", title=call.id)
    given = call.text or json.dumps(dict(call.args), ensure_ascii=False, indent=2, default=str)
    whole = "\n".join(filter(None, (call.name, given, call.error)))
    return node("div", _fold("", whole, line), class_="lg-call", title=call.id)


def _part(part: Part) -> Node:
    name = f"[{cut(part.type, BEGINNING)}]"
    if len(part.line) <= BEGINNING and "\n" not in part.line:
        return node("div", spaced(name, part.line), class_="lg-call")
    return node("div", _fold(name, part.text, part.line), class_="lg-call")
