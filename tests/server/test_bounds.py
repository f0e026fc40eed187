"""What a real kernel saves of a deployment that holds large things: each cell within a bound, and where the rest is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from langgraph_sdk.client import SyncLangGraphClient
from unit.test_ipython_kernel import kernel, run

from lg_magics import local

__all__ = ["kernel"]

CELL = 200_000  # bytes that a cell may save
LONG = "word " * 30_000
NAME = "n" * 20_000
# Those that are larger than a cell may be, and what has the rest, as the output states it.
CUT = {
    "%lg_state": "lg.state(",
    "%lg_messages": "Shown in part.",
    "%lg_messages --raw": "Shown in part.",
    "lg.store.get('large', 'k0')": ".value has all",
}
LINES = (
    *CUT,
    *("%lg_store search large", "lg.run({long!r}, assistant='agent', thread='new', wait=True)"),
    *("%lg_thread show", "%lg_threads", "%lg_history", "%lg_diff step:-1 step:1", "%lg_runs", "%lg_inbox", "%lg_crons"),
    *("%lg_assistants --limit 100", "%lg_connect {url} --timeout 60", "%lg", "lg.store.get('large', {name!r})"),
    *("lg.thread.show({name!r})", "lg.stream({long!r}, assistant='agent', thread='new')"),
)


@pytest.fixture
def thread(sdk: SyncLangGraphClient) -> Iterator[str]:
    """A thread with a hundred messages of 10 kB, and items and an assistant with long names."""
    said: list[Any] = [{"role": "human" if n % 2 else "ai", "content": "word " * 2_000} for n in range(100)]
    made = sdk.threads.create(metadata={"title": NAME, "name": NAME}, graph_id="agent")["thread_id"]
    sdk.threads.update_state(made, {"messages": said}, as_node="__start__")
    sdk.threads.update_state(made, {"messages": [{"role": "ai", "content": LONG, "name": NAME}]})
    assistant = sdk.assistants.create("agent", name=NAME, description=LONG)["assistant_id"]
    for n in range(5):
        sdk.store.put_item(["large"], key=f"k{n}", value={NAME: LONG, "list": [LONG, *range(1_000)]})
    cron: Any = sdk.crons.create("agent", schedule="0 0 1 1 *", input={"messages": said}, metadata={"name": NAME})
    yield made
    sdk.crons.delete(cron["cron_id"])
    sdk.assistants.delete(assistant)


def test_no_cell_saves_more_than_its_bound_and_what_is_cut_says_where_the_rest_is(
    kernel: BlockingKernelClient, server: local.LocalServer, thread: str
) -> None:
    run(kernel, f"import lg_magics as lg\nlg.connect({server.url!r}, timeout=60)\nlg.thread.use({thread!r})")
    sizes, unsaid = {}, []
    for line in LINES:
        shown = run(kernel, line.format(url=server.url, name=NAME, long=LONG))
        run(kernel, f"lg.thread.use({thread!r})")
        sizes[line] = len(json.dumps([message["content"] for message in shown], ensure_ascii=False).encode())
        assert sizes[line] > 0
        if not any(CUT.get(line, "") in str(message["content"]) for message in shown):
            unsaid.append((line, str(shown)[:500]))
    assert {line: size for line, size in sizes.items() if size > CELL} == {}
    assert unsaid == []
