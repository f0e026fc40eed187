"""The live run card: one trait to the page, two messages back. Knows the card's JSON; knows no run and no server.

What travels: the trait `card` to the page; `{"action": "cancel"}` from it, or `{"action": "resume", "answers": […]}`, with an
`{"interrupt_id", "kind", "value"}` for each question, or `{"action": "look", "number"}` for another run of the card's cell;
`{"action": "failed", "message"}` to it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, cast

import traitlets

from lg_magics.views.built import built
from lg_magics.views.card import Card
from lg_magics.views.card_html import card_html
from lg_magics.views.card_text import card_text
from lg_magics.views.output import PICTURE, output
from lg_magics.widgets.comm_thread import hear_while_busy
from lg_magics.widgets.live import LiveWidget

__all__ = ["CardWidget"]


class CardWidget(LiveWidget):
    """A run card that lives on a page.

    Set `card` from one thread at a time; each time is one message to the page.

    Args:
        card: What to show first.
        on_cancel: Called when somebody presses Cancel, on the kernel's main thread or on one of its subshells. It
            must return at once; it is not called again before `fail`.
        on_resume: Called likewise with what the page says are answers: any JSON.
        on_look: Called likewise with which run of the cell is to be shown: any JSON.

    Raises:
        LgError: The front end was not built (when this module is imported).
    """

    _esm = built("card.js")
    _css = built("card.css")
    kind = "card"
    view_trait = "card"
    card = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        card: Card,
        on_cancel: Callable[[], None],
        on_resume: Callable[[object], None] = lambda answers: None,
        on_look: Callable[[object], None] = lambda number: None,
    ) -> None:
        super().__init__(card=card)
        self._do: dict[str, Callable[[dict[str, object]], None]] = {
            "cancel": lambda content: on_cancel(),
            "resume": lambda content: on_resume(content.get("answers")),
            "look": lambda content: on_look(content.get("number")),
        }
        self._asked = {action: threading.Lock() for action in self._do}
        hear_while_busy(self.comm)
        self.on_msg(self._hear)

    def fail(self, message: str) -> None:
        """Say on the card that what was asked for could not be done, and let it be asked for again."""
        self.listen()
        self.send({"action": "failed", "message": message})

    def listen(self) -> None:
        """Let everything be asked for, once."""
        for asked in self._asked.values():
            if asked.locked():
                asked.release()

    @staticmethod
    def picture(card: Card) -> dict[str, str]:
        """A card as HTML and text, to stand beside its JSON: the SDK code is in that already, and not saved twice."""
        return output(
            {"text/html": card_html({**card, "code": ""}), "text/plain": card_text(card)}, card.get("rest", ""), PICTURE
        )

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The live view, and beside it what a page without a kernel shows."""
        bundle, metadata = super()._repr_mimebundle_()
        return {**bundle, **self.picture(cast(Card, self.card))}, metadata

    def _hear(self, _widget: object, content: Any, _buffers: object) -> None:
        """A message from the page: any thread, any content, any number of times."""
        action = content.get("action") if isinstance(content, dict) else None
        if not isinstance(action, str) or action not in self._do or not self._asked[action].acquire(blocking=False):
            return
        try:
            self._do[action](content)
        except Exception as error:  # noqa: BLE001 - the edge: it is told to the person who pressed
            self.fail(str(error))
