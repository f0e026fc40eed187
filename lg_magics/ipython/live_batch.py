"""A batch on a page: a live card while it goes on, static HTML and text when it is over. One line where nobody can click.

As with a run's card, what is displayed is a display with an id. A batch with runs that failed keeps its widget at its end, so
that they can be done again there; beside it stand the HTML and the text of that end.
"""

from __future__ import annotations

import contextvars
import time
from typing import TYPE_CHECKING

from IPython.display import DisplayHandle, display

from lg_magics.follow.batch import Batch
from lg_magics.ipython.busy_clicks import notify_once
from lg_magics.live.live_view import INTERVAL, LONGEST, SHARE
from lg_magics.views.batch_card import BatchCard, batch_card, begun_line
from lg_magics.views.batch_html import batch_html
from lg_magics.views.batch_text import batch_text
from lg_magics.views.output import output

if TYPE_CHECKING:
    from lg_magics.ipython.host import Host

__all__ = ["LiveBatch", "batch_bundle", "show_batch"]

AT_LEAST_EVERY = 2.0  # seconds between two changes while it goes on: what is left of its time is a guess that ages


def show_batch(batch: Batch, host: Host) -> None:
    """Show a batch: a card on a page, text elsewhere."""
    if host.is_page and (batch.can_retry or not batch.is_settled):
        LiveBatch(batch).show()
    else:
        display(batch_bundle(batch, numbered=host.is_attended), raw=True)


def batch_bundle(batch: Batch, *, numbered: bool) -> dict[str, str]:
    """A batch as it is now, in HTML and text that will not change. A live one is one line in text."""
    if batch.is_settled:
        card = _card(batch)
        return output({"text/html": batch_html(card), "text/plain": batch_text(card)})
    return output({"text/plain": begun_line(len(batch), list(batch.plan.assistants), batch.id if numbered else "")})


def _card(batch: Batch) -> BatchCard:
    plan, deployment = batch.plan, batch.connection.deployment
    return batch_card(
        batch.view,
        id=batch.id,
        deployment=deployment.name,
        assistants=list(plan.assistants),
        source=plan.source,
        now=time.time(),
        is_protected=deployment.protect,
        can_attach=batch.can_attach,
        can_retry=batch.can_retry,
    )


class LiveBatch:
    """One card on a page. Changes are drawn on the background loop, at most 20 a second, the last one always."""

    def __init__(self, batch: Batch) -> None:
        from lg_magics.widgets.batch import BatchWidget

        self.batch = batch
        self._context = contextvars.copy_context()
        self._next_at = 0.0
        self._is_due = False
        self._was_settled = batch.is_settled
        self._handle: DisplayHandle | None = None
        self._widget = BatchWidget(
            _card(batch),
            lambda: batch.request_cancel(self._widget.fail),
            lambda: batch.request_retry(self._widget.fail),
        )

    def show(self) -> None:
        """Put it on the page, and keep it true from now on."""
        notify_once()
        bundle, metadata = self._widget._repr_mimebundle_()
        self._handle = display(bundle, raw=True, metadata=metadata, display_id=True)
        self.batch.observe(self._changed)
        self._look_again()

    def _look_again(self) -> None:
        """Draw now and then although nothing has changed, until all is over."""
        if not self.batch.is_settled:
            self._changed(self.batch)
            self.batch.loop.later(AT_LEAST_EVERY, self._look_again, self._context)

    def _changed(self, batch: Batch) -> None:
        """Any thread: see to it that the page is drawn soon."""
        if not self._is_due:
            self._is_due = True
            batch.loop.later(max(0.0, self._next_at - time.monotonic()), self._draw, self._context)

    def _draw(self) -> None:
        self._is_due = False
        began = time.monotonic()
        before, self._was_settled = self._was_settled, self.batch.is_settled
        self._show(_card(self.batch))
        if before != self._was_settled:
            self._put()
            self._look_again()
        ended = time.monotonic()
        self._next_at = ended + min(max(INTERVAL, SHARE * (ended - began)), LONGEST)

    def _show(self, card: BatchCard) -> None:
        """Show a card on the page; when it is settled, its picture is what the notebook keeps."""
        picture = self._widget.picture(card) if self.batch.is_settled else None
        self._widget.put(card, picture, is_over=self._is_over)

    @property
    def _is_over(self) -> bool:
        return self.batch.is_settled and not self.batch.can_retry

    def _put(self) -> None:
        """Put into the notebook what can still be pressed, with a picture beside it; else the picture alone."""
        if self._handle is None:
            return
        if self._is_over:
            self._handle.update(batch_bundle(self.batch, numbered=True), raw=True)
        else:
            bundle, metadata = self._widget._repr_mimebundle_()
            self._handle.update(bundle, raw=True, metadata=metadata)
