"""Every hidden character through every command, in a terminal IPython on a real pty against the real server."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.model.visible_text import visible_text

SAMPLES: dict[str, Any] = json.loads((Path(__file__).parents[1] / "text_fixtures/visible_text.json").read_text())
LOST = re.compile("[\0\ud800-\udfff]")  # a store and a JSON file keep none of these
HIDDEN = " ".join(LOST.sub("", each["text"]) for each in SAMPLES["texts"] if each["text"] != each["visible"]).replace(
    "\r\n", "\n"
)
# What IPython and the terminal write themselves: colours, cursor, titles of theirs; ours would be any other.
OURS = re.compile(
    "[\x07\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\xad\u061c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\x1b(?!\\[)"
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
    "set": "lg.set_(user_id={name!r})",
}


def in_a_terminal(lines: list[str], home: Path) -> str:
    """All that a pty gets while a person types these lines."""
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--colors=nocolor"]
    environment = {**os.environ, "IPYTHONDIR": str(home), "TERM": "xterm", "PYTHONIOENCODING": "utf-8"}
    shell = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=child, stderr=child, env=environment)
    os.close(child)
    assert shell.stdin is not None
    shell.stdin.write("".join(f"{line}\n" for line in [*lines, "exit"]).encode())
    shell.stdin.close()
    written, until = b"", time.monotonic() + 90
    while time.monotonic() < until:
        if select.select([parent], [], [], 1)[0]:
            try:
                piece = os.read(parent, 65_536)
            except OSError:
                break
            written += piece
        elif shell.poll() is not None:
            break
    shell.kill()
    os.close(parent)
    return written.decode(errors="surrogateescape").replace("\r\n", "\n")


def test_no_hidden_character_reaches_a_terminal(
    server: local.LocalServer, sdk: SyncLangGraphClient, tmp_path: Path
) -> None:
    said: dict[str, Any] = {"messages": [{"role": "human", "content": HIDDEN}], NAME[:40]: HIDDEN}
    thread = sdk.threads.create(metadata={"title": NAME, "name": NAME}, graph_id="agent")["thread_id"]
    sdk.threads.update_state(thread, {"messages": said["messages"]}, as_node="__start__")
    sdk.threads.update_state(thread, {"messages": [{"role": "ai", "content": HIDDEN, "name": NAME}]})
    assistant = sdk.assistants.create("agent", name=NAME, description=HIDDEN)["assistant_id"]
    sdk.store.put_item(["hidden", NAME.replace(".", "")], key=NAME, value={NAME: HIDDEN, "b": [HIDDEN]})
    cron: Any = sdk.crons.create("agent", schedule="0 0 1 1 *", input=said, metadata={NAME[:40]: NAME})
    try:
        words = {"url": server.url, "assistant": assistant, "thread": thread, "name": NAME}
        lines = [f"print('=== {name}')\n{line.format(**words)}" for name, line in LINES.items()]
        written = in_a_terminal(["%load_ext lg_magics", *lines, "%lg_disconnect"], tmp_path)
    finally:
        sdk.crons.delete(cron["cron_id"])
        sdk.store.delete_item(["hidden", NAME.replace(".", "")], key=NAME)
        sdk.assistants.delete(assistant)
    shown = dict(re.findall(r"=== ([\w ]+)\n(.*?)(?==== |\Z)", written, re.S))
    assert list(shown) == list(LINES)
    found = {
        name: sorted({hex(ord(each[0])) for each in OURS.findall(text)})
        for name, text in shown.items()
        if OURS.search(text)
    }
    assert found == {}
    for name in ("messages", "state", "search", "assistants", "item", "stream"):
        assert "\\u202e" in shown[name], name
    for name in ("messages", "state", "search", "assistants", "item"):
        assert visible_text("\x1b]52") in shown[name], name
