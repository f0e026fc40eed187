"""What an open store asks for, on the real server: nothing is overwritten or deleted that was not seen."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.actions.open_store import delete, line_of, read_again, read_item, save
from lg_magics.commands import store
from lg_magics.errors import CommandError, LgError, NotFound
from lg_magics.grammar.lookup import command_for_line
from lg_magics.grammar.read import call_from_line
from lg_magics.model.store_values import fingerprint
from lg_magics.session import Session
from lg_magics.tables.store import Items

VALUE = {"task": "call", "n": 2**53 + 1, "f": 1.0}


@pytest.fixture
def opened(session: Session) -> Items:
    root = f"t{uuid.uuid4().hex[:12]}"
    store.put(session, (root, "a/b c"), "the key", VALUE)
    return store.search(session, root, filter={"task": "call"}, open=True)


def seen(opened: Items) -> str:
    return fingerprint(opened[0].value)


def test_a_save_writes_what_was_typed_and_the_rows_show_it(session: Session, opened: Items) -> None:
    done = save(session, opened, opened[0], '{"task": "call", "n": 9007199254740995}', seen(opened))
    assert (done.message, done.is_done) == (f"Saved 'the key' in {opened.search.prefix[0]}/a\\/b c.", True)
    again = read_again(session, opened)
    assert again.is_open
    assert again[0].value == {"task": "call", "n": 9007199254740995}
    assert done.item is not None
    assert fingerprint(done.item.value) == fingerprint(again[0].value)
    assert save(session, opened, done.item, '{"task": "call"}', fingerprint(done.item.value)).is_done


@pytest.mark.parametrize("theirs", [{"task": "theirs"}, {**VALUE, "f": 1}, {**VALUE, "f": True}])
def test_what_was_changed_meanwhile_is_neither_overwritten_nor_deleted(
    session: Session, other: Session, opened: Items, theirs: dict[str, object]
) -> None:
    item = opened[0]
    store.put(other, item.namespace, item.key, theirs)
    saved = save(session, opened, item, '{"mine": 1}', seen(opened))
    deleted = delete(session, opened, item, seen(opened))
    assert saved.message == "'the key' was changed meanwhile. Nothing is saved, and your text is kept."
    assert deleted.message == "'the key' was changed meanwhile. Nothing is deleted."
    for outcome in (saved, deleted):
        assert not outcome.is_done
        assert outcome.item is not None
        assert outcome.item.value == theirs
    assert read_item(session, opened, item).value == theirs
    assert save(session, opened, item, '{"mine": 1}', fingerprint(theirs)).is_done


def test_what_was_deleted_meanwhile_is_made_again_only_by_who_knows(
    session: Session, other: Session, opened: Items
) -> None:
    item = opened[0]
    store.delete(other, item.namespace, item.key)
    saved = save(session, opened, item, '{"mine": 1}', seen(opened))
    assert (saved.message.partition(" meanwhile")[0], saved.item) == ("'the key' was deleted", None)
    with pytest.raises(NotFound, match=r"'the key' is not in .* any more"):
        read_item(session, opened, item)
    assert save(session, opened, item, '{"mine": 1}', "").is_done
    assert read_item(session, opened, item).value == {"mine": 1}


def test_a_delete_deletes(session: Session, sdk: SyncLangGraphClient, opened: Items) -> None:
    item = opened[0]
    done = delete(session, opened, item, seen(opened))
    assert (done.is_done, done.item) == (True, None)
    assert sdk.store.get_item(list(item.namespace), item.key) is None
    assert len(read_again(session, opened)) == 0


@pytest.mark.parametrize("text", ["{", "[1]", '{"a": NaN}', '{"a": "\\u0000"}', '{"a": 1, "a": 2}'])
def test_a_text_that_is_no_value_changes_nothing(session: Session, opened: Items, text: str) -> None:
    with pytest.raises(CommandError):
        save(session, opened, opened[0], text, seen(opened))
    assert read_item(session, opened, opened[0]).value == VALUE


def test_nothing_is_done_to_items_of_another_deployment(session: Session, opened: Items) -> None:
    elsewhere = replace(opened, attrs={"deployment": "http://127.0.0.1:1"})
    for ask in (
        lambda: read_item(session, elsewhere, opened[0]),
        lambda: save(session, elsewhere, opened[0], "{}", seen(opened)),
        lambda: delete(session, elsewhere, opened[0], seen(opened)),
        lambda: read_again(session, elsewhere),
    ):
        with pytest.raises(LgError, match=r"These items were opened on http://127\.0\.0\.1:1,"):
            ask()


def test_the_line_of_an_item_shows_that_item(session: Session, opened: Items) -> None:
    line = line_of(opened[0])
    assert line == f'%lg_store get "{opened.search.prefix[0]}/a\\\\/b c" "the key"'
    command, rest = command_for_line("store", line.removeprefix("%lg_store "))
    assert command is not None
    read = call_from_line(command, rest)
    assert command.function(session, *read.arguments).value == VALUE  # type: ignore[attr-defined]
