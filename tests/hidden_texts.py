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
FORGED = "t9 · success"
NAME = f"name\n{FORGED} {HIDDEN}"  # behind a newline it could write a line that looks like ours
# For each command of the catalogue the lines that show what the deployment keeps, or what the person typed.
COMMANDS: dict[str, list[str]] = {
    "connect": ["%lg_connect {url} --timeout 60"],
    "": ["%lg"],
    "status": ["%lg_status"],
    "doctor": ["%lg_doctor", "lg.doctor({name!r}, run=True, assistant={name!r})"],
    "assistants": ["%lg_assistants --limit 100"],
    "assistant use": ["%lg_assistant use {assistant}", "print(get_ipython().complete('%lg_assistant use ')[1])"],
    "assistant show": ["%lg_assistant show {assistant}", "lg.assistant.show({name!r})"],
    "assistant create": [
        "lg.assistant.create('agent', name='2' + {name!r}, description={text!r}, metadata={{{name!r}: {text!r}}})"
    ],
    "assistant update": ["lg.assistant.update('2' + {name!r}, description={text!r}, merge=True, yes=True)"],
    "assistant versions": ["lg.assistant.versions('2' + {name!r})"],
    "assistant use-version": ["lg.assistant.use_version(1, '2' + {name!r}, yes=True)"],
    "assistant delete": ["lg.assistant.delete('2' + {name!r}, yes=True)"],
    "schemas": ["%lg_schemas {assistant}"],
    "graph": ["%lg_graph {assistant}", "lg.graph({name!r})"],
    "remote_graph": ["lg.remote_graph({assistant!r})", "lg.remote_graph({name!r})"],
    "serve": ["lg.serve({name!r})", "lg.serve(name={name!r})"],
    "threads": ["%lg_threads"],
    "thread new": ["lg.thread.new(title={name!r}, metadata={{{name!r}: {text!r}}})"],
    "thread rename": ["lg.thread.rename({name!r}, yes=True)"],
    "thread update": ["lg.thread.update(metadata={{{name!r}: {text!r}}})"],
    "thread prune": ["lg.thread.prune()"],
    "thread delete": ["lg.thread.delete(yes=True)", "lg.thread.delete({name!r}, yes=True)"],
    "thread use": ["%lg_thread use {thread}"],
    "thread show": ["%lg_thread show", "lg.thread.show({name!r})"],
    "thread copy": ["%lg_thread copy", "%lg_thread use {thread}"],
    "state": ["%lg_state"],
    "messages": ["%lg_messages", "%lg_messages --raw"],
    "history": ["%lg_history"],
    "diff": ["%lg_diff step:1 step:0"],
    "runs": ["%lg_runs"],
    "runs delete": ["lg.runs.delete({name!r})"],
    "usage": ["%lg_usage {thread}", "lg.usage({name!r})"],
    "crons": ["%lg_crons"],
    "cron show": ["%lg_cron show {cron}"],
    "cron runs": ["%lg_cron runs {cron}"],
    "cron pause": ["%lg_cron pause {cron} --yes"],
    "cron update": ["lg.cron.update({cron!r}, metadata={{{name!r}: {text!r}}}, yes=True)"],
    "cron resume": ["%lg_cron resume {cron} --yes"],
    "cron create": [
        "lg.cron.create('0 0 1 1 *', {name!r}, assistant='agent', metadata={{'name': {name!r}}}, yes=True)"
    ],
    "cron delete": ["%lg_cron delete --mine --yes", "lg.cron.delete({name!r}, yes=True)"],
    "store search": ["%lg_store search hidden", "lg.store.search('hidden')[0]", "list(lg.store.search('hidden'))"],
    "store namespaces": ["%lg_store namespaces"],
    "store put": ["lg.store.put('hidden', {name!r}, {{{name!r}: {text!r}}}, yes=True)"],
    "store get": ["lg.store.get('hidden', {name!r})", "lg.store.get('hidden', 'no ' + {name!r})"],
    "store export": ["lg.store.export('hidden')", "lg.store.export('hidden', to={file!r})"],
    "store load": [
        "lg.store.load({file!r}, yes=True)",
        "lg.store.load('hidden', [{{'k': {name!r}, 'v': {text!r}}}], key='k', yes=True)",
        "lg.store.load({name!r}, yes=True)",
    ],
    "store delete": ["lg.store.delete('hidden', {name!r}, yes=True)"],
    "run": ["run = lg.run({name!r}, assistant='agent', thread='new', wait=True); run"],
    "stream": ["lg.stream('Add a ToDo to ' + {name!r}.replace('\\n', ' '), assistant='task_maistro', thread='new')"],
    "batch": [
        "lg.batch([{{'q': {name!r}}}], input='q', assistant='agent', dry_run=True)",
        "batch = lg.batch([{{'q': {name!r}}}], input='q', assistant='agent', wait=True); batch",
    ],
    "compare": [
        "other = lg.batch([{{'q': {name!r}}}], input='q', assistant='task_maistro', wait=True); other",
        "lg.compare(batch, other)",
        "lg.compare(batch, {name!r})",
    ],
    "check": [
        "run.freeze({file!r} + '.json')",
        "lg.check(run, {file!r} + '.json')",
        "lg.check(other.runs[0], {file!r} + '.json')",
        "lg.check(run, {name!r})",
    ],
    "resume": [
        "lg.run({name!r}, assistant='approval', thread='new', wait=True)",
        "%lg_inbox",
        "lg.resume({name!r}, wait=True)",
    ],
    "inbox": ["%lg_inbox"],
    "state update": [
        "lg.state.update({{'messages': [{{'role': 'ai', 'content': {text!r}}}]}}, thread={thread!r}, yes=True)"
    ],
    "fork": [
        "said = {{'messages': [{{'role': 'ai', 'content': {name!r}}}]}}; "
        "lg.fork('step:0', values=said, thread={thread!r}, as_node='agent')",
        "lg.fork('step:0', values={{'messages': []}}, thread={thread!r}, as_node={name!r})",
    ],
    "wait": ["%lg_wait", "lg.wait({name!r})"],
    "cancel": ["lg.cancel({name!r})"],
    "watch": ["%lg_watch --timeout 1"],
    "attach": ["%lg_attach --mine", "lg.attach({name!r})"],
    "set": ["lg.set(user_id={name!r})", "%lg_set --clear"],
    "debug": ["lg.debug({name!r})"],
    "disconnect": ["%lg_disconnect"],
}
LINES = {
    f"{command or 'home'} {number}": line for command, lines in COMMANDS.items() for number, line in enumerate(lines, 1)
}
"""The same lines in their order, each under a name of its own."""


@contextmanager
def hostile_deployment(sdk: SyncLangGraphClient, folder: Path) -> Iterator[dict[str, str]]:
    """Hidden characters in whatever the deployment keeps: what `LINES` is formatted with; they write into `folder`."""
    said: dict[str, Any] = {"messages": [{"role": "human", "content": HIDDEN}], NAME[:40]: HIDDEN}
    thread = sdk.threads.create(metadata={"title": NAME, "name": NAME}, graph_id="agent")["thread_id"]
    sdk.threads.update_state(thread, {"messages": said["messages"]}, as_node="__start__")
    sdk.threads.update_state(thread, {"messages": [{"role": "ai", "content": HIDDEN, "name": NAME}]})
    assistant = sdk.assistants.create("agent", name=NAME, description=HIDDEN)["assistant_id"]
    sdk.store.put_item(["hidden", NAME.replace(".", "")], key=NAME, value={NAME: HIDDEN, "b": [HIDDEN]})
    cron: Any = sdk.crons.create("agent", schedule="0 0 1 1 *", input=said, metadata={NAME[:40]: NAME})
    try:
        yield {
            "assistant": assistant,
            "thread": thread,
            "cron": cron["cron_id"],
            "name": NAME,
            "text": HIDDEN,
            "file": str(folder / "items.jsonl"),
        }
    finally:
        sdk.crons.delete(cron["cron_id"])
        sdk.store.delete_item(["hidden", NAME.replace(".", "")], key=NAME)
        sdk.assistants.delete(assistant)
