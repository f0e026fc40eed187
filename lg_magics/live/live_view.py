"""A view that lives on a page: it is rendered when something changes, and does what is asked of it. Depends on no run.

A view function gives a tree. The page has the tree of some version, and gets the changes to the next one; a page that has another
version requests the whole tree. Rendering takes at most a tenth of the time. Requests are answered by workers, so that they work
while a cell is running; each gets a result or an error, and the page is up to date before it does.
"""

from __future__ import annotations

import contextvars
import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from lg_magics.errors import CommandError, LgError
from lg_magics.live.changes import changes
from lg_magics.live.protocol import PROTOCOL, answered, id_of, refused, request_from
from lg_magics.live.workers import ACTIONS, READS
from lg_magics.views.node import Node

__all__ = ["Action", "Channel", "LiveView", "Lost", "Rendered", "Unsubscribe"]

log = logging.getLogger(__name__)

INTERVAL = 0.05  # seconds between two updates
SHARE = 10  # an update may cost at most this part of the time,
MANY = 50  # changes, from which on the whole tree may be smaller
LONGEST = 0.5  # but a slow one keeps the page waiting no longer than this

Action: TypeAlias = "Callable[[Mapping[str, Any]], object]"
"""Does what a page asks for, with the arguments that the page gave: any JSON. Runs on a worker."""

Unsubscribe: TypeAlias = "Callable[[], None]"


@dataclass(frozen=True, slots=True)
class Lost:
    """What is lost when the kernel goes: the command that brings it back, its ids, and what to connect to before.

    The page composes the lines from them.
    """

    command: str
    ids: tuple[str, ...] = ()
    connect: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A view at one moment.

    Attributes:
        tree: what is to be seen.
        lost: what its kernel takes along; None for a view that has nothing more to show or to do.
    """

    tree: Node
    lost: Lost | None = None


class Channel(Protocol):
    """A page, or several with the same view."""

    def update(self, base: int, version: int, at: float, made: list[Any], view: dict[str, Any]) -> None:
        """Send changes; `view` is the whole as it is now, for a page that comes later."""

    def send(self, data: dict[str, Any]) -> None:
        """Send a response."""


class Later(Protocol):
    """Calls a function after some seconds, as the background loop does."""

    def later(self, seconds: float, call: Callable[[], object], context: contextvars.Context) -> None: ...


class LiveView:
    """One view.

    Args:
        view: gives what is to be seen now. Called on the loop and on workers, never by two threads at once.
        actions: what a person can do, by the names that the tree's `data-act` has.
        loop: renders.
        subscribe: gets a function to call whenever something may have changed, from any thread; returns what ends that.
        reads: what a page can ask for without changing anything.
        after: called after each update, on the same thread.
    """

    def __init__(
        self,
        view: Callable[[], Rendered],
        actions: Mapping[str, Action],
        loop: Later,
        subscribe: Callable[[Callable[[], None]], Unsubscribe],
        *,
        reads: Mapping[str, Action] | None = None,
        after: Callable[[], None] = lambda: None,
    ) -> None:
        self._view = view
        self._actions = dict(actions)
        self._reads = dict(reads or {})
        self._loop = loop
        self._subscribe = subscribe
        self._after = after
        self._context = contextvars.copy_context()
        self._name = uuid.uuid4().hex[:12]
        self._rendering = threading.RLock()
        self._channel: Channel | None = None
        self._unsubscribe: Unsubscribe = lambda: None
        self._busy: dict[str, object] = {}
        self._is_due = False
        self._is_closed = False
        self._next_at = 0.0
        self._version = 1
        self._at = time.time()
        self._rendered = view()

    def open(self, channel: Channel) -> None:
        """Keep this page up to date from now on."""
        self._channel = channel
        self._unsubscribe = self._subscribe(self.changed)

    def rebind(self, change: Callable[[], None]) -> None:
        """Make the view about another thing: `change` does it, between two renderings, and the subscription is a new one."""
        with self._rendering:
            self._unsubscribe()
            change()
            self._unsubscribe = self._subscribe(self.changed)

    def close(self) -> None:
        """End the subscription and render no more."""
        with self._rendering:
            self._is_closed = True
        self._unsubscribe()

    @property
    def rendered(self) -> Rendered:
        """What the page shows."""
        return self._rendered

    def envelope(self) -> dict[str, Any]:
        """The view as it is saved and as a page gets it whole."""
        with self._rendering:
            lost = self._rendered.lost
            return {
                "protocol": PROTOCOL,
                "name": self._name,
                "version": self._version,
                "at": self._at,
                "tree": self._rendered.tree,
                "lost": {"command": lost.command, "ids": list(lost.ids), "connect": lost.connect} if lost else None,
            }

    # -- what changes -------------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Any thread: render soon, at most 20 times a second."""
        if not self._is_due and not self._is_closed:
            self._is_due = True
            self._loop.later(max(0.0, self._next_at - time.monotonic()), self.render, self._context)

    def render(self) -> None:
        """Render now, and send what has changed."""
        with self._rendering:
            self._is_due = False
            if self._is_closed:
                return
            began = time.monotonic()
            before, self._rendered = self._rendered, self._view()
            made = changes(before.tree, self._rendered.tree)
            if made or before.lost != self._rendered.lost:
                self._send(made)
            self._after()
            ended = time.monotonic()
            self._next_at = ended + min(max(INTERVAL, SHARE * (ended - began)), LONGEST)

    def _send(self, made: list[Any]) -> None:
        base, self._version, self._at = self._version, self._version + 1, time.time()
        tree = self._rendered.tree
        if len(made) > MANY and len(json.dumps(made)) > len(json.dumps(tree)):
            made = [["replace", [], tree]]
        if self._channel is not None:
            self._channel.update(base, self._version, self._at, made, self.envelope())

    # -- what a person does -------------------------------------------------------------------------------------

    def receive(self, data: object) -> None:
        """A message from a page: any JSON, on any thread. Returns at once; the response comes from a worker."""
        command = data.get("command") if isinstance(data, dict) else None
        workers = READS if command == "view" or command in self._reads else ACTIONS
        if not workers.do(lambda: self._context.copy().run(self._respond, data)):
            self._reply(refused(id_of(data), LgError("The kernel has too much to do.", hint="Try again.")))

    def _respond(self, data: object) -> None:
        try:
            request = request_from(data)
            if request.command == "view":
                response = {"id": request.id, "ok": True, "result": self.envelope()}  # it is as large as it is
            else:
                response = answered(request.id, self._result(request.command, request.arguments))
        except LgError as problem:
            response = refused(id_of(data), problem)
        except Exception as problem:
            log.exception("a request of a page failed")
            response = refused(id_of(data), problem)
        self._reply(response)

    def _result(self, command: str, arguments: Mapping[str, Any]) -> object:
        if command in self._reads:
            return self._reads[command](arguments)
        action = self._actions.get(command)
        if action is None:
            raise CommandError(f"There is no action {command[:80]!r} here.")
        doing = json.dumps([command, {name: given for name, given in arguments.items() if name != "form"}])
        mine = object()
        if self._busy.setdefault(doing, mine) is not mine:  # in one step: workers are threads
            raise CommandError("This is being done already.")
        try:
            return action(arguments)
        finally:
            del self._busy[doing]
            self.render()

    def _reply(self, response: dict[str, Any]) -> None:
        if self._channel is not None:
            self._channel.send(response)
