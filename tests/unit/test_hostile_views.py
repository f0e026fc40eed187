"""Whatever a server holds is shown as text, in part where it is large, in every view of a thread."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lg_magics.model.changes import changes
from lg_magics.model.checkpoints import branches
from lg_magics.model.history import HistoryBuilder
from lg_magics.model.messages import messages_from_values
from lg_magics.tables.conversation import conversation
from lg_magics.tables.diff import Diff
from lg_magics.tables.history import History
from lg_magics.tables.state import state_from_payload
from lg_magics.views.bundle import bundle

EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>"
DEEP: Any = "bottom"
for n in range(150):
    DEEP = {f"k{n}": DEEP} if n % 2 else [DEEP]
HUGE = "x" * 1_000_000
VALUES: dict[str, Any] = {
    EVIL: EVIL,
    "deep": DEEP,
    "huge": HUGE,
    "many": [HUGE[:1000]] * 5000,
    "nested": {EVIL: [EVIL, {EVIL: HUGE}]},
    "messages": [
        {"type": EVIL, "id": "1", "content": EVIL},
        {"type": "ai", "id": "2", "content": HUGE, "tool_calls": [{"name": EVIL, "args": {EVIL: HUGE}, "id": EVIL}]},
        {"type": "tool", "id": "3", "name": EVIL, "content": HUGE},
    ],
}


def entry(identity: str, parent: str, values: Any) -> dict[str, Any]:
    return {
        "checkpoint": {"checkpoint_id": identity},
        "parent_checkpoint": {"checkpoint_id": parent} if parent else None,
        "values": values,
        "next": [EVIL],
        "metadata": {"step": int(identity), "source": EVIL, "run_id": EVIL},
        "created_at": EVIL,
    }


def history() -> History:
    builder = HistoryBuilder()
    builder.add(entry("2", "1", VALUES))
    builder.add(entry("1", "", {}))
    named = branches([step.checkpoint for step in builder.steps])
    return History(tuple(builder.steps), named, thread=EVIL, thread_id=EVIL, note=EVIL)


RESULTS: dict[str, Any] = {
    "state": lambda: state_from_payload(
        {
            "values": VALUES,
            "next": [EVIL],
            "tasks": [{"name": EVIL, "error": EVIL, "interrupts": [{"value": {EVIL: DEEP}}]}],
            "checkpoint": {"checkpoint_id": "1"},
        },
        thread=EVIL,
        note=EVIL,
    ),
    "messages": lambda: conversation(messages_from_values(VALUES), thread=EVIL, note=EVIL),
    "diff": lambda: Diff(EVIL, EVIL, changes({"deep": [DEEP], EVIL: 1}, VALUES)),
    "history": history,
}


@pytest.mark.parametrize("name", RESULTS)
def test_hostile_values_are_text(name: str) -> None:
    shown = bundle(RESULTS[name]())
    page = shown["text/html"]
    assert "<img" not in page
    assert "<script" not in page
    assert "&lt;img src=x" in page
    assert "<img src=x" in shown["text/plain"]


@pytest.mark.parametrize("name", RESULTS)
def test_large_values_are_shown_in_part(name: str) -> None:
    shown = bundle(RESULTS[name]())
    assert {kind: len(text) < 1_500_000 for kind, text in shown.items()} == {"text/plain": True, "text/html": True}


def test_a_history_goes_to_csv_and_json_lines_and_back() -> None:
    import io

    import pandas as pd

    frame = history().df
    again = pd.read_csv(io.StringIO(frame.to_csv(index=False)), keep_default_na=False)
    assert list(again["change"]) == list(frame["change"])
    lines = frame.to_json(orient="records", lines=True, date_format="iso").splitlines()
    assert [json.loads(line)["next"] for line in lines] == [[EVIL], [EVIL]]
