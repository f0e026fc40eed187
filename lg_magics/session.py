"""A person's session: the connection, what is selected, what was met. Passed explicitly; knows no notebook and draws nothing.

`Selection` is frozen and swapped whole; handlers come on other threads, and they either see the old one or the new one.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lg_magics.errors import NotConnected
from lg_magics.event_bus import EventBus
from lg_magics.follow.loop import BackgroundLoop
from lg_magics.follow.tracker import Tracker
from lg_magics.model.cell import Cell
from lg_magics.model.crons import CronMemory
from lg_magics.model.environment import Environment
from lg_magics.model.graph_memory import GraphMemory
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.result import Result
from lg_magics.model.run_info import CardStyle, ThreadInfo
from lg_magics.model.secrets import without_secrets

if TYPE_CHECKING:
    from lg_magics.local import LocalServer
    from lg_magics.local.notebook.record import Record
    from lg_magics.model.assistant_schemas import AssistantSchemas
    from lg_magics.server.connection import Connection

__all__ = ["Defaults", "Selection", "Session"]

KEPT = ("_connection", "local", "selection", "assistants", "graphs", "_words")


@dataclass(frozen=True, slots=True)
class Defaults:
    """What every run of this session takes with it. Headers' values are shown nowhere."""

    configurable: Mapping[str, Any] = field(default_factory=dict, repr=False)
    context: Mapping[str, Any] = field(default_factory=dict, repr=False)
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def words(self) -> tuple[str, ...]:
        """The defaults in force as words, `user_id=Test`; of headers only the names, and nothing that looks secret."""
        pairs = without_secrets({**self.configurable, **self.context})
        return (*(f"{key}={value}" for key, value in pairs.items()), *(f"header {name}" for name in self.headers))


@dataclass(frozen=True, slots=True)
class Selection:
    """What is current: an assistant (its name or id), a thread, the defaults.

    `begins_thread`: the assistant was changed to one of another graph than the thread's, so the next run begins a thread.
    `card`: how cards show a run's steps.
    """

    assistant: str | None = None
    thread: ThreadInfo | None = None
    defaults: Defaults = field(default_factory=Defaults)
    begins_thread: bool = False
    card: CardStyle = "rows"


class Session:
    """Everything that a command may need. Starts empty; `%lg_connect` fills it.

    `announce` is set by a door that can show a result before its command returns, as a card that is waited for; `tell`
    by one that can print pieces of text about a result, which then counts as shown;
    `graphs` remembers the graphs of the connection's threads and assistants (commands.assistant_on_thread reads it);
    `assistants` maps every name that an assistant is known by to what is sent for it; `gone_assistants` are ids that were looked
    for and may not be there any more (commands.which_assistant keeps both).
    `progress` by one that can show how far a long one has come ("" takes it away). `shows_notes` is whether a function prints
    what it waits for; a runner without a person would keep that. `questions` holds, for each thread,
    what a person has seen it ask, and the newest run of ours at that time (commands.pending keeps it); `decisions` holds, by
    interrupt, those that were made on some of its actions and not sent yet; `failed_threads` what a thread in error asks, with
    the time of its last change (commands.inbox keeps it). `cell` names the
    cell that is running, for each launch anew; `notebook` its notebook, and counts no launch. `schemas` are those of the
    connection's assistants, by what is sent for each (commands.schema_cache keeps them).
    `environment` finds out what surrounds the commands, for `%lg_doctor`.
    `events` notifies of commands that were called, by whichever entry point, of runs that have changed, and of crons.
    """

    def __init__(self, *, is_attended: Callable[[], bool] = lambda: True) -> None:
        self.id = uuid.uuid4().hex[:12]
        self.events = EventBus()
        self.loop = BackgroundLoop()
        self.tracker = Tracker()
        self.tracker.changed = lambda what: self.events.emit("run", what)
        self.crons = CronMemory()
        self.crons.changed = lambda: self.events.emit("crons")
        self.selection = Selection()
        self.local: LocalServer | None = None
        self.announce: Callable[[Result], None] = lambda result: None
        self.tell: Callable[[Result, str], None] = lambda result, text: None
        self.progress: Callable[[str], None] = lambda words: None
        self.shows_notes: Callable[[], bool] = lambda: True
        self.cell: Callable[[], Cell] = Cell
        self.record: Callable[[], Record | None] = lambda: None
        self.environment: Callable[[], Environment] = Environment
        self.served: dict[str, str] = {}
        self.notebook: Callable[[], str] = lambda: self.cell().notebook
        self.questions: dict[str, tuple[str, tuple[Interrupt, ...]]] = {}
        self.decisions: dict[str, dict[int, dict[str, Any]]] = {}
        self.failed_threads: dict[str, tuple[str, tuple[Interrupt, ...]]] = {}
        self._is_attended = is_attended
        self._connection: Connection | None = None
        self._opened: list[Connection] = []
        self._words: dict[str, Sequence[str]] = {}
        self.assistants: Mapping[str, str] = {}
        self.gone_assistants: set[str] = set()
        self.graphs = GraphMemory()
        self.schemas: dict[str, Future[AssistantSchemas]] = {}

    def __repr__(self) -> str:
        return f"<Session on {self._connection.deployment.name}>" if self._connection else "<Session, not connected>"

    @property
    def is_attended(self) -> bool:
        """Whether a person sits before it (a page or a terminal, no headless runner)."""
        return self._is_attended()

    # -- the connection -----------------------------------------------------------------------------------------

    @property
    def is_connected(self) -> bool:
        """Whether there is a deployment to talk to."""
        return self._connection is not None

    @property
    def connection(self) -> Connection:
        """The connection.

        Raises:
            NotConnected: there is none yet.
        """
        if self._connection is None:
            raise NotConnected()
        return self._connection

    def use_connection(self, connection: Connection, local: LocalServer | None = None) -> None:
        """Talk to this deployment from now on. Another deployment's threads, and what was met there, are left behind."""
        met = next((each for each in self._opened if each.is_like(connection)), None)
        if met is None:
            self._opened.append(connection)
        else:
            met.info, met.lacking, met.is_probed, met.capabilities = connection.info, set(), False, None
        before, self._connection, self.local = self._connection, met or connection, local
        self.schemas, self.graphs = {}, GraphMemory()
        if before is not None and before.url != connection.url:
            self.selection = replace(self.selection, assistant=None, thread=None, begins_thread=False)
            self._forget_names()

    def kept(self) -> dict[str, Any]:
        """What a change of connection changes, to be restored if it fails halfway."""
        return {name: self.__dict__[name] for name in KEPT} | {"_words": dict(self._words)}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Go back to what was kept."""
        self.__dict__.update(kept)

    def disconnect(self) -> None:
        """Forget the deployment. Its runs go on there, and those of this session are still followed."""
        self._connection, self.local = None, None
        self.selection = Selection(defaults=self.selection.defaults, card=self.selection.card)
        self._forget_names()

    def _forget_names(self) -> None:
        self._words.clear()
        self.assistants, self.schemas, self.graphs = {}, {}, GraphMemory()

    def close(self) -> None:
        """End the session: runs on the deployment go on, nothing here follows them any more."""
        self.disconnect()
        self.loop.close(*(connection.aclose for connection in self._opened))
        for connection in self._opened:
            connection.close()
        self._opened.clear()

    # -- what is selected ---------------------------------------------------------------------------------------

    def select(self, **changes: Any) -> None:
        """Swap the selection for one with `changes`. Runs go on on a thread that is chosen."""
        if "thread" in changes:
            changes = {"begins_thread": False, **changes}
        self.selection = replace(self.selection, **changes)

    # -- what completion may offer ------------------------------------------------------------------------------

    def remember_words(self, kind: str, words: Sequence[str]) -> None:
        """Keep names for completion."""
        self._words[kind] = tuple(words)

    def completions(self, kind: str) -> Sequence[str]:
        """Names of a kind (assistant, thread, run …) for completion; from memory, never from the network."""
        if kind == "deployment":
            from lg_magics.server.settings import deployment_words

            return deployment_words()
        if kind == "run":
            return ("last", *(run.number for run in reversed(self.tracker.runs())))
        if kind == "cron":
            return ("last", *reversed(self.crons.known_numbers()))
        if kind == "thread":
            known = reversed(self.tracker.known_threads())
            return ("last", *(name for thread in known for name in (thread.number, thread.name) if name))
        return self._words.get(kind, ())
