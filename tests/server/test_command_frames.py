"""The frame of each command goes to CSV, JSON lines, Parquet and Excel, on the real server."""

from __future__ import annotations

import importlib
import uuid
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from frames import assert_portable
from langgraph_sdk.client import SyncLangGraphClient

import lg_magics.views.bundle  # noqa: F401  # all classes of results
from lg_magics.commands import assistants, batch, crons, doctor, graph, people, runs, state, store, threads, usage
from lg_magics.commands.attach import attach, watch
from lg_magics.follow.batch import Batch
from lg_magics.follow.run import Run
from lg_magics.grammar.catalogue import CATALOGUE
from lg_magics.grammar.registry import command_of
from lg_magics.local import LocalServer
from lg_magics.model.result import Result
from lg_magics.session import Session

from .batches import begun, orders
from .conftest import connected
from .waiting_runs import asked

NAMESPACE = f"frames-{uuid.uuid4().hex[:8]}"


def right(output: Any) -> dict[str, Any]:
    return {"key": "right", "score": True, "comment": str(output)[:20]}


class Frames:
    """A session with something for each command to list."""

    def __init__(self, session: Session, sdk: SyncLangGraphClient) -> None:
        self.session = session
        for value in ({"a": 1, "deep": {}}, {"a": "x", "deep": {"b": [1]}}, {"a": {"c": None}}, {"big": 2**60}):
            store.put(session, NAMESPACE, uuid.uuid4().hex, value)
        self.waiting = asked(session, "plain")
        self.run = runs.run(session, "weather in Paris", assistant="agent", thread="new", card=False).wait()
        self.batch: Batch = begun(session, orders({}, {"fail_at": 1}), score=right).wait(180)
        self.other: Batch = begun(session, orders({}, {}), score=right).wait(180)
        self.cron: Any = sdk.crons.create("agent", schedule="0 0 1 1 *", input={}, metadata={"deep": {}})

    def thread(self) -> str:
        return str(self.run.thread_id)


@pytest.fixture(scope="module")
def frames(server: LocalServer, sdk: SyncLangGraphClient) -> Iterator[Frames]:
    for session in connected(server):
        made = Frames(session, sdk)
        yield made
        sdk.crons.delete(made.cron["cron_id"])


def _ended(frames: Frames) -> Any:
    return runs.wait(frames.session, [frames.run, frames.waiting])


def _long(frames: Frames) -> Run:
    return runs.run(frames.session, input={"steps": 1, "seconds": 100}, assistant="workbench", thread="new")


FRAMES: dict[str, Callable[[Frames], Any]] = {
    "assistants": lambda f: assistants.assistants(f.session),
    "assistant versions": lambda f: assistants.versions(f.session, "agent"),
    "schemas": lambda f: assistants.schemas(f.session, "agent"),
    "graph": lambda f: graph.graph(f.session, "agent"),
    "threads": lambda f: threads.threads(f.session, all=True),
    "batch": lambda f: SimpleNamespace(df=f.batch.df.drop(columns="order")),  # a column of the person's own
    "compare": lambda f: batch.compare(f.session, f.batch, f.other),
    "wait": _ended,
    "cancel": lambda f: runs.cancel(f.session, [_long(f), _long(f)]),
    "attach": lambda f: attach(f.session, mine=True),
    "watch": lambda f: watch(f.session, f.thread(), timeout=1),
    "inbox": lambda f: people.inbox(f.session, all=True),
    "runs": lambda f: runs.runs(f.session, mine=True),
    "state": lambda f: state.state(f.session, thread=[f.thread(), f.waiting.thread_id]),
    "messages": lambda f: state.messages(f.session, thread=f.thread()),
    "messages of several": lambda f: state.messages(f.session, thread=[f.thread(), f.waiting.thread_id]),
    "steps": lambda f: f.run.steps,
    "doctor": lambda f: doctor.doctor(f.session),
    "usage": lambda f: usage.usage(f.session, f.run),
    "history": lambda f: state.history(f.session, thread=f.thread()),
    "diff": lambda f: state.diff(f.session, "step:-1", "step:1", thread=f.thread()),
    "store search": lambda f: store.search(f.session, NAMESPACE),
    "store namespaces": lambda f: store.namespaces(f.session, NAMESPACE),
    "store export": lambda f: store.export(f.session, NAMESPACE),
    "crons": lambda f: crons.crons(f.session),
    "cron runs": lambda f: crons.runs(f.session, f.cron["cron_id"]),
}


MORE = {"messages of several", "steps"}
"""What a command returns otherwise, and what a run has."""


def _classes(of: type[Any]) -> Iterator[type[Any]]:
    for each in of.__subclasses__():
        yield each
        yield from _classes(each)


def test_each_command_that_returns_a_frame_is_tried() -> None:
    framed = {each.__name__ for each in _classes(Result) if hasattr(each, "df")}
    found = set()
    for name, module in CATALOGUE.items():
        for function in vars(importlib.import_module(f"lg_magics.commands.{module}")).values():
            command = command_of(function)
            if command and command.name == name:
                returned = str(function.__annotations__["return"]).replace("[", "|").replace("]", "|")
                found |= {name} if {each.strip() for each in returned.split("|")} & framed else set()
    assert found == set(FRAMES) - MORE


@pytest.mark.parametrize("name", FRAMES)
def test_a_command_s_frame_goes_to_every_file(frames: Frames, name: str) -> None:
    found = FRAMES[name](frames)
    assert_portable(found.df)
    if hasattr(found, "messages_df"):
        assert_portable(found.messages_df)
