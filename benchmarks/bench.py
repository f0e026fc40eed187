"""What every topic needs: a private server, a session on it, and the raw SDK beside them. Measures nothing itself."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import sleep
from typing import Any

from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient

import lg_magics as lg
from lg_magics import local
from lg_magics.follow.run import Run

__all__ = ["ASSISTANT", "Bench", "open_bench", "until_ended"]

ASSISTANT = "workbench"


@dataclass(frozen=True)
class Bench:
    """A server where nothing else happens, and two ways to it: `lg` is connected to it, `sdk` is the raw client."""

    url: str
    sdk: SyncLangGraphClient
    say: Callable[[str], None]

    def run(
        self,
        value: Mapping[str, Any],
        *,
        assistant: str | None = None,
        card: bool = True,
        thread: str = "new",
        after: int | None = None,
    ) -> Run:
        """Launch a run with the public function, on a new thread; without `assistant` of the current one, the workbench."""
        run = lg.run(input=dict(value), assistant=assistant, thread=thread, card=card, after=after)
        assert isinstance(run, Run)
        return run

    def create(self, value: Mapping[str, Any], modes: Sequence[str]) -> Mapping[str, Any]:
        """Launch the same run with the raw SDK; give its row."""
        return dict(self.sdk.runs.create(**self.call(value, modes)))

    def call(self, value: Mapping[str, Any], modes: Sequence[str]) -> dict[str, Any]:
        """What the raw SDK's `create` is called with, so that it asks for the same as `run` does."""
        return {
            "thread_id": str(uuid.uuid4()),
            "assistant_id": ASSISTANT,
            "input": dict(value),
            "if_not_exists": "create",
            "metadata": {"lg_session": lg.current().id},
            "stream_mode": list(modes),
            "stream_resumable": True,
        }

    def clear(self) -> None:
        """Delete every thread. The in-memory server looks through all threads, and all their checkpoints, at each call."""
        while rows := self.sdk.threads.search(limit=1000, select=["thread_id"]):
            for row in rows:
                self.sdk.threads.delete(row["thread_id"])

    def wake(self) -> None:
        """Let both clients' connections and the server's process have been used a moment ago; idle ones are slower."""
        for _ in range(2):
            self.sdk.http.get("/ok")
            lg.current().connection.sync.http.get("/ok")


@contextmanager
def open_bench(say: Callable[[str], None]) -> Iterator[Bench]:
    """Start the server, connect to it, and stop it in the end."""
    server = local.start(private=True, on_progress=say)
    try:
        lg.connect(server.url, assistant=ASSISTANT)
        with get_sync_client(url=server.url, api_key=None) as sdk:
            bench = Bench(server.url, sdk, say)
            until_ended(
                bench, bench.create({"steps": 1}, ["updates"])
            )  # the end of a server's first run takes it 0.3 s
            yield bench
        lg.current().close()
    finally:
        local.stop(server)


def until_ended(bench: Bench, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row of a run once it has ended."""
    while (now := bench.sdk.runs.get(row["thread_id"], row["run_id"]))["status"] in ("pending", "running"):
        sleep(0.02)
    return dict(now)
