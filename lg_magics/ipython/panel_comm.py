"""The panel's comm in a kernel. Knows ipykernel's comms and the host; what is said over it is known to `panel`.

The kernel opens the comm when the extension is loaded on a page, and JupyterLab's plugin takes it up; where there is no plugin,
the page closes it again. Thus a page need not ask, over and over, whether lg_magics was loaded. A page that was loaded later
finds the comm among those that are open; one that finds none may open its own.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lg_magics.ipython.host import host_of
from lg_magics.ipython.reattach import reattach
from lg_magics.live.protocol import PROTOCOL, TARGET
from lg_magics.panel.service import PanelService
from lg_magics.widgets.comm_thread import hear_while_busy
from lg_magics.widgets.plugin import SPOKE

if TYPE_CHECKING:
    from lg_magics.ipython.live_panel import LivePanel
    from lg_magics.session import Session

__all__ = ["PanelComms"]

SPEAKS_WITHIN = 1.0  # seconds; how long after the comm was opened the plugin's first word may come


class PanelComms:
    """The comms of one kernel's panel."""

    def __init__(self, shell: Any, current: Callable[[], Session]) -> None:
        self._shell = shell
        self._service = PanelService(current, {"reattach": reattach})
        self._open: dict[str, tuple[Any, Callable[[dict[str, Any]], None]]] = {}
        self._has_announced = False
        self._announced_at = float("-inf")
        self._plugin_spoke = threading.Event()
        self._shown: LivePanel | None = None

    def show_without_plugin(self) -> None:
        """Show the panel in the output of this cell, if a page is there and has no plugin, which shows it at the side."""
        if not host_of(self._shell).is_page or self._has_plugin():
            return
        from lg_magics.ipython.live_panel import LivePanel

        self._close_shown()
        self._shown = LivePanel(self._service)

    def _has_plugin(self) -> bool:
        """Whether a plugin has spoken. A comm that was opened just now, in this cell maybe, is given the time to be taken up."""
        return self._plugin_spoke.wait(max(0.0, self._announced_at + SPEAKS_WITHIN - time.monotonic()))

    def _close_shown(self) -> None:
        shown, self._shown = self._shown, None
        if shown is not None:
            shown.close()

    def install(self) -> None:
        """Let pages open a comm, and open one now, or when the first cell comes from a page."""
        manager = _manager(self._shell)
        if manager is None:
            return
        manager.register_target(TARGET, self._take)
        self._shell.events.register("pre_run_cell", self._announce)
        self._announce()

    def remove(self) -> None:
        """Close what is open: pages see that lg_magics is not loaded any more."""
        self._stop_announcing()
        self._close_shown()
        manager = _manager(self._shell)
        if manager is not None:
            with contextlib.suppress(KeyError):
                manager.unregister_target(TARGET, self._take)
        self._service.close()
        opened, self._open = self._open, {}
        for comm, _ in opened.values():
            comm.close()

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
        """From now on, hear this comm. A message comes on the kernel's main thread or on one of its subshells."""

        def send(data: dict[str, Any]) -> None:
            comm.send(data)

        def heard(message: dict[str, Any]) -> None:
            self._plugin_spoke.set()
            SPOKE.set()
            self._service.hear(send, message.get("content", {}).get("data"))

        def closed(_message: object) -> None:
            self._open.pop(comm.comm_id, None)
            self._service.leave(send)

        hear_while_busy(comm)
        comm.on_msg(heard)
        comm.on_close(closed)
        self._open[comm.comm_id] = (comm, send)
        self._service.add(send)


def _manager(shell: Any) -> Any:
    """What has the kernel's comms; None outside a kernel."""
    if getattr(shell, "kernel", None) is None:
        return None
    from comm import get_comm_manager

    return get_comm_manager()
