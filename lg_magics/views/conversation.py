"""A conversation as text and as HTML: what people and models say in full, tools and reasoning folded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lg_magics.model.messages import Message, ToolCall
from lg_magics.model.visible_text import visible_line
from lg_magics.tables.conversation import Conversation
from lg_magics.views.escape import Html, element, fragment
from lg_magics.views.frame import fold, framed, note, shortened
from lg_magics.views.markdown import markdown
from lg_magics.views.node import inner_html

__all__ = ["conversation_html", "conversation_text", "message_html", "message_text"]

TOOL_LINES = 6
TOOL_LENGTH = 400
SAID = 60_000


def conversation_text(conversation: Conversation) -> str:
    """Each message under its role."""
    lines = [visible_line(conversation.note)] if conversation.note else []
    if len(conversation) != conversation.total or not conversation.total:
        lines.append(conversation.counted)
    shown = [_raw(message) if conversation.is_raw else message_text(message) for message in conversation]
    return "\n\n".join([*lines, *shown])


def message_text(message: Message) -> str:
    """One message: its role, its words, its tool calls; long tool output cut."""
    name = f" {message.name}" if message.name else ""
    lines = [visible_line(f"── {message.role}{name}")]
    if message.reasoning:
        lines.append(f"(reasoning, {len(message.reasoning)} characters)")
    lines += [said] if (said := _said(message)) else []
    lines += [visible_line(f"[{attachment}]") for attachment in message.attachments]
    lines += [f"→ {_call(call)}" for call in message.tool_calls]
    return "\n".join(lines)


def _said(message: Message) -> str:
    text, cut = shortened(message.text.strip(), TOOL_LENGTH if message.role == "tool" else SAID)
    return f"{text}… ({cut:,} more characters)" if cut else text


def _call(call: ToolCall) -> str:
    args = ", ".join(f"{key}={json.dumps(value, ensure_ascii=False, default=str)}" for key, value in call.args.items())
    return visible_line(f"{call.name}({shortened(args, TOOL_LENGTH)[0]})")


def _raw(message: Message) -> str:
    payload: Mapping[str, Any] | str = message.raw or message.text
    text, cut = shortened(json.dumps(payload, indent=2, ensure_ascii=False, default=str), SAID)
    return f"{text}… ({cut:,} more characters)" if cut else text


def conversation_html(conversation: Conversation) -> str:
    """The same for a page, with Markdown, and folds for what is long."""
    counted = element("div", conversation.counted, class_="lg-soft")
    shown = [element("pre", _raw(m)) if conversation.is_raw else message_html(m) for m in conversation]
    is_whole = len(conversation) == conversation.total and bool(conversation.total)
    return framed(note(conversation.note), "" if is_whole else counted, *shown)


def message_html(message: Message) -> Html:
    """One message."""
    name = f" {message.name}" if message.name else ""
    usage = f" · {message.usage.input:,} in, {message.usage.output:,} out" if message.usage else ""
    role = element(
        "div", f"{message.role}{name}", element("span", usage, class_="lg-soft") if usage else "", class_="lg-role"
    )
    parts = [
        fold(f"reasoning, {len(message.reasoning)} characters", element("pre", message.reasoning))
        if message.reasoning
        else "",
        _tool_output(message) if message.role == "tool" else _words(message),
        *(element("div", f"[{attachment}]", class_="lg-soft") for attachment in message.attachments),
        *(element("div", f"→ {_call(call)}", class_="lg-call") for call in message.tool_calls),
    ]
    kind = "human" if message.role == "human" else "other"
    return element("div", role, *parts, class_=f"lg-message lg-{kind}")


def _words(message: Message) -> Html:
    if not message.text.strip():
        return Html("")
    text, cut = shortened(message.text, SAID)
    more = element("div", f"({cut:,} characters are not shown)", class_="lg-soft") if cut else ""
    return element("div", Html(inner_html(markdown(text))), more, class_="lg-said")


def _tool_output(message: Message) -> Html:
    text, cut = shortened(message.text, SAID)
    body = fragment(
        element("pre", text), element("div", f"({cut:,} characters are not shown)", class_="lg-soft") if cut else ""
    )
    lines = text.count("\n") + 1
    if len(text) <= TOOL_LENGTH and lines <= TOOL_LINES:
        return body
    return fold(f"{text.strip()[:80]}…  {len(message.text):,} characters", body)
