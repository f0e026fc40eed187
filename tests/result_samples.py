"""Results that are no card, one of each kind, with hostile texts in one of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from message_samples import SHAPES

from lg_magics.model.changes import changes
from lg_magics.model.messages import messages_from_values
from lg_magics.tables.conversation import conversation
from lg_magics.tables.diff import Diff
from lg_magics.tables.facts import Facts
from lg_magics.tables.state import state_from_payload
from lg_magics.tables.store import Item
from lg_magics.tables.table import Column, Table
from lg_magics.views.conversation import conversation_tree
from lg_magics.views.diff import diff_tree
from lg_magics.views.node import Node
from lg_magics.views.state import state_tree
from lg_magics.views.store import item_result
from lg_magics.views.table import facts_tree, table_tree

__all__ = ["samples"]

HOSTILE = "<img src=x onerror=alert(1)>"
WHEN = datetime(2026, 11, 28, 12, tzinfo=UTC)
COLUMNS = (
    Column("current", "mark", " "),
    Column("thread"),
    Column("title"),
    Column("seconds", "number"),
    Column("updated_at", "time", "updated"),
    Column("thread_id", "id"),
)


def samples() -> Mapping[str, Node]:
    """The trees by name."""
    rows = [("●", "t1 ·0e7caf", "Plan a trip", 1.25, WHEN, "1f0"), ("", "t2 ·1b20a", HOSTILE, None, None, HOSTILE)]
    said = [{"type": "human", "id": "1", "content": "hello"}, {"type": "ai", "id": "2", "content": HOSTILE}]
    lines = (("%lg_run hello", "starts a run"), ("%lg", "shows this"))
    shapes = messages_from_values([*said, *SHAPES.values()])
    return {
        "conversation": conversation_tree(conversation(shapes, note=HOSTILE)),
        "state": state_tree(state_from_payload({"values": {"messages": said, "a": [HOSTILE]}, "next": [HOSTILE]})),
        "table": table_tree(Table("thread", COLUMNS, tuple(rows), note="r7 still running", hint="%lg_threads use t2")),
        "table empty": table_tree(Table("thread", COLUMNS, ())),
        "facts": facts_tree(
            Facts(
                "Connected to local.",
                (("url", "http://x"), ("said", f"a\n{HOSTILE}")),
                lines,
                HOSTILE,
                chip="protected",
            )
        ),
        "diff": diff_tree(
            Diff("t1 step:0", "t1", changes({"a": 1, "messages": said[:1]}, {"a": {HOSTILE: [1]}, "messages": said}))
        ),
        "item": item_result(
            Item(
                {
                    "namespace": ["todo", HOSTILE],
                    "key": "k1",
                    "value": {"task": HOSTILE, "deep": [{"a": ["x" * 300]}] * 3},
                }
            )
        ),
    }
