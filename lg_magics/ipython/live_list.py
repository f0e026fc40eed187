"""Open lists of threads, runs and crons: rows to choose, and the panel's actions on them. Draws nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lg_magics.errors import CommandError
from lg_magics.ipython.open_view import OpenView, end_all
from lg_magics.live.live_view import Lost, Rendered, Unsubscribe
from lg_magics.live.rereads import Rereads
from lg_magics.panel.offers import do, offers
from lg_magics.panel.sections import Seen, touched_by
from lg_magics.views.bundle import bundle
from lg_magics.views.list_tree import Offer, crons_tree, row_tree, runs_tree, threads_tree
from lg_magics.views.output import LARGEST, PICTURE

if TYPE_CHECKING:
    from lg_magics.session import Session
    from lg_magics.tables.table import Table

__all__ = ["LiveList", "show_list"]

VIEWS: Mapping[str, tuple[Callable[..., Any], str]] = {
    "threads": (threads_tree, "thread_id"),
    "runs": (runs_tree, "run_id"),
    "crons": (crons_tree, "cron_id"),
}
"""For each list, its view and the column that identifies a row."""

LIVE = ("pending", "running")


def show_list(table: Table, session: Session) -> None:
    """Open a list on the page, and close the open list of the same kind."""
    LiveList(table, session).open.show(PICTURE)


class LiveList:
    """One list that is open on a page."""

    def __init__(self, table: Table, session: Session) -> None:
        self._table = table
        self._session = session
        self._connect = session.connection.deployment.typed
        self._kind = f"{table.noun.partition(' ')[0]}s"
        self._view, self._identity = VIEWS[self._kind]
        self._seen = Seen()
        self._message = ""
        self._revision = 0
        self._reads = Rereads(self._again, self._take)
        self.open = OpenView(
            self._kind,
            self._rendered,
            lambda largest: bundle(self._table, largest or LARGEST),
            actions={"do": self._do},
            reads={"detail": self._detail},
            loop=session.loop,
            subscribe=self._subscribe,
        )

    def _rendered(self) -> Rendered:
        message = " ".join(filter(None, (self._message, self._reads.failure)))
        lost = Lost(self._kind, (), self._connect)
        return Rendered(self._view(self._table, message=message, revision=self._revision), lost)

    # -- updates ------------------------------------------------------------------------------------------------

    def _subscribe(self, changed: Callable[[], None]) -> Unsubscribe:
        def read(sections: tuple[str, ...]) -> None:
            if self._kind in sections:
                self._reads.soon(changed)

        events = self._session.events
        ends = [
            events.subscribe("command", lambda command: read(touched_by(command))),
            events.subscribe("run", lambda what: read(self._seen.news_of(what))),
        ]
        return end_all(ends)

    def _again(self) -> Table:
        again = self._table.again
        return replace(again(), again=again) if again else self._table

    def _take(self, table: Table) -> None:
        self._table = table
        self._revision += 1

    # -- actions ------------------------------------------------------------------------------------------------

    def _detail(self, arguments: Mapping[str, Any]) -> object:
        row, identity = self._row(arguments.get("choice"))
        name = str(row[self._kind[:-1]])
        return {"tree": row_tree(self._table, row, identity, name, self._offers(row, name))}

    def _row(self, identity: object) -> tuple[Mapping[str, Any], str]:
        for row in self._table:
            if row[self._identity] == identity:
                return row, str(identity)
        raise CommandError("This row is not in the list any more.", hint="Choose another.")

    def _offers(self, row: Mapping[str, Any], name: str) -> list[Offer]:
        word = name.partition(" ")[0]
        return offers(self._session, self._kind, word, word, _without(self._kind, row))

    def _do(self, arguments: Mapping[str, Any]) -> None:
        _row, identity = self._row(arguments.get("id"))
        self._message = ""
        self._message = self._reads.after(do(self._session, self._kind, arguments.get("key"), identity))


def _without(kind: str, row: Mapping[str, Any]) -> set[str]:
    """The actions that a row does not have."""
    if kind == "threads":
        return {"use"} if row["current"] else set()
    if kind == "runs":
        return set() if row["status"] in LIVE else {"cancel", "wait"}
    return {"resume" if row["enabled"] else "pause"}
