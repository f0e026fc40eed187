"""A live view: at most twenty updates a second, the last one always, each request answered, and an end to everything."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import lg_magics
from lg_magics.errors import LgError
from lg_magics.follow.loop import BackgroundLoop
from lg_magics.grammar.lookup import command_named
from lg_magics.grammar.read import call_from_line
from lg_magics.ipython.live_list import VIEWS
from lg_magics.live.live_view import LiveView, Lost, Rendered
from lg_magics.views.node import Node, node

from .test_node import applied


class Page:
    """A page that keeps what it is sent, and the tree that it has by then."""

    def __init__(self, view: dict[str, Any]) -> None:
        self.tree, self.version = view["tree"], view["version"]
        self.at: list[float] = []
        self.responses: list[dict[str, Any]] = []
        self.answered = threading.Event()

    def update(self, base: int, version: int, at: float, made: list[Any], view: dict[str, Any]) -> None:
        assert base == self.version
        self.tree, self.version = applied(self.tree, made), version
        assert self.tree == view["tree"]
        self.at.append(time.monotonic())

    def send(self, data: dict[str, Any]) -> None:
        self.responses.append(data)
        self.answered.set()

    def ask(self, live: LiveView, command: str, **arguments: Any) -> dict[str, Any]:
        """Send a request, and wait for what comes of it."""
        self.answered.clear()
        live.receive({"id": "x-1", "protocol": 1, "command": command, "arguments": arguments})
        assert self.answered.wait(10)
        return self.responses[-1]


class Counter:
    """Something that changes, and who wants to know of it."""

    def __init__(self) -> None:
        self.count = 0
        self.listeners: list[Callable[[], None]] = []

    def rendered(self) -> Rendered:
        rows = [node("li", f"{n}", key=str(n)) for n in range(self.count % 7)]
        return Rendered(node("div", node("p", f"count {self.count}"), node("ul", rows)), Lost("attach", ("a",)))

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
        self.listeners.append(changed)
        return lambda: self.listeners.remove(changed)

    def add(self) -> None:
        self.count += 1
        for listener in self.listeners:
            listener()


@pytest.fixture
def loop() -> Iterator[BackgroundLoop]:
    made = BackgroundLoop()
    yield made
    made.close()


def opened(loop: BackgroundLoop, counter: Counter, **more: Any) -> tuple[LiveView, Page]:
    live = LiveView(counter.rendered, more.pop("actions", {}), loop, counter.subscribe, **more)
    page = Page(live.envelope())
    live.open(page)
    return live, page


def until(is_true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not is_true():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_what_changes_before_the_page_is_there_reaches_it(loop: BackgroundLoop) -> None:
    counter = Counter()
    live = LiveView(counter.rendered, {}, loop, counter.subscribe)
    page = Page(live.envelope())
    counter.add()
    live.open(page)
    until(lambda: page.tree == counter.rendered().tree)


def test_a_page_has_the_last_tree_after_at_most_twenty_updates_a_second(loop: BackgroundLoop) -> None:
    counter = Counter()
    live, page = opened(loop, counter)
    for _ in range(300):
        counter.add()
        time.sleep(0.001)
    until(lambda: page.tree == counter.rendered().tree)
    assert all(after - before > 0.045 for before, after in zip(page.at, page.at[1:], strict=False))
    assert page.version == live.envelope()["version"] == len(page.at) + 1


def test_a_view_with_a_delay_collects_what_changes_meanwhile_into_one_update(loop: BackgroundLoop) -> None:
    counter = Counter()
    began = time.monotonic()
    _, page = opened(loop, counter, delay=0.2)
    for _ in range(3):
        counter.add()
    until(lambda: page.tree == counter.rendered().tree)
    assert len(page.at) == 1
    assert page.at[0] - began >= 0.2


def test_the_tree_is_as_the_action_left_it_before_the_response(loop: BackgroundLoop) -> None:
    counter = Counter()
    _, page = opened(loop, counter)
    trees: list[Node] = []

    def send(_: dict[str, Any]) -> None:
        trees.append(page.tree)
        page.answered.set()

    page.send = send  # type: ignore[assignment, method-assign]
    live = LiveView(counter.rendered, {"add": lambda _: counter.add()}, loop, counter.subscribe)
    live.open(page)
    live.receive({"id": "1", "protocol": 1, "command": "add"})
    assert page.answered.wait(10)
    assert trees == [counter.rendered().tree]


def test_a_request_gets_its_result_or_its_error(loop: BackgroundLoop) -> None:
    def refuse(_: object) -> None:
        raise LgError("It has ended.", hint="%lg_runs lists it.")

    def fail(_: object) -> None:
        raise RuntimeError("a secret")

    actions: dict[str, Any] = {
        "say": lambda given: {"message": f"hello {given['name']}"},
        "refuse": refuse,
        "fail": fail,
    }
    live, page = opened(loop, Counter(), actions=actions)
    assert page.ask(live, "say", name="Ann") == {"id": "x-1", "ok": True, "result": {"message": "hello Ann"}}
    assert page.ask(live, "refuse")["error"] == {
        "type": "LgError",
        "message": "It has ended.",
        "hint": "%lg_runs lists it.",
    }
    assert "a secret" not in str(page.ask(live, "fail"))
    assert "no action" in page.ask(live, "drop tables")["error"]["message"]
    live.receive("no request")
    until(lambda: page.responses[-1]["id"] is None)
    malformed: list[object] = [[], {}, None]
    for command in malformed:
        page.answered.clear()
        live.receive({"id": "y-1", "protocol": 1, "command": command})
        assert page.answered.wait(10)
        assert page.responses[-1]["error"]["message"] == "Invalid request from the page."


def test_an_action_is_done_once_at_a_time_and_a_read_does_not_wait_for_it(loop: BackgroundLoop) -> None:
    go, begun = threading.Event(), threading.Event()

    def slow(_: object) -> None:
        begun.set()
        go.wait(10)

    live, page = opened(loop, Counter(), actions={"slow": slow}, reads={"look": lambda _: "seen"})
    live.receive({"id": "1", "protocol": 1, "command": "slow"})
    assert begun.wait(10)
    assert "already in progress" in page.ask(live, "slow")["error"]["message"]
    assert page.ask(live, "look")["result"] == "seen"
    assert {**page.ask(live, "view")["result"], "at": 0} == {**live.envelope(), "at": 0}
    go.set()
    until(lambda: page.responses[-1]["id"] == "1")


def test_a_page_that_connects_later_gets_the_time_of_then(loop: BackgroundLoop) -> None:
    live, page = opened(loop, Counter(), clock=lambda: time.time() + 300)
    time.sleep(0.3)  # nothing is rendered meanwhile
    assert page.ask(live, "view")["result"]["at"] - time.time() == pytest.approx(300, abs=0.2)


def test_a_closed_view_has_no_subscription_and_renders_no_more(loop: BackgroundLoop) -> None:
    counter = Counter()
    live, page = opened(loop, counter)
    live.close()
    assert counter.listeners == []
    counter.add()
    live.changed()
    live.render()
    assert page.version == 1


def test_a_view_that_becomes_about_another_thing_is_subscribed_to_that_one(loop: BackgroundLoop) -> None:
    first, second = Counter(), Counter()
    second.count = 5
    now = [first]
    live = LiveView(lambda: now[0].rendered(), {}, loop, lambda changed: now[0].subscribe(changed))
    page = Page(live.envelope())
    live.open(page)
    live.rebind(lambda: now.__setitem__(0, second))
    assert (len(first.listeners), len(second.listeners)) == (0, 1)
    second.add()
    until(lambda: page.tree == second.rendered().tree)


def test_what_brings_back_a_view_that_lost_its_kernel_is_a_magic() -> None:
    lost = json.loads((Path(lg_magics.__file__).parent / "live/lost.json").read_text("utf-8"))
    assert set(VIEWS) <= set(lost)
    for known in lost.values():
        magic, *words = known["magic"].split()
        line = " ".join([*words, *["a"] * known["ids"]])
        if magic != "%lg":
            verb = words[0] if words[:1] == ["search"] else ""
            command = command_named(f"{magic.removeprefix('%lg_')} {verb}".strip())
            assert call_from_line(command, line.removeprefix(verb).strip())
