"""The panel of one page, with its content and actions. Depends on the session; knows no comm and no widget.

The page requests the rows of a section when it is expanded; other sections are not read. The result of a request is
shown at the top, because its row may be gone by then.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from lg_magics.actions.answer_card import answer_thread, line_for_thread
from lg_magics.errors import CommandError, LgError
from lg_magics.follow.batch import Batch
from lg_magics.follow.run import Run
from lg_magics.live.live_view import Action, Lost, Rendered, Unsubscribe
from lg_magics.panel.actions import ACTIONS
from lg_magics.panel.lists import checkpoints
from lg_magics.panel.offers import do, do_for_all, offer, offers, tools
from lg_magics.panel.section_state import MOST, SectionState
from lg_magics.panel.sections import SECTIONS, Seen, touched_by, where
from lg_magics.session import Session
from lg_magics.views.list_tree import Offer
from lg_magics.views.node import Node, node
from lg_magics.views.panel_row import PanelRow, checkpoints_tree, open_row
from lg_magics.views.panel_tree import SectionHead, panel_tree, rows_tree

__all__ = ["LivePanel", "Query"]

Query = Callable[[Session, Mapping[str, Any]], object]


class LivePanel:
    """The panel of one page.

    Attributes:
        actions: the user's actions, by name.
        reads: what the page can request, likewise.

    Args:
        session: The panel's session.
        more: Actions that need a notebook.
        can_show: Whether the page can scroll to a cell.
    """

    def __init__(self, session: Session, more: Mapping[str, Query] | None = None, *, can_show: bool = False) -> None:
        self._session = session
        self._can_show = can_show
        self._seen = Seen()
        self._sections = {each.name: SectionState(each) for each in SECTIONS}
        self._place = ""
        self._message = self._failure = ""
        self._failed = ("", "")
        self._changed: Callable[[], None] = lambda: None
        self.actions: Mapping[str, Action] = {
            "refresh": self._refresh,
            "do": self._do,
            "more": self._more,
            "answer": self._answer,
            "line": self._line,
            **{name: partial(query, session) for name, query in (more or {}).items()},
        }
        self.reads: Mapping[str, Action] = {
            "section": self._section,
            "detail": self._detail,
            "checkpoints": self._checkpoints,
        }

    # -- rendering ----------------------------------------------------------------------------------------------

    def rendered(self) -> Rendered:
        """Return what the panel shows now."""
        found = where(self._session)
        self._begin_at(found.url if found else "")
        heads = [self._head(each) for each in self._sections.values()] if found else []
        return Rendered(panel_tree(found, heads, message=self._message, failure=self._failure), Lost("panel"))

    def _begin_at(self, place: str) -> None:
        """Clear all rows when the deployment changes."""
        if place != self._place:
            self._place = place
            for each in self._sections.values():
                each.begin()

    def _head(self, state: SectionState) -> SectionHead:
        section = state.section
        rows = None
        if section.is_own:
            self._read(state)
            rows = self._rows_tree(state)
        awaits = section.awaits.replace("{}", self._session.connection.deployment.name)
        place = f"rows of {self._place}"
        return SectionHead(
            section.name, section.title, state.counted, section.is_open, awaits, place, state.revision, rows
        )

    def _rows_tree(self, state: SectionState) -> Node:
        section, listed, session = state.section, state.listed, self._session
        quick = {
            handle: offer(session, row.quick, ACTIONS[section.name][row.quick], row.word, row.name)
            for handle, row in state.rows.items()
            if row.quick
        }
        return rows_tree(
            section.name,
            section.title,
            state.rows,
            none=section.none,
            revision=state.revision,
            offers=quick,
            tools=tools(session, section.name) if section.name != "runs" or quick else (),
            note_=listed.note,
            can_list_more=not listed.is_whole and state.limit < MOST,
        )

    # -- changes ------------------------------------------------------------------------------------------------

    def subscribe(self, changed: Callable[[], None]) -> Unsubscribe:
        """Call `changed` whenever something may have changed; return a function that unsubscribes."""

        def happened(what: Run | Batch) -> None:
            self._touch(self._seen.news_of(what))

        self._changed = changed
        events = self._session.events
        ends = (
            events.subscribe("command", lambda command: self._touch(touched_by(command))),
            events.subscribe("run", happened),
            events.subscribe("crons", changed),
        )

        def end() -> None:
            for each in ends:
                each()

        return end

    def _touch(self, names: Sequence[str]) -> None:
        """Mark these sections as changed."""
        for name in names:
            state = self._sections.get(name)
            if state is None or (wait := state.touch()) == 0.0:
                self._changed()
            elif wait is not None:
                self._session.loop.later(wait, partial(self._due, state), contextvars.Context())

    def _due(self, state: SectionState) -> None:
        state.due()
        self._changed()

    def _read(self, state: SectionState) -> None:
        """Read the rows. A failure whose row is gone is shown at the top, until the row is back."""
        reading = state.reading()
        is_kept = state.keep(state.section.read(self._session, state.limit), reading)
        handle, words = self._failed
        if is_kept and handle.startswith(state.prefix):
            self._failure = "" if handle in state.rows else words

    # -- requests of a page -------------------------------------------------------------------------------------

    def _section(self, arguments: Mapping[str, Any]) -> object:
        state = self._state(arguments.get("name"))
        try:
            self._read(state)
        except LgError as problem:
            return {"tree": node("p", _words(problem), class_="lg-none")}
        self._changed()
        return {"tree": self._rows_tree(state)}

    def _detail(self, arguments: Mapping[str, Any]) -> object:
        state, handle, row = self._row(arguments.get("choice"))
        kind = row.kind or state.section.name
        found = offers(self._session, kind, row.word, row.name, row.without)
        return {
            "line": f"%lg_state -t {row.word}" if kind in ("threads", "waiting") else "",
            "tree": open_row(
                handle,
                row,
                found,
                revision=state.revision,
                can_show=self._can_show,
                can_fork=kind == "threads",
            ),
        }

    def _checkpoints(self, arguments: Mapping[str, Any]) -> object:
        _, handle, row = self._row(arguments.get("row"))
        points, note = checkpoints(self._session, row.id)
        fork = ACTIONS["checkpoints"]["fork"]
        name = row.name
        made: list[tuple[str, str, str, Offer]] = [
            (each.id, each.name, each.text, offer(self._session, "fork", fork, each.word, f"{each.name} of {name}"))
            for each in points
        ]
        return {"tree": checkpoints_tree(handle, made, note)}

    def _state(self, name: object) -> SectionState:
        state = self._sections.get(name) if isinstance(name, str) else None
        if state is None:
            raise CommandError(f"There is no section {str(name)[:80]!r}.")
        return state

    def _row(self, handle: object) -> tuple[SectionState, str, PanelRow]:
        for state in self._sections.values():
            if isinstance(handle, str) and (row := state.rows.get(handle)):
                return state, handle, row
        raise CommandError("This row is not in the panel any more.")

    # -- actions ------------------------------------------------------------------------------------------------

    def _do(self, arguments: Mapping[str, Any]) -> None:
        self._clear()
        key, handle, point = (arguments.get(name) for name in ("key", "row", "point"))
        if handle is None:
            self._message = do_for_all(self._session, self._state(arguments.get("name")).section.name, key)
            return
        state, handle, row = self._row(handle)
        with self._noting_failure(state, handle):
            if point is not None:
                self._message = do(self._session, "checkpoints", key, str(point), row.id)
            else:
                self._message = do(self._session, row.kind or state.section.name, key, row.id)

    def _answer(self, arguments: Mapping[str, Any]) -> None:
        self._clear()
        state, handle, row = self._row(arguments.get("row"))
        again = arguments.get("again") is True
        mark = str(arguments.get("mark"))
        with self._noting_failure(state, handle):
            try:
                run = answer_thread(self._session, row.id, mark, arguments.get("form"), again=again)
            finally:
                self._session.events.emit("command", "resume")
            self._message = f"Answered: {run.number} goes on."

    def _line(self, arguments: Mapping[str, Any]) -> object:
        _, _, row = self._row(arguments.get("row"))
        questions = [each.interrupt for each in row.questions]
        return {"insert": line_for_thread(row.word, questions, arguments.get("form"))}

    def _more(self, arguments: Mapping[str, Any]) -> None:
        state = self._state(arguments.get("name"))
        state.limit = MOST
        state.due()

    def _refresh(self, _: Mapping[str, Any]) -> None:
        self._clear()
        for state in self._sections.values():
            state.due()

    def _clear(self) -> None:
        """Remove what came of the last request."""
        self._message = self._failure = ""
        self._failed = ("", "")

    @contextlib.contextmanager
    def _noting_failure(self, state: SectionState, handle: str) -> Iterator[None]:
        """Show a failure at its row, which is then read again."""
        try:
            yield
        except LgError as problem:
            self._failed = (handle, _words(problem))
            state.due()
            raise


def _words(problem: LgError) -> str:
    return " ".join(filter(None, (problem.message, problem.hint)))
