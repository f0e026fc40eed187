"""The panel's comm in a kernel: a live view over it. Depends on ipykernel's comms and the host; knows no section.

The kernel opens the comm when the extension is loaded on a page, and JupyterLab's plugin accepts it. Without a plugin, the page
closes it again. So a page need not poll whether lg_magics was loaded. A page that was loaded later finds the comm among the open
ones; a page that finds none may open its own.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lg_magics.errors import LgError
from lg_magics.ipython.host import host_of, notebook_of_message
from lg_magics.live.protocol import PROTOCOL, TARGET, id_of, refused
from lg_magics.live.workers import ACTIONS
from lg_magics.widgets.comm_thread import route_to_subshell
from lg_magics.widgets.plugin import SPOKE, pages

if TYPE_CHECKING:
    from lg_magics.ipython.open_view import OpenView
    from lg_magics.live.live_view import LiveView
    from lg_magics.session import Session

__all__ = ["PanelComms"]

log = logging.getLogger(__name__)

OPEN = "The panel of lg_magics: this page shows no widgets."
OVER = "The panel was here: %lg opens it again."
BESIDE = "The panel is in the side bar."
DELAY = 0.05  # seconds that the panel is behind a launch, whose card is drawn first
SPEAKS_WITHIN = 1.0  # seconds after the comm was opened in which the plugin's first message may arrive


class PanelComms:
    """The comms of one kernel's panel."""

    def __init__(self, shell: Any, current: Callable[[], Session]) -> None:
        self._shell = shell
        self._current = current
        self._open: dict[str, _Page] = {}
        self._has_announced = False
        self._announced_at = float("-inf")
        self._plugin_spoke = threading.Event()
        self._shown: OpenView | None = None

    def show_without_plugin(self) -> None:
        """Show the panel in the output of this cell, if there is a page without the plugin (which shows it in the side bar).

        One is open at a time: the next `%lg`, unloading the extension, or the message of a plugin that a slow page has loaded
        late replaces it by a line of text, which a saved notebook can show without a kernel.
        """
        if not host_of(self._shell).is_page or self.has_plugin():
            return
        from lg_magics.ipython.open_view import OpenView
        from lg_magics.panel.live_panel import LivePanel
        from lg_magics.views.output import PICTURE

        session = self._current()
        panel = LivePanel(session)
        view = OpenView(
            "panel",
            panel.rendered,
            lambda largest: {"text/plain": OPEN if largest else BESIDE if self._plugin_spoke.is_set() else OVER},
            actions=panel.actions,
            reads=panel.reads,
            loop=session.loop,
            subscribe=panel.subscribe,
        )
        view.show(PICTURE)
        self._shown = view
        if self._plugin_spoke.is_set():
            self._close_shown()

    def has_plugin(self) -> bool:
        """Whether a plugin has sent a message. Waits for it if the comm was opened less than SPEAKS_WITHIN seconds ago."""
        return self._plugin_spoke.wait(max(0.0, self._announced_at + SPEAKS_WITHIN - time.monotonic()))

    def _close_shown(self) -> None:
        shown, self._shown = self._shown, None
        if shown is not None:
            shown.close()

    def install(self) -> None:
        """Let pages open a comm, and open one now or when the first cell comes from a page."""
        manager = _manager(self._shell)
        if manager is None:
            return
        manager.register_target(TARGET, self._take)
        self._shell.events.register("pre_run_cell", self._announce)
        self._announce()

    def remove(self) -> None:
        """Close all comms, so that pages see that lg_magics is not loaded any more."""
        self._stop_announcing()
        self._close_shown()
        manager = _manager(self._shell)
        if manager is not None:
            with contextlib.suppress(KeyError):
                manager.unregister_target(TARGET, self._take)
        opened, self._open = self._open, {}
        for page in opened.values():
            page.close()
            page.comm.close()

    def _announce(self, *_: object) -> None:
        if self._has_announced or not host_of(self._shell).is_page or "google.colab" in sys.modules:
            return
        from comm import create_comm

        self._has_announced = True
        self._announced_at = time.monotonic()
        self._stop_announcing()
        self._take(create_comm(target_name=TARGET, data={"protocol": PROTOCOL}), None)

    def _stop_announcing(self) -> None:
        with contextlib.suppress(ValueError):  # it was not registered, or not any more
            self._shell.events.unregister("pre_run_cell", self._announce)

    def _take(self, comm: Any, _message: object) -> None:
        """Handle this comm's messages from now on. They arrive on the kernel's main thread or on one of its subshells."""
        page = _Page(comm, self._current)

        def on_message(message: dict[str, Any]) -> None:
            self._plugin_spoke.set()
            self._close_shown()
            SPOKE.set()
            pages.add(notebook_of_message(message))
            page.receive(message.get("content", {}).get("data"))

        def on_close(_message: object) -> None:
            self._open.pop(comm.comm_id, None)
            page.close()

        route_to_subshell(comm)
        comm.on_msg(on_message)
        comm.on_close(on_close)
        self._open[comm.comm_id] = page


class _Page:
    """The page at the other end of a comm. A worker makes its view at its first request, because this imports large modules."""

    def __init__(self, comm: Any, current: Callable[[], Session]) -> None:
        self.comm = comm
        self._current = current
        self._lock = threading.Lock()
        self._live: LiveView | None = None
        self._is_closed = False
        self._known: dict[str, Any] = {}

    def receive(self, data: object) -> None:
        """Handle a message from the page: any JSON, on any thread. Returns at once."""
        if self._live is not None:
            self._live.receive(data)
        elif not ACTIONS.do(lambda: self._begun().receive(data)):
            self.send(refused(id_of(data), LgError("The kernel has too much to do.", hint="Try again.")))

    def close(self) -> None:
        """Send nothing more."""
        with self._lock:
            self._is_closed = True
            if self._live is not None:
                self._live.close()

    def update(self, base: int, version: int, at: float, made: list[Any], view: dict[str, Any]) -> None:
        """Send changes."""
        changes = {"base": base, "version": version, "at": at, "changes": made, "lost": view["lost"]}
        self.send({"update": changes})

    def send(self, data: dict[str, Any]) -> None:
        """Send a message."""
        try:
            if not self._is_closed:
                self.comm.send(data)
        except Exception:
            log.exception("a message to a page failed")

    def _begun(self) -> LiveView:
        from lg_magics.ipython.live_card import reattach
        from lg_magics.live.live_view import LiveView
        from lg_magics.panel.live_panel import LivePanel
        from lg_magics.panel.notices import RunNews, known

        with self._lock:
            if self._live is None:
                session = self._current()
                panel = LivePanel(session, {"reattach": reattach}, can_show=True)
                news = RunNews(session)

                def send_known() -> None:
                    if (now := known(session)) != self._known:
                        self._known = now
                        self.send({"known": now})
                    if since := news.since():
                        self.send({"news": since})

                reads = {**panel.reads, "known": lambda _: known(session)}
                self._live = live = LiveView(
                    panel.rendered,
                    panel.actions,
                    session.loop,
                    panel.subscribe,
                    reads=reads,
                    after=send_known,
                    delay=DELAY,
                )
                live.open(self)
                if self._is_closed:
                    live.close()
            return self._live


def _manager(shell: Any) -> Any:
    """The kernel's comm manager; None outside a kernel."""
    if getattr(shell, "kernel", None) is None:
        return None
    from comm import get_comm_manager

    return get_comm_manager()
