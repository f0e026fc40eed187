"""Render a result for every kind of host: text/plain and text/html. The entry point of this package."""

from __future__ import annotations

import json
from functools import singledispatch

from lg_magics.model.result import Result
from lg_magics.model.visible_text import visible_line
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
from lg_magics.views.conversation import conversation_text, conversation_tree
from lg_magics.views.diff import diff_text, diff_tree
from lg_magics.views.frame_tree import known, result
from lg_magics.views.graph import graph_bundle
from lg_magics.views.node import Node, node, spaced
from lg_magics.views.output import LARGEST, output
from lg_magics.views.saved import saved_html
from lg_magics.views.state import state_text, state_tree
from lg_magics.views.store import item_result, item_text, items_result, items_text
from lg_magics.views.table import facts_text, facts_tree, table_text, table_tree

__all__ = ["bundle", "line_bundle"]


def bundle(result: Result, largest: int = LARGEST) -> dict[str, str]:
    """Return a result as text/plain, and text/html where it has a tree; `largest` bytes at most."""
    return output(_parts(result), _whole(result), largest)


def line_bundle(words: str) -> dict[str, str]:
    """Return a line as text/plain and text/html."""
    return output(_page(words, result(words)))


def _whole(shown: Result) -> str:
    """Return what to type for the whole result; "" where only the object holds it."""
    thread = f'thread="{shown.thread.split()[0]}"' if isinstance(shown, State | Conversation) and shown.thread else ""
    match shown:
        case State():
            where = ", ".join(filter(None, (f'"{shown.checkpoint_id}"' if shown.checkpoint_id else "", thread)))
            return f"lg.state({where}).values"
        case Conversation():
            return f"lg.messages({thread}).df"
        case Item():
            return f"lg.store.get({json.dumps(list(shown.namespace))}, {json.dumps(shown.key)}).value"
        case Table() | History() | Diff() | Compared() | Items() | Export():
            return "_.df, after its cell,"
        case _:
            return ""


@singledispatch
def _parts(result: Result) -> dict[str, str]:
    return {"text/plain": repr(result)}


def _page(text: str, tree: Node) -> dict[str, str]:
    return {"text/plain": text, "text/html": saved_html(tree)}


@_parts.register
def _(shown: Facts) -> dict[str, str]:
    return _page(facts_text(shown), facts_tree(shown))


@_parts.register
def _(shown: Table) -> dict[str, str]:
    return _page(table_text(shown), table_tree(shown))


@_parts.register
def _(shown: Conversation) -> dict[str, str]:
    return _page(conversation_text(shown), conversation_tree(shown))


@_parts.register
def _(shown: State) -> dict[str, str]:
    return _page(state_text(shown), state_tree(shown))


@_parts.register
def _(shown: Thread) -> dict[str, str]:
    note = f"({shown.note})" if shown.note else ""
    number = node("code", shown.info.shown, title=shown.thread_id)
    line = spaced("thread", number, f"“{shown.title}”" if shown.title else "", note)
    return _page(visible_line(f"thread {shown.info}{note and ' '}{note}"), result(line))


@_parts.register
def _(shown: History) -> dict[str, str]:
    return _page(table_text(shown.table), table_tree(shown.table))


@_parts.register
def _(shown: Graph) -> dict[str, str]:
    return graph_bundle(shown)


@_parts.register
def _(shown: Schemas) -> dict[str, str]:
    if not shown.parts:
        return _page(visible_line(shown.note), result(known(shown.note)))
    return _page(table_text(shown.table), table_tree(shown.table))


@_parts.register
def _(shown: Compared) -> dict[str, str]:
    return _page(compare_text(shown), compare_tree(shown))


@_parts.register
def _(shown: Diff) -> dict[str, str]:
    return _page(diff_text(shown), diff_tree(shown))


@_parts.register
def _(shown: Items) -> dict[str, str]:
    return _page(items_text(shown), items_result(shown))


@_parts.register
def _(shown: Item) -> dict[str, str]:
    return _page(item_text(shown), item_result(shown))


@_parts.register
def _(shown: Export) -> dict[str, str]:
    return _page(visible_line(shown.words), result(shown.words))
