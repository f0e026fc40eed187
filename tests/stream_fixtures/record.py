"""Records the streams that the unit tests fold, from the demo deployment: `python tests/stream_fixtures/record.py`.

Each file holds one run: its parts as the server sent them, and the last word of its row. Run it again when the server's
wire changes, and read the diff. `record.py deep_agent` records that of a deep agent, in an environment with deepagents.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from langgraph_sdk import get_sync_client

from lg_magics import local

HERE = Path(__file__).parent
MODES = ["tasks", "updates", "messages-tuple", "custom"]


def ask(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}]}


RUNS: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "todo": ("task_maistro", ask("Add a ToDo to call parents back about Thanksgiving plans."), {}),
    "weather": ("agent", ask("what's the weather in sf"), {}),
    "asks_inbox": ("approval", ask("Plan a trip"), {}),
    "asks_two": ("approval", ask("Plan a trip, ask two questions"), {}),
    "breakpoint": ("workbench", {"steps": 2}, {"interrupt_before": ["work"]}),
    "fails": ("workbench", {"steps": 3, "fail_at": 2}, {}),
    "custom": ("workbench", {"steps": 2, "custom": 3}, {}),
    "updates_only": ("workbench", {"steps": 3}, {"stream_mode": ["updates"]}),
    "cancelled": ("workbench", {"steps": 2, "seconds": 5}, {"cancel_after": 1.5}),
    "cancelled_pending": ("workbench", {"steps": 2, "seconds": 5}, {"cancel_after": 0.0}),
}


STEPS: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "parallel": ("parallel", {}, {}),
    "nested": ("asks_deep", {}, {}),
    "sub_agent": ("planner", ask("Should I move the picnic?"), {}),
    "fails_tool": ("fails_tool", ask("Look it up"), {}),
    "functional": ("functional", {"number": 3}, {}),
    "fanned": ("fanned", {"count": 50}, {}),
    "values": ("worked", {"topic": "picnic"}, {}),
    "fails_nested": ("fails_deep", {}, {}),
}
"""Of the graphs in tests/server/step_graphs.py, with what happens inside of subgraphs."""


def record(client: Any, assistant: str, value: Any, options: dict[str, Any]) -> dict[str, Any]:
    options = {"stream_mode": MODES, **options}
    cancel_after = options.pop("cancel_after", None)
    thread = client.threads.create()["thread_id"]
    run = client.runs.create(thread, assistant, input=value, stream_resumable=True, **options)["run_id"]
    if cancel_after is not None:
        threading.Timer(cancel_after, client.runs.cancel, (thread, run)).start()
    parts = [[part.event, part.data, part.id] for part in client.runs.join_stream(thread, run, last_event_id="0")]
    time.sleep(0.2)
    row = client.runs.get(thread, run)
    return {"row": {"status": row["status"], "updated_at": row["updated_at"]}, "parts": parts}


DEEP: dict[str, tuple[str, Any, dict[str, Any]]] = {"deep_agent": ("graph", ask("Should I move the picnic?"), {})}


def main() -> None:
    if "deep_agent" in sys.argv[1:]:
        record_graphs(DEEP, HERE / "deep_agent.py")
        return
    record_all(RUNS, None)
    record_graphs(STEPS, HERE.parent / "server" / "step_graphs.py")


def record_graphs(runs: dict[str, tuple[str, Any, dict[str, Any]]], file: Path) -> None:
    """Record runs of the graphs in a file, with what happens inside of subgraphs."""
    graphs = {assistant: f"{file}:{assistant}" for assistant, _, _ in runs.values()}
    with TemporaryDirectory() as folder:
        config = Path(folder) / "langgraph.json"
        config.write_text(json.dumps({"dependencies": [str(file.parent)], "graphs": graphs}), "utf-8")
        record_all(runs, config, stream_subgraphs=True)


def record_all(runs: dict[str, tuple[str, Any, dict[str, Any]]], config: Path | None, **more: Any) -> None:
    server = local.start(private=True, config=config)
    client = get_sync_client(url=server.url, api_key=None)
    try:
        for name, (assistant, value, options) in runs.items():
            recorded = record(client, assistant, value, {**options, **more})
            (HERE / f"{name}.json").write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")
    finally:
        local.stop(server, force=True)


if __name__ == "__main__":
    main()
