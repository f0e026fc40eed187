"""A view that stays up to date on a page: it renders when something changes, and performs the page's actions. Knows no run.

A view function returns a tree. The page holds some version of it, and gets the changes to the next one; a page with another
version requests the whole tree. Rendering takes at most a tenth of the time. Workers answer requests, also
while a cell is running. Each request gets a result or an error, and the page is up to date before that arrives.
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
PAUSE_FACTOR = 10  # after an update, the next one waits this many times as long as it took,
MANY = 50  # the number of changes from which the whole tree may be smaller
LONGEST = 0.5  # but a slow one delays the page no longer than this

Action: TypeAlias = "Callable[[Mapping[str, Any]], object]"
"""Performs an action of a page, with the page's arguments (any JSON). Runs on a worker."""

Unsubscribe: TypeAlias = "Callable[[], None]"


@dataclass(frozen=True, slots=True)
class Lost:
    """What is lost when the kernel ends: the command that restores it, its ids, and the deployment to connect to first.

    The page composes the lines from these fields; `lost.json` has the magic of each command, and what the page says.
    """

    command: str
    ids: tuple[str, ...] = ()
    connect: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A view at one moment.

    Attributes:
        tree: the tree to show.
        lost: what ends with its kernel; None for a view that has nothing more to show or to do.
    """

    tree: Node
    lost: Lost | None = None


class Channel(Protocol):
    """One page, or several with the same view."""

    def update(self, base: int, version: int, at: float, made: list[Any], view: dict[str, Any]) -> None:
        """Send changes; `view` is the current whole tree, for a page that connects later."""

    def send(self, data: dict[str, Any]) -> None:
        """Send a response."""


class Later(Protocol):
    """Schedules calls after some seconds, as the background loop does."""

    def later(self, seconds: float, call: Callable[[], object], context: contextvars.Context) -> None: ...


class LiveView:
    """One view.

    Args:
        view: returns the current tree. Called on the loop and on workers, never by two threads at once.
        actions: the user's actions, by the names in the tree's `data-act`.
        loop: schedules the rendering.
        subscribe: gets a function to call on every possible change, from any thread; returns a function that unsubscribes.
        reads: what a page can request without changing anything.
        after: called after each update, on the same thread.
        delay: seconds from a change to its rendering, in which more changes are collected.
        clock: returns the current time, in seconds since the epoch, by the clock of the times in the tree.
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
        delay: float = 0.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._view = view
        self._actions = dict(actions)
        self._reads = dict(reads or {})
        self._loop = loop
        self._subscribe = subscribe
        self._after = after
        self._delay = delay
        self._clock = clock
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
        self._rendered = view()

    def open(self, channel: Channel) -> None:
        """Keep this page up to date from now on."""
        self._channel = channel
        self._begin()

    def rebind(self, change: Callable[[], None]) -> None:
        """Switch the view to another object: `change` does so between two renderings; the view then subscribes again."""
        with self._rendering:
            self._unsubscribe()
            change()
            self._begin()

    def _begin(self) -> None:
        """Subscribe. What changed since the last rendering was not reported, so one rendering follows."""
        self._unsubscribe = self._subscribe(self.changed)
        self.changed()

    def close(self) -> None:
        """Unsubscribe, and stop rendering."""
        with self._rendering:
            self._is_closed = True
        self._unsubscribe()

    @property
    def rendered(self) -> Rendered:
        """Return what the page shows."""
        return self._rendered

    def envelope(self) -> dict[str, Any]:
        """Return the view in the form that is saved, and sent to new pages. `at` is now: a running clock needs no rendering."""
        with self._rendering:
            lost = self._rendered.lost
            return {
                "protocol": PROTOCOL,
                "name": self._name,
                "version": self._version,
                "at": self._clock(),
                "tree": self._rendered.tree,
                "lost": {"command": lost.command, "ids": list(lost.ids), "connect": lost.connect} if lost else None,
            }

    # -- what changes -------------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Schedule a rendering, at most 20 a second. From any thread."""
        if not self._is_due and not self._is_closed:
            self._is_due = True
            self._loop.later(max(self._delay, self._next_at - time.monotonic()), self.render, self._context)

    def render(self) -> None:
        """Render now, and send the changes."""
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
            self._next_at = ended + min(max(INTERVAL, PAUSE_FACTOR * (ended - began)), LONGEST)

    def _send(self, made: list[Any]) -> None:
        base, self._version = self._version, self._version + 1
        tree = self._rendered.tree
        if len(made) > MANY and len(json.dumps(made)) > len(json.dumps(tree)):
            made = [["replace", [], tree]]
        if self._channel is not None:
            whole = self.envelope()
            self._channel.update(base, self._version, whole["at"], made, whole)

    # -- what a person does -------------------------------------------------------------------------------------

    def receive(self, data: object) -> None:
        """Receive a page's message: any JSON, on any thread. Returns immediately; a worker sends the response."""
        command = data.get("command") if isinstance(data, dict) else None
        is_read = isinstance(command, str) and (command == "view" or command in self._reads)
        workers = READS if is_read else ACTIONS
        if not workers.do(lambda: self._context.copy().run(self._respond, data)):
            self._reply(refused(id_of(data), LgError("The kernel has too much to do.", hint="Try again.")))

    def _respond(self, data: object) -> None:
        try:
            request = request_from(data)
            if request.command == "view":
                response = {"id": request.id, "ok": True, "result": self.envelope()}  # not limited in size
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
        if self._busy.setdefault(doing, mine) is not mine:  # atomic: workers are threads
            raise CommandError("This action is already in progress.")
        try:
            return action(arguments)
        finally:
            del self._busy[doing]
            self.render()

    def _reply(self, response: dict[str, Any]) -> None:
        if self._channel is not None:
            self._channel.send(response)
