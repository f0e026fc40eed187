"""A page of the panel without a browser: it has the tree, asks for what stands in open sections, and presses buttons."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lg_magics.ipython.live_card import reattach
from lg_magics.live.live_view import LiveView
from lg_magics.panel.live_panel import LivePanel
from lg_magics.session import Session
from lg_magics.views.node import Node, attributes_of, nodes_in, text_in

SECONDS = 60.0


@dataclass(frozen=True)
class Row:
    """A row as a page has it: what it is called there, its two lines, and its node."""

    handle: str
    title: str
    about: str
    node: Node

    @property
    def quick(self) -> list[str]:
        """The buttons that need no open row."""
        return [text_in(each) for each in nodes_in(self.node) if attributes_of(each).get("key") in ("quick", "cancel")]


class Page:
    """A page that asks, and keeps what it is sent."""

    def __init__(self, session: Session) -> None:
        self._panel = panel = LivePanel(session, {"reattach": reattach}, can_show=True)
        self.live = LiveView(panel.rendered, panel.actions, session.loop, panel.subscribe, reads=panel.reads)
        self.updates = 0
        self._answers: dict[str, dict[str, Any]] = {}
        self._came = threading.Condition()
        self._ids = map(str, itertools.count())
        self.live.open(self)

    # -- the channel ----------------------------------------------------------------------------------------------

    def update(self, base: int, version: int, at: float, made: list[Any], view: dict[str, Any]) -> None:
        with self._came:
            self.updates += 1
            self._came.notify_all()

    def send(self, data: dict[str, Any]) -> None:
        json.dumps(data)
        with self._came:
            self._answers[data["id"]] = data
            self._came.notify_all()

    # -- requests -------------------------------------------------------------------------------------------------

    def begin(self, command: str, **arguments: Any) -> str:
        """Send a request."""
        identity = next(self._ids)
        self.live.receive({"id": identity, "protocol": 1, "command": command, "arguments": arguments})
        return identity

    def answer(self, identity: str) -> dict[str, Any]:
        """What came of it, waited for."""
        with self._came:
            assert self._came.wait_for(lambda: identity in self._answers, SECONDS)
            return self._answers[identity]

    def has_answered(self, identity: str) -> bool:
        with self._came:
            return identity in self._answers

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        return self.answer(self.begin(command, **arguments))

    def get(self, command: str, **arguments: Any) -> Any:
        answer = self.ask(command, **arguments)
        assert answer["ok"], answer
        return answer["result"]

    def refused(self, command: str, **arguments: Any) -> str:
        answer = self.ask(command, **arguments)
        assert not answer["ok"], answer
        return " ".join(filter(None, (answer["error"]["message"], answer["error"]["hint"])))

    # -- what is seen ---------------------------------------------------------------------------------------------

    @property
    def tree(self) -> Node:
        """The panel, without what a page asks for."""
        return self.live.rendered.tree

    @property
    def said(self) -> str:
        return next((text_in(each) for each in nodes_in(self.tree) if attributes_of(each).get("key") == "message"), "")

    @property
    def failure(self) -> str:
        return next((text_in(each) for each in nodes_in(self.tree) if attributes_of(each).get("role") == "alert"), "")

    def until(self, is_true: Callable[[], bool]) -> None:
        """Wait for updates until something is so."""
        with self._came:
            assert self._came.wait_for(is_true, SECONDS)

    def head(self, name: str) -> Node:
        """A section as it stands in the tree."""
        found = [each for each in nodes_in(self.tree) if each[0] == "section" and attributes_of(each)["key"] == name]
        assert len(found) == 1, name
        return found[0]

    def counted(self, name: str) -> str:
        return next(text_in(each) for each in nodes_in(self.head(name)) if "lg-counted" in _class(each))

    def asks(self, name: str) -> dict[str, Any]:
        """What a page asks with for the rows of a section."""
        given = [attributes_of(each) for each in nodes_in(self.head(name))]
        return next(json.loads(each["data-args"]) for each in given if each.get("data-lazy") == "section")

    def section(self, name: str) -> Node:
        """A section with its rows."""
        return self.head(name) if name in ("runs", "deployment") else self.get("section", **self.asks(name))["tree"]

    def rows(self, name: str) -> list[Row]:
        return [_row(each) for each in nodes_in(self.section(name)) if "lg-row" in _class(each).split()]

    def row(self, name: str, identity: str) -> Row:
        """The row of the thing with this id."""
        (found,) = [each for each in self.rows(name) if self.id_of(each) == identity]
        return found

    def id_of(self, row: Row) -> str:
        """The id of what a row is about."""
        return self._panel._row(row.handle)[2].id

    def buttons(self, row: Row) -> dict[str, Mapping[str, str]]:
        """What can be pressed on an open row, by what it says."""
        tree = self.get("detail", choice=row.handle, revision=0)["tree"]
        return {text_in(each): attributes_of(each) for each in nodes_in(tree) if each[0] == "button"}

    def do(self, name: str, identity: str, key: str) -> str:
        """Press a button of a row; return the message."""
        self.get("do", row=self.row(name, identity).handle, key=key)
        return self.said

    def form(self, row: Row) -> dict[str, Any]:
        """What the button of a form sends along."""
        tree = self.get("detail", choice=row.handle, revision=0)["tree"]
        given = next(attributes_of(each) for each in nodes_in(tree) if attributes_of(each).get("data-act") == "answer")
        return dict(json.loads(given["data-args"]))


def _class(node: Node) -> str:
    return attributes_of(node).get("class", "")


def _row(node: Node) -> Row:
    head = next(each for each in nodes_in(node) if "lg-rowhead" in _class(each))
    title, about = (next(text_in(each) for each in nodes_in(head) if each[0] == tag) for tag in ("b", "span"))
    return Row(attributes_of(node)["key"], title, about, node)


@contextmanager
def page_of(session: Session) -> Iterator[Page]:
    """A page, until the end of the block."""
    page = Page(session)
    try:
        yield page
    finally:
        page.live.close()
