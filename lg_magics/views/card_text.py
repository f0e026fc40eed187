"""Render a run card as plain text without ids and times, so that it is the same on every run. Depends only on the card.

Only the address of its trace in LangSmith, where a user set the project's, has the run's id.

success · task_maistro · “Add a ToDo…”
  task_mAIstro  UpdateMemory(update_type="todo")
  update_todos  UpdateMemory → New ToDo created: …
  task_mAIstro  I've added two ToDos to your list.

I've added two ToDos to your list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lg_magics.model.answer_words import how_to_answer, how_to_recover
from lg_magics.model.visible_text import visible_line, visible_text
from lg_magics.views.node import Node, children_of
from lg_magics.views.run_card import RunCard
from lg_magics.views.run_rows import row_lines
from lg_magics.views.run_steps import CardStep

__all__ = ["card_text", "text_from_nodes"]

_BLOCKS = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "pre", "table", "hr"))


def card_text(card: RunCard) -> str:
    """Return the card as plain text: status, place, steps, then the answer, the interrupts, the error."""
    parts = [*card.answered, _head(card), text_from_nodes(card.answer)]
    if card.cut:
        parts.append(f"({card.cut})")
    parts += _values(card)
    parts += _asked(card)
    parts += [_how_to_go_on(card), card.error]
    if card.info.trace:
        parts.append(f"LangSmith: {card.info.trace}")
    return visible_text("\n\n".join(part for part in parts if part))


def text_from_nodes(nodes: Sequence[str | Node]) -> str:
    """Return an answer's tree as readable text: a blank line between blocks, `- ` and `1. ` before items.

    >>> text_from_nodes([["p", {}, "Buy ", ["em", {}, "milk"]], ["ul", {}, ["li", {}, "soon"]]])
    'Buy milk\\n\\n- soon'
    """
    return "\n\n".join(_blocks(nodes)).strip()


def _head(card: RunCard) -> str:
    thread = card.info.thread
    title = f"“{thread.title}”" if thread.title and not card.info.is_stateless else ""
    lines = [" · ".join(word for word in (card.view.status, card.info.graph, title, card.note) if word)]
    if card.info.choice:
        lines.append(card.info.choice)
    if card.info.card != "compact":
        lines += row_lines(card.steps, card.more_steps)
    elif card.steps:
        more = [f"… {card.more_steps} earlier"] if card.more_steps else []
        lines.append("  " + " → ".join([*more, *map(_step, card.steps)]))
    return "\n".join(map(visible_line, lines))


def _step(step: CardStep) -> str:
    times = f" ×{step.times}" if step.times > 1 else ""
    return step.name + times + ("" if step.state == "done" else f" ({step.state})")


def _values(card: RunCard) -> Iterator[str]:
    kept = card.view.kept
    yield "\n".join(f"{'☑' if todo.is_done else '☐'} {todo.content}" for todo in kept.todos or ())
    if kept.files:
        yield f"files: {', '.join(kept.files)}"
    yield card.view.value


def _asked(card: RunCard) -> Iterator[str]:
    for asked in card.questions:
        number = f"{asked.number}  " if asked.number else ""
        calls = [each.call for each in asked.actions]
        if len(calls) > 1:
            calls = [f"action {place}  {call}" for place, call in enumerate(calls, 1)]
        head = f"{number}{visible_line(asked.node) or 'the graph'} asks: {asked.question}"
        yield "\n".join(part for part in (head, asked.detail, *calls) if part)
    yield card.more_questions


def _how_to_go_on(card: RunCard) -> str:
    """Return what to type for a run that waits, or failed with an open interrupt; "" once its thread has continued."""
    asked = [each.interrupt for each in card.questions]
    if card.note or card.view.status not in ("waiting", "error") or (card.view.status == "error" and not asked):
        return ""
    return how_to_recover(asked) or how_to_answer(asked)


def _blocks(nodes: Sequence[str | Node]) -> Iterator[str]:
    """Return blocks as they are; inline nodes between them are joined into one block."""
    line = ""
    for node in nodes:
        if _tag(node) in _BLOCKS:
            yield from filter(None, (line.strip(), _block(node)))
            line = ""
        else:
            line += _inline(node)
    if line.strip():
        yield line.strip()


def _block(node: str | Node) -> str:
    tag, children = _tag(node), _children(node)
    if tag in ("ul", "ol"):
        return "\n".join(_item(f"{n}. " if tag == "ol" else "- ", item) for n, item in enumerate(children, 1))
    if tag == "blockquote":
        return "\n".join(f"> {line}".rstrip() for line in "\n\n".join(_blocks(children)).split("\n"))
    if tag == "table":
        rows = [row for part in children for row in _children(part)]
        return "\n".join(" | ".join(_inline(cell).strip() for cell in _children(row)) for row in rows)
    if tag == "hr":
        return "---"
    return "".join(map(_inline, children))


def _item(mark: str, item: str | Node) -> str:
    return mark + "\n".join(_blocks(_children(item))).replace("\n", "\n" + " " * len(mark))


def _inline(node: str | Node) -> str:
    if isinstance(node, str):
        return node
    return "\n" if _tag(node) == "br" else "".join(map(_inline, _children(node)))


def _tag(node: str | Node) -> str:
    return "" if isinstance(node, str) else str(node[0])


def _children(node: str | Node) -> Sequence[str | Node]:
    return () if isinstance(node, str) else children_of(node)
