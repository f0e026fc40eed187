"""What the store cannot do is told in words, before the server is asked wherever that is possible, and nothing is changed."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lg_magics.commands import deployment, store
from lg_magics.errors import CommandError, InvalidRequest, Unsupported
from lg_magics.grammar.lookup import command_for_line
from lg_magics.grammar.read import call_from_line
from lg_magics.session import Session
from lg_magics.views.bundle import bundle

A_LIST: Any = [1]
A_TEXT: Any = "v"
EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>"


REFUSED: dict[str, tuple[Callable[[Session], object], str]] = {
    "a label with a dot": (lambda s: store.search(s, "todo/a.b"), "cannot hold a dot"),
    "an empty label": (lambda s: store.put(s, "todo//x", "k", {}), "empty label"),
    "the server's own root": (lambda s: store.put(s, "langgraph/x", "k", {}), "keeps the namespace langgraph"),
    "an item in the root": (lambda s: store.put(s, "/", "k", {}), "not in the root"),
    "to get from the root": (lambda s: store.get(s, (), "k"), "not in the root"),
    "to delete from the root": (lambda s: store.delete(s, None, "k"), "not in the root"),
    "an empty key": (lambda s: store.put(s, "x", "", {}), "A key is a text that is not empty"),
    "a key with NUL": (lambda s: store.put(s, "x", "a\0", {}), "would not give back"),
    "a value that is a list": (lambda s: store.put(s, "x", "k", A_LIST), "The value is a list: the store keeps"),
    "a value that is a text": (lambda s: store.put(s, "x", "k", A_TEXT), "The value is a str"),
    "no value": (lambda s: store.put(s, "x", "k"), "needs a value"),
    "NaN": (lambda s: store.put(s, "x", "k", {"a": float("nan")}), "value.a is nan"),
    "NUL in a value": (lambda s: store.put(s, "x", "k", {"a": ["\0"]}), r"value.a\[0\] holds the character"),
    "half a character": (lambda s: store.put(s, "x", "k", {"a": "\ud800"}), "value.a holds the character"),
    "a number of 65 bits": (lambda s: store.put(s, "x", "k", {"a": 2**64}), "more than 64 bits"),
    "a key that is a number": (lambda s: store.put(s, "x", "k", {"a": {1: 2}}), "keys are texts"),
    "300 levels": (lambda s: store.put(s, "x", "k", json.loads('{"a":' * 300 + "1" + "}" * 300)), "levels deep"),
    "no time to live": (lambda s: store.put(s, "x", "k", {}, ttl=0), "must be > 0 minutes, got 0"),
    "all of a ranking": (lambda s: store.search(s, "x", all=True, query="q"), "cannot rank with --all"),
    "NaN in a filter": (lambda s: store.search(s, "x", filter={"n": float("nan")}), "filter.n is nan"),
    "to export nothing": (lambda s: store.export(s), "needs a namespace, or --all"),
    "an export to a table": (lambda s: store.export(s, "x", to="x.csv"), "ends in .jsonl or .json"),
    "an export to nowhere": (lambda s: store.export(s, "x", to="no/such/folder/x.json"), "cannot be written"),
    "to load nothing": (lambda s: store.load(s, "x"), "needs a namespace and a frame"),
    "to load no file": (lambda s: store.load(s, "no/such.jsonl"), "cannot be read"),
    "a frame without a key": (lambda s: store.load(s, "x", pd.DataFrame({"a": [1]})), "Which column"),
    "a frame without that column": (
        lambda s: store.load(s, "x", pd.DataFrame({"a": [1]}), key="id"),
        "no column 'id'. It has a",
    ),
    "a thing that is no frame": (lambda s: store.load(s, "x", 7, key="id"), "Load needs a frame, got an int"),
}


def test_a_key_as_long_as_a_book_is_refused_in_one_line(session: Session) -> None:
    with pytest.raises(InvalidRequest, match=r"cannot be asked to read the item: .* too long"):
        store.put(session, "x", "k" * 100_000, {})


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_in_one_line_before_the_server_is_asked(session: Session, what: str) -> None:
    do, words = REFUSED[what]
    session.connection.sync.close()  # a request would raise another error
    with pytest.raises(CommandError, match=words) as caught:
        do(session)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("put x k [1]", "value must be a mapping, got a list."),
        ("put x k {oops", "value must be a mapping, got a str. Expecting"),
        ("put x", "%lg_store put needs KEY. %lg_store put NS KEY"),
        ('put x k {"x": 1, "x": 2}', "The key 'x' stands twice in one mapping"),
        ("search a b", "%lg_store search takes only NS, got 'b'."),
        ("search --filter done", "--filter expects K=V"),
        ("gte", "%lg_store has no verb 'gte'. Did you mean %lg_store get?"),
    ],
)
def test_a_line_that_cannot_be_read_is_reported(line: str, said: str) -> None:
    def read() -> None:
        command, rest = command_for_line("store", line)
        assert command is not None
        call_from_line(command, rest)

    with pytest.raises(CommandError) as caught:
        read()
    assert said in str(caught.value)


@pytest.mark.parametrize("operator", ["$gt", "$gte", "$lt", "$lte"])
def test_a_field_that_is_missing_in_one_item_is_named_with_it(session: Session, root: str, operator: str) -> None:
    store.put(session, root, "has", {"n": 5})
    store.put(session, root, "lacks", {"other": 5})
    with pytest.raises(InvalidRequest) as caught:
        store.search(session, root, filter={"n": {operator: 3}})
    assert str(caught.value) == (
        f"n cannot be compared in every item of {root}: 'lacks' has no n. "
        f"Narrow the namespace, or compare in the frame: %lg_store search {root} --all -o found"
    )
    assert len(store.search(session, root)) == 2


def test_a_field_that_is_a_text_is_explained_too(session: Session, root: str) -> None:
    store.put(session, root, "k", {"n": "many"})
    with pytest.raises(InvalidRequest, match=r"n cannot be compared in every item .*: not all of them are numbers"):
        store.search(session, root, filter={"n": {"$gte": 3}})


def test_an_operator_that_there_is_not_is_the_servers_own_refusal(session: Session, root: str) -> None:
    store.put(session, root, "k", {"n": 1})
    with pytest.raises(InvalidRequest, match=r"Unsupported operator: \$foo"):
        store.search(session, root, filter={"n": {"$foo": 3}})


def test_a_write_goes_through_behind_the_servers_500(session: Session, root: str) -> None:
    store.put(session, root, "k", {"n": 1})
    for _ in range(3):
        with pytest.raises(InvalidRequest):
            store.search(session, root, filter={"zz": {"$gte": 3}})
        store.put(session, root, "k", {"n": 2})
        with pytest.raises(InvalidRequest):
            store.search(session, root, filter={"zz": {"$gte": 3}})
        assert store.namespaces(session, root).rows
        with pytest.raises(InvalidRequest):
            store.search(session, root, filter={"zz": {"$gte": 3}})
        assert store.delete(session, root, "k")["deleted"]["value"] == {"n": 2}
        store.put(session, root, "k", {"n": 1})


# -- what is hostile or large -----------------------------------------------------------------------------------


def test_hostile_items_are_text_in_every_view(session: Session, root: str) -> None:
    label = EVIL.replace(".", "")
    put = store.put(session, (root, label), EVIL, {EVIL: EVIL, "deep": {EVIL: [EVIL]}})
    shown = [
        put,
        store.put(session, (root, label), EVIL, {EVIL: EVIL}),
        store.search(session, root),
        store.get(session, (root, label), EVIL),
        store.namespaces(session, root),
        store.export(session, (root, label)),
        store.delete(session, (root, label), EVIL),
    ]
    for each in shown:
        page = bundle(each)["text/html"]
        assert "<img" not in page
        assert "<script" not in page
        assert "&lt;img src=x" in page


def test_ten_megabytes_are_kept_whole_and_shown_in_part_with_their_size(session: Session, root: str) -> None:
    value = {"text": "x <b>y</b> " * 1_000_000, "list": ["y" * 1000] * 2000}
    store.put(session, root, "big", value)
    found = store.search(session, root)
    item = store.get(session, root, "big")
    again = store.put(session, root, "big", value)
    for result in (found, item, again):
        assert all(len(part) < 150_000 for part in bundle(result).values())
    assert item.value == value
    assert "11,000,000 characters" in bundle(found)["text/plain"]
    for part in bundle(item).values():
        assert "… 13,006,020 characters, .value has all" in part


# -- servers without a store ------------------------------------------------------------------------------------


class WithoutStore(BaseHTTPRequestHandler):
    """A deployment that knows its version, and nothing else."""

    def do_GET(self) -> None:
        is_info = self.path == "/info"
        self._answer(200 if is_info else self.server.status, {"version": "0.1"} if is_info else {"detail": "Not Found"})  # type: ignore[attr-defined]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        is_list = self.path.startswith("/assistants")
        self._answer(200 if is_list else self.server.status, [] if is_list else {"detail": "Not Found"})  # type: ignore[attr-defined]

    do_PUT = do_DELETE = do_POST

    def _answer(self, status: int, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(params=[404, 405, 501])
def poor(request: pytest.FixtureRequest) -> Iterator[Session]:
    """A session on a deployment without a store."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), WithoutStore)
    server.status = request.param  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    session = Session()
    deployment.connect(session, f"http://127.0.0.1:{server.server_port}")
    yield session
    session.close()
    server.shutdown()
    server.server_close()


def test_a_deployment_without_a_store_says_so_in_one_line(poor: Session, tmp_path: Path) -> None:
    asked: list[Callable[[], object]] = [
        lambda: store.search(poor, "x"),
        lambda: store.search(poor, "x", filter={"n": {"$gt": 1}}),
        lambda: store.get(poor, "x", "k"),
        lambda: store.put(poor, "x", "k", {}),
        lambda: store.delete(poor, "x", "k"),
        lambda: store.namespaces(poor),
        lambda: store.export(poor, "x", to=str(tmp_path / "x.json")),
        lambda: store.load(poor, "x", [{"id": "a"}], key="id"),
    ]
    for ask in asked:
        with pytest.raises(Unsupported, match=r"This deployment \(http.*\) has no store"):
            ask()
    assert list(tmp_path.iterdir()) == []
