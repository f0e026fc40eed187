"""A run on a page: a live card while it runs, static HTML and text when it is over. One line where nobody can click.

What is displayed is a display with an id. While the run lives it holds the widget; when it is settled it is replaced by
HTML and text alone, so that the saved notebook shows the end state without a kernel. A run that waits for a person keeps
its widget, with the form, until its thread goes on; the run that an answer on the card launches takes its place there.
A run that was rewound keeps it too, for the other runs of its cell that it can show.
"""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from IPython.display import DisplayHandle, display

from lg_magics.errors import LgError
from lg_magics.follow.run import Run
from lg_magics.ipython.busy_clicks import notify_once
from lg_magics.ipython.current import current
from lg_magics.views.card_html import card_html
from lg_magics.views.card_text import card_text
from lg_magics.views.output import output
from lg_magics.views.run_card import CardMaker, launch_line, whole_of

if TYPE_CHECKING:
    from lg_magics.ipython.host import Host

__all__ = ["LiveCard", "bundle_for_page", "run_bundle", "show_run"]

log = logging.getLogger(__name__)
INTERVAL = 0.05  # seconds between two changes on the page
SHARE = 10  # making a change may cost at most this part of the time,
LONGEST = 0.5  # but a slow one keeps the page waiting no longer than this


def show_run(run: Run, host: Host) -> None:
    """Show a run: a card on a page, where it was launched with one; text elsewhere."""
    if host.is_page and run.has_card and (run.is_waiting or not run.is_settled):
        LiveCard(run).show()
    else:
        display(run_bundle(run, numbered=host.is_attended), raw=True)


def bundle_for_page(run: Run) -> dict[str, Any]:
    """What a page itself puts into an output, to have a run's card there: it lives, or is a picture that will not change."""
    if run.is_waiting or not run.is_settled:
        return LiveCard(run).live_bundle()
    return run_bundle(run, numbered=True)


def run_bundle(run: Run, *, numbered: bool, answered: Sequence[str] = ()) -> dict[str, str]:
    """A run as it is now, in HTML and text that will not change. A live one is one line in text."""
    if run.is_settled:
        card = CardMaker(run.info).card(run.view, note=run.note, settled=True, answered=answered, again=run.again)
        return output({"text/html": card_html(card), "text/plain": card_text(card)}, whole_of(run.info))
    return output({"text/plain": launch_line(run.info, run.note, numbered=numbered)})


class LiveCard:
    """One card on a page. Changes are drawn on the background loop, at most 20 a second, the last one always.

    `run` is the one that it shows: the run that was launched, after an answer on the card the one that goes on, or another
    run of the cell that somebody wants to see.
    """

    def __init__(self, run: Run) -> None:
        from lg_magics.widgets.card import CardWidget

        self.run = run
        self._answered: dict[str, tuple[str, ...]] = {}
        self._maker = CardMaker(run.info)
        self._context = contextvars.copy_context()
        self._next_at = 0.0
        self._is_due = False
        self._is_over = False
        self._is_kept = False
        self._is_sending = False
        self._handle: DisplayHandle | None = None
        self._widget = CardWidget(self._card(), self._cancel, self._resume, self._look)

    def show(self) -> None:
        """Put it on the page, and keep it true from now on."""
        notify_once()
        bundle, metadata = self._widget._repr_mimebundle_()
        self._handle = display(bundle, raw=True, metadata=metadata, display_id=True)
        self.run.observe(self._changed)

    def live_bundle(self) -> dict[str, Any]:
        """What a page puts into an output of its own accord; kept true from now on."""
        bundle, _ = self._widget._repr_mimebundle_()
        self.run.observe(self._changed)
        return bundle

    def _card(self) -> Any:
        run = self.run
        return self._maker.card(
            run.view,
            note=run.note,
            settled=run.is_settled,
            now=time.time(),
            answered=self._answered.get(run.run_id, ()),
            can_resume=run.is_waiting,
            again=run.again,
        )

    @property
    def _has_turns(self) -> bool:
        return self.run.again is not None and self.run.again.is_rewound

    # -- what a person presses ----------------------------------------------------------------------------------

    def _cancel(self) -> None:
        self.run.request_cancel(self._widget.fail)

    def _resume(self, answers: object) -> None:
        self._work(self._send, answers)

    def _look(self, number: object) -> None:
        self._work(self._find, number)

    def _work(self, work: Callable[[object], None], what: object) -> None:
        """Do it on a thread of its own, so that it works while a cell is running."""
        threading.Thread(target=self._context.copy().run, args=(work, what), daemon=True).start()

    def _find(self, number: object) -> None:
        from lg_magics.commands.again import run_of_cell

        try:
            run = run_of_cell(current(), self.run, number)
        except Exception as problem:
            log.exception("another run of the cell of %s could not be shown", self.run.number)
            self._fail(str(problem))
        else:
            self.run.loop.later(0, lambda: self._hand_over(run), self._context.copy())

    def _send(self, answers: object) -> None:
        from lg_magics.commands.answer_card import answer_card

        self._is_sending = True
        try:
            run, lines = answer_card(current(), self.run, answers)
        except LgError as problem:
            self._fail(str(problem))
        except Exception as problem:
            log.exception("answering %s on its card failed", self.run.number)
            self._fail(f"{type(problem).__name__}: {problem}")
        else:
            self._answered[run.run_id] = (*self._answered.get(self.run.run_id, ()), *lines)
            self.run.loop.later(0, lambda: self._hand_over(run), self._context.copy())

    def _fail(self, message: str) -> None:
        self._is_sending = False
        self._widget.fail(message)
        self._changed(self.run)

    def _hand_over(self, run: Run) -> None:
        """On the loop: show another run: the one that goes on, under what was asked and answered, or one of before."""
        self.run, self._maker = run, CardMaker(run.info)
        self._is_kept = self._is_sending = False
        self._widget.listen()
        run.observe(self._changed)
        self._changed(run)

    # -- what changes -------------------------------------------------------------------------------------------

    def _changed(self, run: Run) -> None:
        """Any thread: see to it that the page is drawn soon."""
        if not self._is_due:
            self._is_due = True
            run.loop.later(max(0.0, self._next_at - time.monotonic()), self._draw, self._context)

    def _draw(self) -> None:
        self._is_due = False
        if self._is_over:
            return
        began = time.monotonic()
        self._is_over = self.run.is_settled and not (self.run.is_waiting or self._is_sending or self._has_turns)
        if self.run.is_settled:
            self._keep()
        else:
            self._widget.put(self._card())
        ended = time.monotonic()
        self._next_at = ended + min(max(INTERVAL, SHARE * (ended - began)), LONGEST)

    def _keep(self) -> None:
        """Show a settled card; the notebook keeps it too, as a picture, with the widget beside it while that is needed."""
        card = self._card()
        answered = self._answered.get(self.run.run_id, ())
        picture = (
            run_bundle(self.run, numbered=True, answered=answered) if self._is_over else self._widget.picture(card)
        )
        self._widget.put(card, picture, is_over=self._is_over)
        if self._handle is None or (self._is_kept and not self._is_over):
            return
        self._is_kept = True
        bundle, metadata = (picture, {}) if self._is_over else self._widget._repr_mimebundle_()
        self._handle.update(bundle, raw=True, metadata=metadata)
