"""A run on a page: a live card while it runs, static HTML and text when it is over. One line where there is no page.

The card is a display with an id. While the run is live, it holds the widget. When the run is settled, HTML and text replace the
widget, so that the saved notebook shows the end state without a kernel. A run that waits for a person keeps its widget, with the
form, until its thread goes on; the run that an answer launches replaces it on the card. A rewound run keeps the widget too,
because its card can show the other runs of its cell.
"""

from __future__ import annotations

import contextvars
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IPython.display import DisplayHandle, display

from lg_magics.errors import AlreadyEnded, CommandError, LgError
from lg_magics.follow.run import Run
from lg_magics.follow.tracked_run import TrackedRun, seen, tracked
from lg_magics.ipython.current import current
from lg_magics.ipython.host import notify_once
from lg_magics.ipython.live_output import show_live
from lg_magics.live.live_view import Action, LiveView, Lost, Rendered
from lg_magics.views.card_text import card_text
from lg_magics.views.node import node
from lg_magics.views.output import PICTURE, output
from lg_magics.views.run_card import CardMaker, RunCard, launch_line, whole_of
from lg_magics.views.run_rows import step_tree
from lg_magics.views.run_tree import run_tree
from lg_magics.views.saved import saved_html

if TYPE_CHECKING:
    from lg_magics.ipython.host import Host
    from lg_magics.session import Session

__all__ = ["LiveCard", "bundle_for_page", "reattach", "run_bundle", "show_run"]


def show_run(run: Run, host: Host) -> bool:
    """Show a run: a card on a page, where it was launched with one; text elsewhere.

    Returns:
        Whether its end is shown, now or later on the card.
    """
    held = seen(run)
    if host.is_page and isinstance(held, TrackedRun) and held.has_card and (run.is_waiting or not run.is_settled):
        LiveCard(run).show()
        return True
    bundle = run_bundle(run, numbered=host.is_attended)
    display(bundle, raw=True)
    return "text/html" in bundle


def bundle_for_page(run: Run) -> dict[str, Any]:
    """The bundle of a reattached output: a live card, or HTML and text of a run that will not change."""
    if run.is_waiting or not run.is_settled:
        return LiveCard(run).live_bundle()
    return run_bundle(run, numbered=True)


def run_bundle(run: Run, *, numbered: bool, answered: Sequence[str] = ()) -> dict[str, str]:
    """A run as it is now, in HTML and text that will not change. A live one is one line in text."""
    if run.is_settled:
        card = CardMaker(run.info).card(run.view, note=run.note, settled=True, answered=answered, again=seen(run).rerun)
        return output({"text/html": saved_html(run_tree(card)), "text/plain": card_text(card)}, whole_of(run.info))
    return output({"text/plain": launch_line(run.info, run.note, numbered=numbered)})


class LiveCard:
    """One card on a page.

    `run` is the run that it shows: the launched run, the run that an answer on the card launched, or another run of the cell
    that a person chose.
    """

    def __init__(self, run: Run) -> None:
        from lg_magics.widgets.view import ViewWidget

        self.run = run
        self._answered: dict[str, tuple[str, ...]] = {}
        self._maker = CardMaker(run.info)
        self._context = contextvars.copy_context()
        self._is_kept = False
        self._is_sending = False
        self._handle: DisplayHandle | None = None
        actions: dict[str, Action] = {
            "cancel": self._cancel,
            "resume": self._resume,
            "line": self._line,
            "look": self._show_run_of_cell,
            "again": self._run_again,
        }
        reads: dict[str, Action] = {"step": self._step}
        self._live = LiveView(
            self._rendered,
            actions,
            tracked(run).loop,
            self._subscribe,
            reads=reads,
            after=self._keep,
            clock=self._now,
        )
        self._widget = ViewWidget(self._live.envelope(), self._live.receive, opens=False)

    def show(self) -> None:
        """Show the card on the page, and update it from now on."""
        self._handle = show_live(self._widget, self._picture())
        self._live.open(self._widget)
        notify_once()

    def live_bundle(self) -> dict[str, Any]:
        """The bundle that a page puts into an output itself; updated from now on."""
        self._widget.open()
        bundle, _ = self._widget.bundle(self._picture())
        self._live.open(self._widget)
        return bundle

    # -- rendering ----------------------------------------------------------------------------------------------

    def _subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
        return tracked(self.run).observe(lambda _: changed())

    def _now(self) -> float:
        """The current time by the clock of the deployment, which dates the run and its steps."""
        return time.time() + tracked(self.run).connection.ahead

    def _card(self) -> RunCard:
        run = self.run
        return self._maker.card(
            run.view,
            note=run.note,
            settled=run.is_settled,
            now=self._now(),
            answered=self._answered.get(run.run_id, ()),
            can_resume=run.is_waiting,
            again=tracked(run).rerun,
            can_run_again=tracked(run).can_run_again,
        )

    def _rendered(self) -> Rendered:
        return Rendered(run_tree(self._card()), self._lost())

    def _lost(self) -> Lost | None:
        run = self.run
        if run.is_settled and not run.is_waiting:
            return None
        ids = () if run.info.is_stateless else (run.thread_id, run.run_id)
        return Lost("resume" if run.is_waiting else "attach", ids, tracked(run).connection.deployment.typed)

    def _picture(self) -> dict[str, str]:
        """The card as HTML and text, saved beside its tree. The tree has the SDK code, which is not saved twice."""
        card = self._card()
        tree = run_tree(card, with_code=False, is_picture=not card.is_settled)
        return output({"text/html": saved_html(tree), "text/plain": card_text(card)}, card.rest, PICTURE)

    # -- the saved output ---------------------------------------------------------------------------------------

    @property
    def _is_over(self) -> bool:
        rerun = tracked(self.run).rerun
        has_turns = rerun is not None and rerun.is_rewound
        return self.run.is_settled and not (
            self.run.is_waiting or tracked(self.run).can_run_again or self._is_sending or has_turns
        )

    def _keep(self) -> None:
        """After each rendering: save a static picture of a settled run, beside the widget while that is needed."""
        if not self.run.is_settled:
            if self._widget.kept:
                self._widget.keep({}, is_over=False)
            return
        is_over = self._is_over
        answered = self._answered.get(self.run.run_id, ())
        picture = run_bundle(self.run, numbered=True, answered=answered) if is_over else self._picture()
        self._widget.keep(picture, is_over=is_over)
        if is_over:
            self._live.close()
        if self._handle is not None and (is_over or not self._is_kept):
            self._is_kept = True
            bundle, metadata = (picture, {}) if is_over else self._widget.bundle(picture)
            self._context.copy().run(lambda handle: handle.update(bundle, raw=True, metadata=metadata), self._handle)
            if is_over:
                self._widget.release()

    # -- actions ------------------------------------------------------------------------------------------------

    def _cancel(self, _: Mapping[str, Any]) -> None:
        try:
            self.run.cancel()
        except AlreadyEnded:
            pass  # the card shows its end
        finally:
            current().events.emit("command", "cancel")

    def _resume(self, arguments: Mapping[str, Any]) -> None:
        from lg_magics.actions.answer_card import answer_card, unsent_lines

        before, form = self.run, arguments.get("form")
        self._is_sending = True
        try:
            run, lines = answer_card(current(), before, form, again=arguments.get("again") is True)
            self._go_on_with(run, *lines)
        except LgError as problem:
            newest = current().tracker.runs_on(tracked(before).connection, before.thread_id)[-1:]
            is_other = bool(newest) and newest[0] is not before
            if is_other and not before.is_waiting:  # a recovery that could not send the answer
                self._go_on_with(newest[0], *unsent_lines(form), problem.message)
            raise
        finally:
            self._is_sending = False
            current().events.emit("command", "resume")

    def _line(self, arguments: Mapping[str, Any]) -> dict[str, str]:
        from lg_magics.actions.answer_card import line_for_card

        return {"insert": line_for_card(current(), self.run, arguments.get("form"))}

    def _step(self, arguments: Mapping[str, Any]) -> object:
        """Read what a step read and wrote, by its place in the run."""
        run, place = self.run, arguments.get("place")
        view = run.view
        known = isinstance(place, int) and 0 <= place - view.steps_dropped < len(view.steps)
        if not known or run.info.is_stateless:
            raise CommandError("The deployment keeps nothing of this step.")
        data = run.data_of(view.steps[place - view.steps_dropped])  # type: ignore[operator]
        if data is None:
            return {"tree": node("div", "The deployment keeps no checkpoint of this step.", class_="lg-note")}
        line = f"%lg_state -t {run.info.thread.number} step:{data.checkpoint}"
        return {"tree": step_tree(data.read, data.wrote, line)}

    def _run_again(self, _: Mapping[str, Any]) -> None:
        from lg_magics.actions.answer_card import run_failed_again

        self._is_sending = True
        try:
            run = run_failed_again(current(), self.run)
            self._go_on_with(run, f"Ran {self.run.number} again.")
        finally:
            self._is_sending = False
            current().events.emit("command", "run")

    def _show_run_of_cell(self, arguments: Mapping[str, Any]) -> None:
        from lg_magics.actions.cell_rerun import run_of_cell

        run = run_of_cell(current(), self.run, arguments.get("number"))
        self._live.rebind(lambda: self._show_other(run))

    def _go_on_with(self, run: Run, *lines: str) -> None:
        """Show the run that goes on, under what was asked and answered before it, and these lines."""
        self._answered[run.run_id] = (*self._answered.get(self.run.run_id, ()), *lines)
        self._live.rebind(lambda: self._show_other(run))

    def _show_other(self, run: Run) -> None:
        self.run, self._maker, self._is_kept = run, CardMaker(run.info), False


def reattach(session: Session, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The display bundle of a run's live card, or HTML and text if the run has ended.

    Args:
        session: The session that follows the run.
        arguments: The page's request: the whole ids of `run` and `thread`.

    Raises:
        CommandError: the request names no run. UnknownReference: no such run on the thread.
    """
    from lg_magics.commands.attach import attach
    from lg_magics.model.references import is_full_id

    run_id, thread_id = arguments.get("run"), arguments.get("thread")
    if not (isinstance(run_id, str) and isinstance(thread_id, str) and is_full_id(run_id) and is_full_id(thread_id)):
        raise CommandError("The page's request names no run.")
    try:
        run = attach(session, run_id, thread=thread_id)
    finally:
        session.events.emit("command", "attach")
    if not isinstance(run, Run):
        raise CommandError("The page's request names no run.")
    return {"bundle": bundle_for_page(run)}
