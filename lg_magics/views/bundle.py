"""A result → what each kind of host can show of it: text/plain and text/html. The one door into the views."""

from __future__ import annotations

import json
from functools import singledispatch

from lg_magics.model.result import Result
from lg_magics.tables.compare import Compared
from lg_magics.tables.conversation import Conversation
from lg_magics.tables.diff import Diff
from lg_magics.tables.facts import Facts
from lg_magics.tables.graph import Graph
from lg_magics.tables.history import History
from lg_magics.tables.schemas import Schemas
from lg_magics.tables.state import State
from lg_magics.tables.store import Export, Item, Items
from lg_magics.tables.table import Table
from lg_magics.tables.thread import Thread
from lg_magics.views.compare import compare_text, compare_tree
from lg_magics.views.conversation import conversation_html, conversation_text
from lg_magics.views.diff import diff_html, diff_text
from lg_magics.views.escape import element
from lg_magics.views.facts import facts_html, facts_text
from lg_magics.views.frame import framed, note
from lg_magics.views.graph import graph_bundle
from lg_magics.views.output import LARGEST, output
from lg_magics.views.saved import saved_html
from lg_magics.views.state import state_html, state_text
from lg_magics.views.store import item_html, item_text, items_html, items_text
from lg_magics.views.table import table_html, table_text

__all__ = ["bundle"]


def bundle(result: Result, largest: int = LARGEST) -> dict[str, str]:
    """A result as text/plain, and text/html where it has a picture; `largest` bytes at most."""
    return output(_parts(result), _whole(result), largest)


def _whole(result: Result) -> str:
    """What to type for all that a result holds; "" where only the object has it."""
    thread = (
        f'thread="{result.thread.split()[0]}"' if isinstance(result, State | Conversation) and result.thread else ""
    )
    match result:
        case State():
            where = ", ".join(filter(None, (f'"{result.checkpoint_id}"' if result.checkpoint_id else "", thread)))
            return f"lg.state({where}).values"
        case Conversation():
            return f"lg.messages({thread}).df"
        case Item():
            return f"lg.store.get({json.dumps(list(result.namespace))}, {json.dumps(result.key)}).value"
        case Table() | History() | Diff() | Compared() | Items() | Export():
            return "_.df, after its cell,"
        case _:
            return ""


@singledispatch
def _parts(result: Result) -> dict[str, str]:
    return {"text/plain": repr(result)}


@_parts.register
def _(result: Facts) -> dict[str, str]:
    return {"text/plain": facts_text(result), "text/html": facts_html(result)}


@_parts.register
def _(result: Table) -> dict[str, str]:
    return {"text/plain": table_text(result), "text/html": table_html(result)}


@_parts.register
def _(result: Conversation) -> dict[str, str]:
    return {"text/plain": conversation_text(result), "text/html": conversation_html(result)}


@_parts.register
def _(result: State) -> dict[str, str]:
    return {"text/plain": state_text(result), "text/html": state_html(result)}


@_parts.register
def _(result: Thread) -> dict[str, str]:
    note = f" ({result.note})" if result.note else ""
    line = f"thread {result.info}{note}"
    number = element("code", result.info.shown, title=result.thread_id)
    title = f" “{result.title}”" if result.title else ""
    return {"text/plain": line, "text/html": framed("thread ", number, title, note)}


@_parts.register
def _(result: History) -> dict[str, str]:
    return {"text/plain": table_text(result.table), "text/html": table_html(result.table)}


@_parts.register
def _(result: Graph) -> dict[str, str]:
    return graph_bundle(result)


@_parts.register
def _(result: Schemas) -> dict[str, str]:
    if not result.parts:
        return {"text/plain": result.note, "text/html": framed(note(result.note))}
    return {"text/plain": table_text(result.table), "text/html": table_html(result.table)}


@_parts.register
def _(result: Compared) -> dict[str, str]:
    return {"text/plain": compare_text(result), "text/html": saved_html(compare_tree(result))}


@_parts.register
def _(result: Diff) -> dict[str, str]:
    return {"text/plain": diff_text(result), "text/html": diff_html(result)}


@_parts.register
def _(result: Items) -> dict[str, str]:
    return {"text/plain": items_text(result), "text/html": items_html(result)}


@_parts.register
def _(result: Item) -> dict[str, str]:
    return {"text/plain": item_text(result), "text/html": item_html(result)}


@_parts.register
def _(result: Export) -> dict[str, str]:
    return {"text/plain": result.words, "text/html": framed(result.words)}
