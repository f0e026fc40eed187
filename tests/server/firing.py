"""Crons that fire in real time, on a server of their own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lg_magics import local
from lg_magics.commands import crons, deployment, threads
from lg_magics.session import Session
from lg_magics.tables.crons import Cron

WITHIN = 90.0
"""Seconds from the making of a cron for every minute until its run has ended: one minute, a look every 5 s, and the run."""
EVERY_MINUTE = "* * * * *"


@dataclass
class Firing:
    """A session, and crons by what is special about them."""

    session: Session
    crons: dict[str, Cron] = field(default_factory=dict)
    thread_id: str = ""
    began: float = field(default_factory=time.monotonic)

    def until(self, is_true: Callable[[], object]) -> None:
        """Wait until it is true."""
        deadline = max(self.began + WITHIN, time.monotonic() + 20)
        while not is_true():
            assert time.monotonic() < deadline, "it did not come about"
            time.sleep(0.2)


def firing_crons() -> Iterator[Firing]:
    """Make them now; the first has an end, at which LangGraph's own in-memory scheduler would stop."""
    server = local.start(private=True)
    found = Firing(Session())
    deployment.connect(found.session, server.url)

    def make(
        name: str, *, thread: str | None = None, keep: bool = False, until: str | None = None, **metadata: str
    ) -> None:
        said = f"hello from {name}"
        found.crons[name] = crons.create(
            found.session,
            EVERY_MINUTE,
            said,
            assistant="agent",
            thread=thread,
            keep=keep,
            until=until,
            metadata=metadata,
        )

    make("ending", keep=True, until="1h")
    make("kept", keep=True, purpose="test")
    make("vanishing")
    found.thread_id = threads.new(found.session).thread_id
    make("on a thread", thread=found.thread_id)
    make("paused", keep=True)
    crons.pause(found.session, found.crons["paused"])
    yield found
    found.session.close()
    local.stop(server)
