"""A person's session: the connection, the selection, the known objects. Passed explicitly; knows no notebook and draws nothing.

`Selection` is frozen and swapped whole; handlers come on other threads, and they either see the old one or the new one.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from lg_magics.errors import NotConnected
from lg_magics.follow.loop import BackgroundLoop
from lg_magics.follow.tracker import Tracker
from lg_magics.model.cell import Cell
from lg_magics.model.crons import CronMemory
from lg_magics.model.environment import Environment
from lg_magics.model.graph_memory import GraphMemory
from lg_magics.model.interrupts import Interrupt
from lg_magics.model.per_call import PerCall
from lg_magics.model.result import Result
from lg_magics.model.run_info import CardStyle, ThreadInfo
from lg_magics.model.secrets import without_secrets

if TYPE_CHECKING:
    from lg_magics.local import LocalServer
    from lg_magics.local.notebook.record import Record
    from lg_magics.model.assistant_schemas import AssistantSchemas
    from lg_magics.server.connection import Connection
    from lg_magics.server.deployment import Deployment

__all__ = ["Defaults", "EventBus", "Selection", "Session"]

KEPT = ("_connection", "local", "embedded", "selection", "assistants", "graphs", "_words")
log = logging.getLogger(__name__)
Kind: TypeAlias = Literal["command", "run", "crons"]
"""`command` (name): a command was called. `run` (object): a run or batch has changed. `crons`: the crons left have changed."""
Listener: TypeAlias = "Callable[..., object]"
Unsubscribe: TypeAlias = "Callable[[], None]"


@dataclass(frozen=True, slots=True)
class Defaults:
    """The settings that every run of this session gets. Values of headers are never shown.

    `from_settings` names the configurable values that come from a settings file, and not from `%lg_set`.
    """

    configurable: Mapping[str, Any] = field(default_factory=dict, repr=False)
    context: Mapping[str, Any] = field(default_factory=dict, repr=False)
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    from_settings: frozenset[str] = frozenset()

    def with_settings(self, configurable: Mapping[str, Any]) -> Defaults:
        """These defaults with the values of a settings file in place of those of the last one. What a user has set stays."""
        own = {name: value for name, value in self.configurable.items() if name not in self.from_settings}
        return replace(
            self, configurable={**configurable, **own}, from_settings=frozenset(configurable.keys() - own.keys())
        )

    def words(self) -> tuple[str, ...]:
        """The defaults as words, `user_id=Test`; only the names of headers, and nothing that looks secret."""
        pairs = without_secrets({**self.configurable, **self.context})
        return (*(f"{key}={value}" for key, value in pairs.items()), *(f"header {name}" for name in self.headers))


@dataclass(frozen=True, slots=True)
class Selection:
    """The current assistant (its name or id), the current thread, and the defaults.

    `begins_thread`: the assistant was changed to one with another graph than the thread's, so the next run begins a thread.
    `card`: how cards show a run's steps. `langsmith`: the address of the LangSmith project that the deployment traces to; ""
    for the one of its settings.
    """

    assistant: str | None = None
    thread: ThreadInfo | None = None
    defaults: Defaults = field(default_factory=Defaults)
    begins_thread: bool = False
    card: CardStyle = "rows"
    langsmith: str = ""


class Session:
    """Everything that a command may need. Starts empty; `%lg_connect` fills it.

    Entry points set these callables, the first three for a call (see `showing`):
        announce: shows a result before its command returns, such as a card that the command waits for.
        write: prints a piece of text about a result, which then counts as shown.
        progress: shows how far a long command has come; "" removes it.
        shows_notes: whether a Python function prints what it waits for. Not where no person reads it, as in nbclient.
        cell: names the running cell, with a new name for each launch. `notebook` names its notebook, and counts no launch.
        environment: reads kernel, packages and notebook, for `%lg_doctor`.

    Attributes:
        events: notifies of commands that were called by any entry point, of runs that have changed, and of crons.
        graphs: the graphs of the connection's threads and assistants (resolve.assistant_on_thread reads it).
        embedded: the embedded server that the session used last, which may have ended, and how it connected to it.
        assistants: from every name of an assistant to what is sent for it (resolve.assistants keeps it).
        gone_assistants: ids that were requested and may not exist any more (resolve.assistants keeps it).
        questions: for each thread, by the deployment's address and its id, the newest run of ours when a person last saw its
            questions, and these questions (actions.pending keeps it).
        decisions: by interrupt, the decisions on some of its actions that were not sent yet.
        asking_threads: by thread, the time of its last change, its questions, and the nodes before which it stopped
            (actions.inbox keeps it).
        schemas: the schemas of the connection's assistants, by what is sent for each (actions.schema_cache keeps them).
    """

    announce = PerCall[[Result]]()
    write = PerCall[[Result, str]]()
    progress = PerCall[[str]]()

    def __init__(self, *, is_attended: Callable[[], bool] = lambda: True) -> None:
        self.id = uuid.uuid4().hex[:12]
        self.events = EventBus()
        self.loop = BackgroundLoop()
        self.tracker, self.crons = Tracker(), CronMemory()
        self.tracker.changed = lambda what: self.events.emit("run", what)
        self.crons.changed = lambda: self.events.emit("crons")
        self.selection = Selection()
        self.local: LocalServer | None = None
        self.embedded: tuple[LocalServer, Deployment] | None = None
        self.announce = lambda result: None
        self.write = lambda result, text: None
        self.progress = lambda words: None
        self.shows_notes: Callable[[], bool] = lambda: True
        self.cell: Callable[[], Cell] = Cell
        self.record: Callable[[], Record | None] = lambda: None
        self.environment: Callable[[], Environment] = Environment
        self.served: dict[str, str] = {}
        self.notebook: Callable[[], str] = lambda: self.cell().notebook
        self.questions: dict[tuple[str, str], tuple[str, tuple[Interrupt, ...]]] = {}
        self.decisions: dict[str, dict[int, dict[str, Any]]] = {}
        self.asking_threads: dict[str, tuple[str, tuple[tuple[Interrupt, ...], tuple[str, ...]]]] = {}
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
        """Whether a person uses the session (on a page or in a terminal, not through a headless runner)."""
        return self._is_attended()

    @contextmanager
    def showing(self, **functions: Callable[..., None]) -> Iterator[None]:
        """Replace `announce`, `write` or `progress` inside the block, for what it calls itself; other threads keep theirs."""
        of_call = {name: vars(Session)[name].of_call for name in functions}
        before = [(of_call[name], of_call[name].set(function)) for name, function in functions.items()]
        try:
            yield
        finally:
            for variable, token in before:
                variable.reset(token)

    # -- the connection -----------------------------------------------------------------------------------------

    @property
    def is_connected(self) -> bool:
        """Whether the session is connected to a deployment."""
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

    def is_on(self, connection: Connection) -> bool:
        """Whether this is the session's connection."""
        return self._connection is connection

    def use_connection(self, connection: Connection, local: LocalServer | None = None) -> None:
        """Use this deployment from now on. Drops the selection and the known names if it is another one."""
        known = next((each for each in self._opened if each.is_like(connection)), None)
        if known is None:
            for each in self._opened[:1]:  # a number that was shown means the same question there
                connection.question_numbers = each.question_numbers
            self._opened.append(connection)
        else:
            known.info, known.lacking, known.is_probed, known.capabilities = connection.info, set(), False, None
        before, self._connection, self.local = self._connection, known or connection, local
        self.schemas, self.graphs = {}, GraphMemory()
        if local is not None:
            self.embedded = (local, connection.deployment)
        if before is not None and before.url != connection.url:
            self.selection = replace(self.selection, assistant=None, thread=None, begins_thread=False, langsmith="")
            self._forget_names()

    def kept(self) -> dict[str, Any]:
        """The attributes that a change of connection changes, for `restore` if it fails halfway."""
        return {name: self.__dict__[name] for name in KEPT} | {"_words": dict(self._words)}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Restore the attributes that `kept` returned."""
        self.__dict__.update(kept)

    def disconnect(self) -> None:
        """Drop the connection. Runs go on there, and those of this session are still followed."""
        self._connection, self.local = None, None
        self.selection = Selection(defaults=self.selection.defaults, card=self.selection.card)
        self._forget_names()

    def _forget_names(self) -> None:
        self._words.clear()
        self.assistants, self.schemas, self.graphs = {}, {}, GraphMemory()

    def close(self) -> None:
        """End the session. Runs on the deployment go on, but are not followed any more."""
        self.disconnect()
        self.loop.close(*(connection.aclose for connection in self._opened))
        for connection in self._opened:
            connection.close()
        self._opened.clear()

    @property
    def langsmith(self) -> str:
        """The address of the LangSmith project that the deployment traces to; "" if nobody set one."""
        return self.selection.langsmith or (self._connection.deployment.langsmith if self._connection else "")

    # -- the selection ------------------------------------------------------------------------------------------

    def select(self, **changes: Any) -> None:
        """Replace the selection by one with `changes`. The next run uses a thread that is selected."""
        if "thread" in changes:
            changes = {"begins_thread": False, **changes}
        self.selection = replace(self.selection, **changes)

    # -- completion ---------------------------------------------------------------------------------------------

    def remember_words(self, kind: str, words: Sequence[str]) -> None:
        """Keep names for completion."""
        self._words[kind] = tuple(words)

    def completions(self, kind: str) -> Sequence[str]:
        """Names of a kind (assistant, thread, run …) for completion; from memory, never from the network.

        A `deployment` may be `local`, the embedded server; an `other deployment` only after the session has used one.
        """
        if kind in ("deployment", "other deployment"):
            from lg_magics.server.settings import deployment_words

            has_local = kind == "deployment" or self.embedded is not None
            return tuple(word for word in deployment_words() if has_local or word != "local")
        if kind == "run":
            return ("last", *(run.number for run in reversed(self.tracker.runs())))
        if kind == "cron":
            return ("last", *reversed(self.crons.known_numbers()))
        if kind == "thread":
            known = reversed(self.tracker.known_threads())
            return ("last", *(name for thread in known for name in (thread.number, thread.name) if name))
        return self._words.get(kind, ())


class EventBus:
    """The events of one session, for any number of listeners. Events and subscriptions come from any thread.

    An error of a listener is logged, and the others are still called.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[Kind, tuple[Listener, ...]] = {}

    def subscribe(self, kind: Kind, listener: Listener) -> Unsubscribe:
        """Call `listener` at each event of this kind, on the emitting thread. Returns a function that ends this."""
        with self._lock:
            self._listeners[kind] = (*self._listeners.get(kind, ()), listener)

        def unsubscribe() -> None:
            with self._lock:
                self._listeners[kind] = tuple(each for each in self._listeners[kind] if each is not listener)

        return unsubscribe

    def emit(self, kind: Kind, *about: Any) -> None:
        """Notify the listeners of this kind."""
        for listener in self._listeners.get(kind, ()):
            try:
                listener(*about)
            except Exception:
                log.exception("a listener of %s failed", kind)
