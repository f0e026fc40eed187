"""A batch on a page: a live card while it runs, static HTML and text when it is over. One line where there is no page.

The card is a display with an id. A batch keeps its widget at its end, so that its rows can be opened and failed runs retried.
The bundle also has HTML and text of that end, which a page without the kernel shows.
"""

from __future__ import annotations

import contextvars
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from IPython.display import DisplayHandle, display

from lg_magics.errors import AlreadyEnded
from lg_magics.follow.batch import Batch
from lg_magics.ipython.current import current
from lg_magics.ipython.host import notify_once
from lg_magics.ipython.live_output import show_live
from lg_magics.live.live_view import LiveView, Lost, Rendered
from lg_magics.views.batch_card import BatchCard, batch_card, batch_text, begun_line
from lg_magics.views.batch_tree import batch_tree, row_text, searchable
from lg_magics.views.frame_tree import note, without_controls
from lg_magics.views.output import PICTURE, output
from lg_magics.views.run_card import CardMaker
from lg_magics.views.run_tree import run_tree
from lg_magics.views.saved import saved_html

if TYPE_CHECKING:
    from lg_magics.ipython.host import Host

__all__ = ["LiveBatch", "batch_bundle", "show_batch"]

FOUND = 100
AT_LEAST_EVERY = 2.0  # seconds between two updates while it runs: the estimate of the remaining time grows stale


def show_batch(batch: Batch, host: Host) -> bool:
    """Show a batch: a card on a page, text elsewhere.

    Returns:
        Whether its end is shown, now or later on the card.
    """
    if host.is_page:
        LiveBatch(batch).show()
        return True
    bundle = batch_bundle(batch, numbered=host.is_attended)
    display(bundle, raw=True)
    return "text/html" in bundle


def batch_bundle(batch: Batch, *, numbered: bool) -> dict[str, str]:
    """A batch as it is now, in HTML and text that will not change. A live one is one line in text."""
    if batch.is_settled:
        card = _card(batch)
        return output({"text/html": saved_html(batch_tree(card)), "text/plain": batch_text(card)})
    return output({"text/plain": begun_line(len(batch), list(batch.plan.assistants), batch.id if numbered else "")})


def _card(batch: Batch, found: Sequence[int] | None = None) -> BatchCard:
    """The card now, with the runs at the places that a search `found`, if there was one."""
    plan, deployment, view = batch.plan, batch.connection.deployment, batch.view
    if found is not None:
        view = replace(view, rows=tuple(batch.rows_at(found[:FOUND])))
    return batch_card(
        view,
        id=batch.id,
        deployment=deployment.name,
        assistants=list(plan.assistants),
        source=plan.title,
        size=plan.size,
        now=time.time(),
        is_protected=deployment.protect,
        can_attach=batch.can_attach,
        can_retry=batch.can_retry,
        found=None if found is None else len(found),
    )


class LiveBatch:
    """One card on a page."""

    def __init__(self, batch: Batch) -> None:
        from lg_magics.widgets.view import ViewWidget

        self.batch = batch
        self._context = contextvars.copy_context()
        self._was_settled: bool | None = None
        self._found: Sequence[int] | None = None
        self._handle: DisplayHandle | None = None
        actions = {"cancel": self._cancel, "retry": self._retry, "find": self._find}
        reads = {"row": self._row}
        self._live = LiveView(self._rendered, actions, batch.loop, self._subscribe, reads=reads, after=self._keep)
        self._widget = ViewWidget(self._live.envelope(), self._live.receive, opens=False)

    def show(self) -> None:
        """Show the card on the page, and update it from now on."""
        self._handle = show_live(self._widget, self._picture())
        self._live.open(self._widget)
        self._render_again()
        notify_once()

    # -- rendering ----------------------------------------------------------------------------------------------

    def _subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
        return self.batch.observe(lambda _: changed())

    def _render_again(self) -> None:
        """Render every AT_LEAST_EVERY seconds even if nothing has changed, until the batch is over."""
        if not self.batch.is_settled:
            self._live.changed()
            self.batch.loop.later(AT_LEAST_EVERY, self._render_again, self._context)

    def _rendered(self) -> Rendered:
        return Rendered(batch_tree(_card(self.batch, self._found)), self._lost())

    def _lost(self) -> Lost | None:
        command = "retry" if self.batch.can_retry and self.batch.is_settled else "batch"
        return Lost(command, (self.batch.id,) if self.batch.can_attach else (), self.batch.connection.deployment.typed)

    def _picture(self) -> dict[str, str]:
        card = _card(self.batch)
        tree = batch_tree(card, is_picture=not card.is_settled)
        return output({"text/html": saved_html(tree), "text/plain": batch_text(card)}, largest=PICTURE)

    # -- the saved output ---------------------------------------------------------------------------------------

    def _keep(self) -> None:
        """After each rendering: save a static picture of a settled batch beside the widget."""
        is_settled = self.batch.is_settled
        if not is_settled and not self._widget.kept:
            return
        self._widget.keep(self._picture() if is_settled else {}, is_over=False)
        before, self._was_settled = self._was_settled, is_settled
        if before != is_settled:
            self._put(*self._widget.bundle(self._picture()))
            self._render_again()

    def _put(self, bundle: dict[str, Any], metadata: dict[str, Any]) -> None:
        if self._handle is not None:
            self._context.copy().run(lambda handle: handle.update(bundle, raw=True, metadata=metadata), self._handle)

    def _row(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The card of one run, without controls."""
        place = arguments.get("place")
        run = self.batch.run_at(place) if isinstance(place, int) else None
        if run is None:
            return {"tree": note("It was not launched.")}
        card = CardMaker(run.info).card(run.view, note=run.note, settled=run.is_settled)
        return {"tree": without_controls(run_tree(card, with_code=False))}

    # -- actions ------------------------------------------------------------------------------------------------

    def _find(self, arguments: Mapping[str, Any]) -> None:
        """Search all runs for a text, as the page does in those that it has; an empty text shows the newest again."""
        form = arguments.get("form")
        text = searchable(str(form.get("find") or "")) if isinstance(form, Mapping) else ""
        rows = self.batch.rows_at(range(len(self.batch)))
        self._found = [row.place for row in rows if text in row_text(row)] if text else None

    def _cancel(self, _: Mapping[str, Any]) -> None:
        try:
            self.batch.cancel()
        except AlreadyEnded:
            pass  # the card shows its end
        finally:
            current().events.emit("command", "cancel")

    def _retry(self, _: Mapping[str, Any]) -> None:
        try:
            self.batch.retry()
        finally:
            current().events.emit("command", "batch")
