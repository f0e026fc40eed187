"""Shows results in a shell, each once per execution. Depends on IPython's display; `views` and `live_card` draw.

Commands never display; entry points do. A magic shows its result and returns it. If that is also the cell's last expression, the
display hook skips it, because this execution has shown it. A run that was shown as one line when it was launched is shown again
when it was waited for. The list holds the objects and not their id(), which another object may have by then.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from lg_magics.errors import WaitInterrupted
from lg_magics.ipython.host import current_shell, host_of, unregister
from lg_magics.model.duration import duration
from lg_magics.model.result import Result
from lg_magics.model.visible_text import visible_text

if TYPE_CHECKING:
    from lg_magics.tables.graph import Graph
    from lg_magics.tables.history import History
    from lg_magics.tables.store import Items
    from lg_magics.tables.table import Table

__all__ = ["Display", "write"]

Hook = Callable[[object], None]

RESULT = ("lg_magics.model.result", "Result")
RUN = ("lg_magics.follow.run", "Run")
BATCH = ("lg_magics.follow.batch", "Batch")
ITEMS = ("lg_magics.tables.store", "Items")
GRAPH = ("lg_magics.tables.graph", "Graph")
TABLE = ("lg_magics.tables.table", "Table")

STATES = {"waiting": "waiting for you"}


class Shown(NamedTuple):
    """How this execution has shown a result.

    Attributes:
        has_end: Whether its output has its end, now or later. False for the line of a live run that no card updates.
        is_hidden: Whether `--quiet` kept it from being shown: the display hook does not show it either.
    """

    result: object
    has_end: bool = True
    is_hidden: bool = False


class Display:
    """Shows results in one shell, each once in an execution."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._shown: list[Shown] = []
        self._cards: weakref.WeakSet[Any] = weakref.WeakSet()
        self._hook_before: Hook = shell.display_trap.hook

    def install(self) -> None:
        """Register our formatters and display hook in the shell."""
        formatters = self._shell.display_formatter
        formatters.mimebundle_formatter.for_type_by_name(*RESULT, _bundle)
        for live in (RUN, BATCH):
            formatters.ipython_display_formatter.for_type_by_name(*live, self._draw_live)
        self._use_hook(self._hook)
        self._shell.events.register("pre_run_cell", self._forget)

    def remove(self) -> None:
        """Restore the shell's formatters and display hook."""
        formatters = self._shell.display_formatter
        _forget_type(formatters.mimebundle_formatter, RESULT)
        for live in (RUN, BATCH):
            _forget_type(formatters.ipython_display_formatter, live)
        self._use_hook(self._hook_before)
        unregister(self._shell, "pre_run_cell", self._forget)
        self._shown.clear()

    def show(self, result: object, *, briefly: bool = False) -> None:
        """Show a result of ours, unless this execution has shown it; `briefly`: one line if its card is on the page.

        Raises:
            WaitInterrupted: a kernel interrupt while a run or a batch is drawn; it goes on.
        """
        if not isinstance(result, Result) or self._is_shown(result):
            return
        try:
            has_end = self._draw(result, briefly)
        except KeyboardInterrupt:
            if _has_ended(result):
                raise
            raise _goes_on(result) from None
        self._note(Shown(result, has_end))

    def show_early(self, result: Result) -> None:
        """Show a result before its command returns: the command goes on to wait for it, or is about to raise.

        Where a live result cannot be updated, it is shown only to a person; its end is shown below it.
        """
        host = host_of(self._shell)
        if not _is_live(result) or (host.is_page and _has_card(result)):
            self.show(result)
        elif host.is_attended:
            self._draw_live(result)

    def hide(self, result: object) -> None:
        """Keep the display hook from showing a result in this execution. A command that gives it back later shows it."""
        if result is not None:
            self._note(Shown(result, is_hidden=True))

    def _note(self, shown: Shown) -> None:
        """Count a result as shown in this execution."""
        from IPython.core.displayhook import CapturingDisplayHook  # this module is imported without IPython too

        self._shown.append(shown)
        captured = sys.displayhook
        if isinstance(captured, CapturingDisplayHook):  # `%%capture` replaces our hook until its cell ends
            sys.displayhook = lambda value: None if self._is_repeated(value) else captured(value)

    def _is_shown(self, result: object) -> bool:
        """Whether there is nothing more to show of the result of a command."""
        noted = [each for each in self._shown if each.result is result and not each.is_hidden]
        return _was_printed(result) or any(each.has_end or not _has_ended(result) for each in noted)

    def _is_repeated(self, result: object) -> bool:
        """Whether the display hook has nothing more to show. The end of a run that nothing waited for may come at any time."""
        noted = [each for each in self._shown if each.result is result]
        if any(each.is_hidden for each in noted) or self._is_shown(result):
            return True
        return bool(noted) and not _was_awaited(result)

    def _forget(self, *_: object) -> None:
        self._shown.clear()
        _reset_printed()

    # -- drawing ------------------------------------------------------------------------------------------------

    def _draw(self, result: Result, briefly: bool) -> bool:
        """Draw a result; whether its end is there, or comes there."""
        if _is_live(result) and not (briefly and result in self._cards and host_of(self._shell).is_page):
            return self._draw_live(result)
        if _is_live(result):
            from lg_magics.views.bundle import line_bundle

            self._shell.display_pub.publish(data=line_bundle(_end_of(result)))
        elif self._is_open(result):
            _open(result)
        else:
            self._shell.display_pub.publish(data=_bundle(result, is_page=host_of(self._shell).is_page))
        return True

    def _draw_live(self, result: Any) -> bool:
        from lg_magics.ipython.live_batch import show_batch
        from lg_magics.ipython.live_card import show_run

        show = show_batch if _is_one_of(result, BATCH) else show_run
        host = host_of(self._shell)
        has_end = show(result, host)
        if host.is_page and _has_card(result):
            self._cards.add(result)
        return has_end

    def _is_open(self, result: Result) -> bool:
        """Whether the result is to be opened, and there is a page to open it on."""
        return bool(getattr(result, "is_open", False)) and host_of(self._shell).is_page

    # -- the hook -----------------------------------------------------------------------------------------------

    def _hook(self, result: object) -> None:
        """The display hook: called with the value of a cell's last expression."""
        hook = self._shell.displayhook
        is_live = isinstance(result, Result) and (_is_live(result) or self._is_open(result))
        if is_live and not self._is_repeated(result) and not hook.quiet():
            self.show(result)
        if self._is_repeated(result):
            hook.update_user_ns(result)
            hook.fill_exec_result(result)
        else:
            self._hook_before(result)

    def _use_hook(self, hook: Hook) -> None:
        """Set the display hook for the following cells, and for the running one."""
        trap = self._shell.display_trap
        if sys.displayhook == trap.hook:
            sys.displayhook = hook
        trap.hook = hook


def _bundle(result: Any, *, is_page: bool | None = None, **_: Any) -> dict[str, Any]:
    if _is_one_of(result, GRAPH) and (host_of(current_shell()).is_page if is_page is None else is_page):
        from lg_magics.ipython.live_graph import graph_for_page

        return graph_for_page(result)
    from lg_magics.views.bundle import bundle

    return bundle(result)


def _end_of(result: Any) -> str:
    """The outcome of a run or a batch, on one line."""
    if _is_one_of(result, BATCH):
        return f"batch of {len(result)} runs: {result.counted}"
    seconds = result.view.elapsed()
    took = f" after {duration(seconds)}" if seconds is not None and not result.is_waiting else ""
    return f"{result.number}: {STATES.get(result.status, result.status)}{took}"


def _goes_on(result: Any) -> WaitInterrupted:
    """What a kernel interrupt raises while a run or a batch is drawn."""
    if _is_one_of(result, BATCH):
        return WaitInterrupted("Stopped before the batch was shown; it goes on.", hint="lg.cancel(mine=True) stops it.")
    ways = f"%lg_wait {result.number} waits for it, %lg_cancel {result.number} stops it."
    return WaitInterrupted(f"Stopped before {result.number} was shown; it goes on.", hint=ways)


def _has_ended(result: Any) -> bool:
    return not _is_live(result) or bool(result.is_settled)


def _was_awaited(result: Any) -> bool:
    """Whether code of the user has waited for the end of a run or a batch, which then has come."""
    if _is_one_of(result, BATCH):
        return bool(result.was_awaited)
    from lg_magics.follow.tracked_run import seen

    return bool(getattr(seen(result), "is_awaited", False))


def _open(result: Result) -> None:
    from lg_magics.ipython.current import current
    from lg_magics.ipython.live_graph import show_graph
    from lg_magics.ipython.live_history import show_history
    from lg_magics.ipython.live_list import show_list
    from lg_magics.ipython.live_store import show_items

    if _is_one_of(result, ITEMS):
        show_items(cast("Items", result), current())
    elif _is_one_of(result, GRAPH):
        show_graph(cast("Graph", result))
    elif _is_one_of(result, TABLE):
        show_list(cast("Table", result), current())
    else:
        show_history(cast("History", result), current())


def _has_card(result: Any) -> bool:
    """Whether a live result was launched to be watched on a card."""
    if _is_one_of(result, BATCH):
        return True
    from lg_magics.follow.tracked_run import seen

    return seen(result).has_card


def _is_live(result: Result) -> bool:
    """Whether it may change after it was shown."""
    return _is_one_of(result, RUN, BATCH)


def _is_one_of(result: object, *names: tuple[str, str]) -> bool:
    return any((each.__module__, each.__name__) in names for each in type(result).__mro__)


def _forget_type(formatter: Any, name: tuple[str, str]) -> None:
    """Remove a type from a formatter, which has it by its name or, once it was used, by its class."""
    formatter.deferred_printers.pop(name, None)
    module = sys.modules.get(name[0])
    if module is not None:
        formatter.type_printers.pop(getattr(module, name[1]), None)


_last: Result | None = None


def write(result: Result, text: str) -> None:
    """Print a piece of text about `result`, which then counts as shown in this execution."""
    global _last
    _last = result
    sys.stdout.write(visible_text(text))
    sys.stdout.flush()


def _was_printed(result: object) -> bool:
    """Whether the last text that this execution printed was about `result`."""
    return _last is not None and result is _last


def _reset_printed() -> None:
    """Note that a new execution begins."""
    global _last
    _last = None
