"""The store on the real server, verb by verb: what is there, what was there, and what stays as it is."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.commands import runs, store
from lg_magics.errors import NotFound
from lg_magics.grammar.lookup import command_for_line
from lg_magics.grammar.read import call_from_line
from lg_magics.session import Session
from lg_magics.views.bundle import bundle

CALL = {"task": "Call parents", "status": "not started", "deadline": None, "minutes": 15, "at": {"city": "sf"}}
BOOK = {"task": "Book travel", "status": "done", "minutes": 120, "solutions": ["flight", "hotel"]}


@pytest.fixture
def root(session: Session) -> str:
    """A label of this test's own, with two items under it."""
    label = f"t{uuid.uuid4().hex[:12]}"
    store.put(session, f"{label}/general/Test", "call", CALL)
    store.put(session, (label, "general", "a/b"), "book", BOOK)
    return label


@pytest.fixture
def line(session: Session) -> Callable[..., Any]:
    """Do what `%lg_store …` does."""

    def call(text: str, **names: object) -> Any:
        command, rest = command_for_line("store", text)
        assert command is not None
        read = call_from_line(command, rest, names=names)
        return command.function(session, *read.arguments, **read.options)

    return call


# -- search -----------------------------------------------------------------------------------------------------


def test_values_are_columns_and_nested_ones_are_flattened_one_level(session: Session, root: str) -> None:
    found = store.search(session, root)
    assert len(found) == 2
    assert found.items[0]["value"] == CALL
    frame = found.df
    assert list(frame["namespace"]) == [f"{root}/general/Test", f"{root}/general/a\\/b"]
    assert list(frame["at.city"]) == ["sf", None]
    assert list(frame["solutions"]) == [None, ["flight", "hotel"]]
    assert (str(frame["minutes"].dtype), str(frame["updated_at"].dt.tz)) == ("Int64", "UTC")
    assert frame.attrs["namespace"] == root
    assert frame.attrs["truncated"] is False


def test_the_walkthroughs_todos_are_found_where_its_graph_keeps_them(session: Session) -> None:
    user = f"u{uuid.uuid4().hex[:8]}"
    text = "Add a ToDo to call parents back about Thanksgiving plans."
    runs.run(
        session, text, assistant="task_maistro", thread="new", configurable={"user_id": user}, wait=True, card=False
    )
    (item,) = store.search(session, ("todo", "general", user))
    assert "parents" in item.value["task"]
    assert store.search(session, f"todo/general/{user}").df["status"][0] == "not started"


def test_a_prefix_matches_whole_labels_and_the_root_is_everything(session: Session, root: str) -> None:
    assert len(store.search(session, f"{root}/general")) == 2
    assert len(store.search(session, f"{root}/gener")) == 0
    assert len(store.search(session, rf"{root}/general/a\/b")) == 1
    everything = store.search(session, all=True)
    assert {item.key for item in everything if item.namespace[0] == root} == {"call", "book"}


@pytest.mark.parametrize(
    ("condition", "keys"),
    [
        ("status=done", ["book"]),
        ("status!=done", ["call"]),
        ("minutes:=15", ["call"]),
        ("minutes!:=15", ["book"]),
        ("minutes>=15", ["call", "book"]),
        ("minutes>15", ["book"]),
        ("minutes<=15.0", ["call"]),
        ("minutes<15", []),
        ("minutes>10 --filter minutes<100", ["call"]),
        ("status=done --filter minutes>100", ["book"]),
        ('at:={"city": "sf"}', ["call"]),
        ("$where", ["book"]),
    ],
)
def test_each_condition_finds_what_it_says(
    line: Callable[..., Any], root: str, condition: str, keys: list[str]
) -> None:
    found = line(f"search {root} --filter {condition}", where={"solutions": ["flight", "hotel"]})
    assert [item.key for item in found] == keys


def test_a_query_without_an_index_is_said_to_change_nothing(session: Session, root: str) -> None:
    found = store.search(session, root, query="parents")
    assert len(found) == 2
    assert "has no index for them, and --query changed nothing" in bundle(found)["text/plain"]
    assert "score" not in found.df


def test_a_text_that_looks_like_a_number_and_finds_nothing_is_explained(line: Callable[..., Any], root: str) -> None:
    assert line(f"search {root} --filter minutes=15").note == "minutes=15 is about a text: minutes:=15 is about JSON."
    assert line(f"search {root} --filter status=none").note == ""


def test_the_bare_noun_is_a_search_of_the_whole_store(line: Callable[..., Any], root: str) -> None:
    assert line("").search.prefix == ()
    assert len(line("--limit 1")) == 1


# -- one item ---------------------------------------------------------------------------------------------------


def test_an_item_is_shown_whole(session: Session, root: str) -> None:
    item = store.get(session, f"{root}/general/Test", "call")
    assert (item.value, item.key, item.namespace) == (CALL, "call", (root, "general", "Test"))
    assert '"city": "sf"' in bundle(item)["text/plain"]
    assert "Call parents" in bundle(item)["text/html"]


@pytest.mark.parametrize(
    ("key", "hint"), [("cal", "Did you mean call?"), ("CALL", "Did you mean call?"), ("zzz", "%lg_store search")]
)
def test_a_missing_item_is_reported_with_near_keys(session: Session, root: str, key: str, hint: str) -> None:
    with pytest.raises(NotFound, match=rf"No item '{key}' in {root}/general/Test on http.* {hint}"):
        store.get(session, f"{root}/general/Test", key)


def test_a_missing_namespace_is_reported(session: Session) -> None:
    with pytest.raises(NotFound, match="Nothing is in that namespace: %lg_store namespaces"):
        store.get(session, f"nobody{uuid.uuid4().hex}", "call")


def test_put_says_whether_it_was_new_and_gives_back_what_it_replaced(session: Session, root: str) -> None:
    first = store.put(session, f"{root}/notes", "trip", {"city": "Hong Kong"})
    assert (first.title, first["replaced"]) == (f"Put 'trip' into {root}/notes: new.", None)
    again = store.put(session, f"{root}/notes", "trip", {"city": "Rome"})
    assert again.title == f"Put 'trip' into {root}/notes: replaced what was there."
    assert again["replaced"]["value"] == {"city": "Hong Kong"}
    assert "Hong Kong" in bundle(again)["text/plain"]
    assert store.get(session, f"{root}/notes", "trip").value == {"city": "Rome"}


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ('{"city": "Hong Kong", "n": [1, {"a": null}]}', {"city": "Hong Kong", "n": [1, {"a": None}]}),
        ("$trip", {"city": "Rome"}),
        ("$trips[0]", {"city": "Oslo"}),
        ('city="Hong Kong" tags:=["a"] o:=$trip', {"city": "Hong Kong", "tags": ["a"], "o": {"city": "Rome"}}),
        ("$trip days:=5", {"city": "Rome", "days": 5}),
        ("{}", {}),
        ("--ttl 0.5 a=b", {"a": "b"}),
        ("--index none a=b", {"a": "b"}),
        ("--index a,b.c a=b", {"a": "b"}),
    ],
)
def test_a_value_is_json_an_object_or_pairs(line: Callable[..., Any], root: str, words: str, value: Any) -> None:
    line(f"put {root}/x key {words}", trip={"city": "Rome"}, trips=[{"city": "Oslo"}])
    assert line(f"get {root}/x key").value == value


@pytest.mark.parametrize("key", ["a b", "a=b", "a/b.c", "-x", "é😀", "$x", '"', "\\", "k" * 2000, "{a", "x?"])
def test_any_key_can_be_put_found_and_deleted_in_a_line(line: Callable[..., Any], root: str, key: str) -> None:
    from lg_magics.grammar.words import word_from_text

    word = word_from_text(key)
    line(f"put {root}/keys {word} n:=1")
    assert line(f"get {root}/keys {word}").key == key
    assert [item.key for item in line(f"search {root}/keys")] == [key]
    assert line(f"delete {root}/keys {word}")["deleted"]["key"] == key
    assert len(line(f"search {root}/keys")) == 0


def test_delete_says_whether_there_was_one_and_gives_it_back(
    session: Session, sdk: SyncLangGraphClient, root: str
) -> None:
    done = store.delete(session, f"{root}/general/Test", "call")
    assert done.title == f"Deleted 'call' from {root}/general/Test."
    assert done["deleted"]["value"] == CALL
    assert sdk.store.get_item([root, "general", "Test"], "call") is None
    again = store.delete(session, f"{root}/general/Test", "call")
    assert again.title.startswith(f"There is no 'call' in {root}/general/Test: nothing is deleted.")
    assert again["deleted"] is None
    near = store.delete(session, rf"{root}/general/a\/b", "bok")
    assert "Did you mean book?" in near.title


def test_a_frame_an_export_and_a_file_are_loaded_from_a_line(
    line: Callable[..., Any], root: str, tmp_path: Path
) -> None:
    frame = pd.DataFrame({"id": ["a"], "n": [1]})
    assert line(f"load {root}/frame $frame --key id", frame=frame)["written"] == 1
    exported = line(f"export {root} --to {tmp_path}/kept.json")
    assert line("load $exported", exported=exported)["written"] == 3
    assert line(f"load {tmp_path}/kept.json")["written"] == 3
    assert line("load $exported", exported=line(f"export {root} --all"))["written"] == 3


# -- namespaces -------------------------------------------------------------------------------------------------


def test_namespaces_are_listed_with_how_many_items_they_hold(
    session: Session, sdk: SyncLangGraphClient, root: str
) -> None:
    sdk.store.delete_item([], "k")  # the in-memory server lists from now on what was asked for
    assert () in map(tuple, sdk.store.list_namespaces(limit=1000)["namespaces"])
    store.put(session, f"{root}/general/Test", "more", {})
    found = store.namespaces(session, root)
    assert [(row["namespace"], row["items"]) for row in found] == [
        (f"{root}/general/Test", 2),
        (f"{root}/general/a\\/b", 1),
    ]
    assert found.df["labels"][1] == [root, "general", "a/b"]
    (cut,) = store.namespaces(session, root, depth=2)
    assert (cut["namespace"], cut["items"]) == (f"{root}/general", 3)
    assert "/" not in store.namespaces(session, limit=1000).df["namespace"].tolist()


def test_namespaces_say_what_was_cut_and_a_star_stands_for_a_label(session: Session, root: str) -> None:
    first = store.namespaces(session, root, limit=1)
    assert first.counted == f"the first 1 namespace under {root}"
    (rest,) = store.namespaces(session, root, offset=1)
    assert rest["namespace"].endswith("a\\/b")
    starred = store.namespaces(session, (root, "*", "Test"))
    assert [(row["namespace"], row["items"]) for row in starred] == [(f"{root}/general/Test", None)]


def test_many_items_are_not_counted(session: Session, root: str, sdk: SyncLangGraphClient) -> None:
    sdk.store.put_item([root, "big"], "k", {"text": "x" * 4_100_000})
    assert {row["items"] for row in store.namespaces(session, root)} == {None}


def test_what_was_found_is_offered_to_completion(session: Session, root: str) -> None:
    store.search(session, root)
    assert f"{root}/general/Test" in session.completions("namespace")
    assert all("\\" not in name for name in session.completions("namespace"))


def test_a_frame_of_nothing_and_of_mixed_fields_is_a_frame(session: Session, root: str) -> None:
    assert list(store.search(session, f"{root}/none").df.columns) == ["namespace", "key", "updated_at", "created_at"]
    mixed: list[dict[str, Any]] = [
        {"n": 1, "b": True, "key": "own", "a.b": 1, "a": {"b": 2}, "big": 2**64 - 1},
        {"n": 0.5, "b": None, "a": 3, "": {"": 1}},
    ]
    for number, value in enumerate(mixed):
        store.put(session, f"{root}/mixed", str(number), value)
    frame = store.search(session, f"{root}/mixed").df
    kinds = {name: str(frame[name].dtype) for name in ("n", "b", "a", "big")}
    assert kinds == {"n": "float64", "b": "boolean", "a": "Int64", "big": "object"}
    assert list(frame["value.key"]) == ["own", None]
    assert list(frame["key"]) == ["0", "1"]
    assert (frame["a.b"][0], frame["value.a.b"][0], frame["."][1]) == (1, 2, 1)
    assert pd.isna(frame["a"][0])
