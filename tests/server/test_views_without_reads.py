"""Open views whose rows cannot be read again: one sentence on the page, what was saved counts as saved, and no traceback."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lg_magics import local
from lg_magics.commands import deployment, runs, state, store, threads
from lg_magics.ipython.live_history import LiveHistory
from lg_magics.ipython.live_list import LiveList
from lg_magics.ipython.live_store import LiveStore
from lg_magics.live.live_view import LiveView
from lg_magics.model.store_values import fingerprint
from lg_magics.session import Session
from lg_magics.views.node import attributes_of, nodes_in, text_in
from lg_magics.views.store import identity

from .lacking import Lacking, lacking_server

SECONDS = 20.0
UNWELL = 503


class Page:
    """A page of one view: it requests, and waits for messages of the view."""

    def __init__(self, live: LiveView) -> None:
        self.live = live
        self._came = threading.Condition()
        self._answers: list[dict[str, Any]] = []
        live.open(self)

    def update(self, *_: object) -> None:
        with self._came:
            self._came.notify_all()

    def send(self, data: dict[str, Any]) -> None:
        with self._came:
            self._answers.append(data)
            self._came.notify_all()

    @property
    def message(self) -> str:
        tree = self.live.rendered.tree
        return next((text_in(each) for each in nodes_in(tree) if attributes_of(each).get("key") == "message"), "")

    def until(self, words: str) -> None:
        with self._came:
            assert self._came.wait_for(lambda: words in self.message, SECONDS), self.message

    def until_message_is(self, words: str) -> None:
        with self._came:
            assert self._came.wait_for(lambda: self.message == words, SECONDS), self.message

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        count = len(self._answers)
        self.live.receive({"id": f"x-{count}", "protocol": 1, "command": command, "arguments": arguments})
        with self._came:
            assert self._came.wait_for(lambda: len(self._answers) > count, SECONDS)
            return self._answers[-1]


@pytest.fixture
def poor(server: local.LocalServer) -> Iterator[Lacking]:
    with lacking_server(server.url) as found:
        yield found


@pytest.fixture
def session_server(poor: Lacking) -> Lacking:
    return poor


def opened_store(session: Session, root: str) -> LiveStore:
    store.put(session, root, "k", {"n": 1})
    return LiveStore(store.search(session, root, open=True), session)


def test_rows_of_another_deployment_are_a_sentence_and_come_back(
    session: Session, server: local.LocalServer, poor: Lacking, root: str, caplog: pytest.LogCaptureFixture
) -> None:
    page = Page(opened_store(session, root).open.live)
    deployment.connect(session, server.url, assistant="agent")
    session.events.emit("command", "store put")
    page.until(f"These items were opened on {poor.url}, but the session is now connected to {server.url}.")
    deployment.connect(session, poor.url, assistant="agent")
    session.events.emit("command", "store put")
    page.until_message_is("")
    assert [record for record in caplog.records if record.exc_info] == []
    page.live.close()


@pytest.mark.parametrize("kind", ["history", "threads", "runs", "store"])
def test_a_deployment_that_does_not_answer_is_a_sentence_on_each_open_view(
    session: Session, poor: Lacking, root: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    runs.run(session, "hi", assistant="agent", wait=True, card=False, thread="new")
    makers: dict[str, Callable[[], LiveHistory | LiveList | LiveStore]] = {
        "history": lambda: LiveHistory(state.history(session, open=True), session),
        "threads": lambda: LiveList(threads.threads(session, open=True), session),
        "runs": lambda: LiveList(runs.runs(session, open=True), session),
        "store": lambda: opened_store(session, root),
    }
    page = Page(makers[kind]().open.live)
    poor.refused = {".*": UNWELL}
    if kind == "history":
        session.select(thread=None)  # the lines of its rows are others then
    session.events.emit("command", "store put" if kind == "store" else "connect")
    page.until(f"({UNWELL})")
    assert [record for record in caplog.records if record.exc_info] == []
    page.live.close()


def test_what_was_saved_counts_as_saved_when_no_read_succeeds_after_it(
    session: Session, poor: Lacking, server: local.LocalServer, root: str
) -> None:
    view = opened_store(session, root)
    page = Page(view.open.live)
    (item,) = store.search(session, root)
    is_written = threading.Event()

    def judge(call: str, sent: Any) -> tuple[int, str] | None:
        if call == "PUT /store/items":
            is_written.set()
        elif is_written.is_set() and "/store/" in call:
            return UNWELL, "not now"
        return None

    poor.judges = judge
    form = {"text": json.dumps({"n": 2}), "edit": fingerprint(item.value)}
    saved = page.ask("save", id=identity(item), form=form)
    assert saved["ok"], saved
    page.until(f"Saved 'k' in {root}. The rows cannot be read again: ")
    assert "2" in text_in(next(each for each in nodes_in(page.live.rendered.tree) if each[0] == "tbody"))
    poor.judges = lambda call, sent: None
    assert page.ask("save", id=identity(item), form=form)["ok"]  # the same text again is no conflict
    page.until_message_is(f"Saved 'k' in {root}.")
    assert store.get(session, root, "k").value == {"n": 2}
    page.live.close()
