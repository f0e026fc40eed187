"""The live card of a batch: one trait to the page, two messages back. Knows the card's JSON; knows no batch and no server.

What travels: the trait `card` to the page; `{"action": "cancel"}` or `{"action": "retry"}` from it; `{"action": "failed",
"message"}` to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import traitlets

from lg_magics.views.batch_card import BatchCard
from lg_magics.views.batch_html import batch_html
from lg_magics.views.batch_text import batch_text
from lg_magics.views.built import built
from lg_magics.views.output import PICTURE, output
from lg_magics.widgets.comm_thread import hear_while_busy
from lg_magics.widgets.live import LiveWidget

__all__ = ["BatchWidget"]


class BatchWidget(LiveWidget):
    """A batch's card that lives on a page. Set `card` from one thread at a time; each time is one message to the page.

    Args:
        card: What to show first.
        on_cancel: Called when somebody has pressed Cancel all and said yes, on the kernel's main thread or on one of its
            subshells. It must return at once, and may be called twice.
        on_retry: Called likewise when somebody presses Retry failed.

    Raises:
        LgError: The front end was not built (when this module is imported).
    """

    _esm = built("batch.js")
    _css = built("card.css") + built("batch.css")
    kind = "batch"
    view_trait = "card"
    card = traitlets.Dict().tag(sync=True)

    def __init__(self, card: BatchCard, on_cancel: Callable[[], None], on_retry: Callable[[], None]) -> None:
        super().__init__(card=card)
        self._do = {"cancel": on_cancel, "retry": on_retry}
        hear_while_busy(self.comm)
        self.on_msg(self._hear)

    def fail(self, message: str) -> None:
        """Say on the card that what was asked for could not be done."""
        self.send({"action": "failed", "message": message})

    @staticmethod
    def picture(card: BatchCard) -> dict[str, str]:
        """A card as HTML and text."""
        return output({"text/html": batch_html(card), "text/plain": batch_text(card)}, largest=PICTURE)

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The live view, and beside it what a page without a kernel shows."""
        bundle, metadata = super()._repr_mimebundle_()
        return {**bundle, **self.picture(cast(BatchCard, self.card))}, metadata

    def _hear(self, _widget: object, content: Any, _buffers: object) -> None:
        """A message from the page: any thread, any content, any number of times."""
        action = content.get("action") if isinstance(content, dict) else None
        if not isinstance(action, str) or action not in self._do:
            return
        try:
            self._do[action]()
        except Exception as error:  # noqa: BLE001 - the edge: it is told to the person who pressed
            self.fail(str(error))
