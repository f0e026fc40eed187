"""A deployment full of hidden characters, and the lines that show all of it. Knows the SDK; shows nothing itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langgraph_sdk.client import SyncLangGraphClient

SAMPLES: dict[str, Any] = json.loads((Path(__file__).parent / "text_fixtures/visible_text.json").read_text())
LOST = re.compile("[\0\ud800-\udfff]")  # a store and a JSON file keep none of these
HIDDEN = " ".join(LOST.sub("", each["text"]) for each in SAMPLES["texts"] if each["text"] != each["visible"]).replace(
    "\r\n", "\n"
)
NAME = HIDDEN.replace("\n", " ")
LINES = {
    "connect": "%lg_connect {url}",
    "home": "%lg",
    "status": "%lg_status",
    "assistants": "%lg_assistants --limit 100",
    "assistant": "%lg_assistant use {assistant}",
    "threads": "%lg_threads",
    "thread": "%lg_thread use {thread}",
    "show": "%lg_thread show",
    "state": "%lg_state",
    "messages": "%lg_messages",
    "raw messages": "%lg_messages --raw",
    "history": "%lg_history",
    "diff": "%lg_diff step:-1 step:0",
    "runs": "%lg_runs",
    "inbox": "%lg_inbox",
    "graph": "%lg_graph",
    "crons": "%lg_crons",
    "search": "%lg_store search hidden",
    "item": "lg.store.search('hidden')[0]",
    "a list": "list(lg.store.search('hidden'))",
    "an error": "lg.store.get('hidden', {name!r})",
    "another error": "lg.thread.show({name!r})",
    "stream": "lg.stream('Add a ToDo to ' + {name!r}, assistant='task_maistro', thread='new')",
    "run": "lg.run({name!r}, assistant='agent', thread='new', wait=True)",
    "schemas": "%lg_schemas {assistant}",
    "batch": "lg.batch([{{'q': {name!r}}}], input='q', assistant='agent', wait=True)",
    "its frame": "lg.batch([{{'q': {name!r}}}], input='q', assistant='agent', dry_run=True)",
    "question": "lg.run({name!r}, assistant='approval', thread='new', wait=True)",
    "open": "%lg_inbox",
    "answer": "lg.resume({name!r}, wait=True)",
    "fork": "said = {{'messages': [{{'role': 'ai', 'content': {name!r}}}]}}; "
    "lg.fork('step:0', values=said, thread={thread!r}, as_node='agent')",
    "no fork": "lg.fork('step:0', values={{'messages': []}}, thread={thread!r}, as_node={name!r})",
    "wait": "%lg_wait",
    "cancel": "lg.cancel({name!r})",
    "delete": "lg.thread.delete({name!r}, yes=True)",
    "complete": "print(get_ipython().complete('%lg_assistant use ')[1])",
    "set": "lg.set(user_id={name!r})",
}


@contextmanager
def hostile_deployment(sdk: SyncLangGraphClient) -> Iterator[dict[str, str]]:
    """Hidden characters in whatever the deployment keeps: what `LINES` is formatted with."""
    said: dict[str, Any] = {"messages": [{"role": "human", "content": HIDDEN}], NAME[:40]: HIDDEN}
    thread = sdk.threads.create(metadata={"title": NAME, "name": NAME}, graph_id="agent")["thread_id"]
    sdk.threads.update_state(thread, {"messages": said["messages"]}, as_node="__start__")
    sdk.threads.update_state(thread, {"messages": [{"role": "ai", "content": HIDDEN, "name": NAME}]})
    assistant = sdk.assistants.create("agent", name=NAME, description=HIDDEN)["assistant_id"]
    sdk.store.put_item(["hidden", NAME.replace(".", "")], key=NAME, value={NAME: HIDDEN, "b": [HIDDEN]})
    cron: Any = sdk.crons.create("agent", schedule="0 0 1 1 *", input=said, metadata={NAME[:40]: NAME})
    try:
        yield {"assistant": assistant, "thread": thread, "name": NAME}
    finally:
        sdk.crons.delete(cron["cron_id"])
        sdk.store.delete_item(["hidden", NAME.replace(".", "")], key=NAME)
        sdk.assistants.delete(assistant)
