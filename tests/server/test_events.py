"""The session's events, on the real server: each entry point of an action notifies the same subscribers, and each can leave."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest

from lg_magics.actions.history import fork_at
from lg_magics.actions.open_store import delete, save
from lg_magics.commands import runs, state, store
from lg_magics.grammar.calling import call_command
from lg_magics.grammar.lookup import command_for_line, command_named
from lg_magics.grammar.read import call_from_line
from lg_magics.model.store_values import fingerprint
from lg_magics.session import Session

from .coming import until
from .panel_page import page_of


@pytest.fixture
def called(session: Session) -> Iterator[list[str]]:
    """The commands of which a subscriber is notified."""
    names: list[str] = []
    end = session.events.subscribe("command", names.append)
    yield names
    end()


def line(session: Session, text: str) -> None:
    """A magic."""
    command, rest = command_for_line(*text.split(" ", 1))
    assert command is not None
    read = call_from_line(command, rest)
    call_command(command, session, read.arguments, read.options)


def test_a_fork_notifies_on_every_way(session: Session, called: list[str]) -> None:
    runs.run(session, "hi", assistant="agent", wait=True, card=False, thread="new")
    opened = state.history(session, all=True, open=True)
    made: list[Callable[[], object]] = [
        lambda: line(session, "fork b1:0"),
        lambda: call_command(command_named("fork"), session, ("b1:0",), {}),
        lambda: fork_at(session, opened, opened[1].checkpoint.id),
    ]
    for fork in made:
        called.clear()
        fork()
        assert called == ["fork"]


def test_a_store_item_notifies_on_every_way_to_write_or_delete_it(session: Session, called: list[str]) -> None:
    namespace = f"t{uuid.uuid4().hex[:12]}"
    line(session, f'store put {namespace} a {{"n": 1}}')
    call_command(command_named("store put"), session, (namespace, "b", {"n": 1}), {})
    opened = store.search(session, namespace, open=True)
    first = next(item for item in opened if item.key == "a")
    done = save(session, opened, first, '{"n": 2}', fingerprint(first.value))
    assert called == ["store put", "store put", "store put"]
    assert done.item is not None
    called.clear()
    delete(session, opened, done.item, fingerprint(done.item.value))
    call_command(command_named("store delete"), session, (namespace, "b"), {})
    assert called == ["store delete", "store delete"]


def test_a_row_of_the_panel_notifies_as_a_magic_does(session: Session, called: list[str]) -> None:
    line(session, "thread new")
    first = session.selection.thread
    assert first is not None
    line(session, "thread new")
    with page_of(session) as panel:
        panel.do("threads", first.id, "use")
    line(session, f"thread use {first.id}")
    assert called == ["thread new", "thread new", "thread use", "thread use"]


def test_two_panels_of_a_session_are_both_notified_and_a_closed_one_is_not(session: Session) -> None:
    with page_of(session) as here, page_of(session) as there:
        before = [page.asks("store") for page in (here, there)]
        session.events.emit("command", "store put")
        until(lambda: all(page.asks("store") != asked for page, asked in zip((here, there), before, strict=True)))
        here.live.close()
        before = [page.asks("store") for page in (here, there)]
        session.events.emit("command", "store put")
        until(lambda: there.asks("store") != before[1])
        assert here.asks("store") == before[0]
