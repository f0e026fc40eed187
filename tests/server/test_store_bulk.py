"""Many items at once on the real server: a frame goes in, an export comes back as it was, and what fails says how far it came."""

from __future__ import annotations

import json
import os
import signal
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from json_values import mappings, texts
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.actions.many_writes import AT_ONCE
from lg_magics.commands import deployment, store
from lg_magics.errors import CommandError, InvalidRequest, LoadInterrupted
from lg_magics.model.store_values import fingerprint
from lg_magics.session import Session
from lg_magics.tables.store import Export, Items

keys = texts.filter(bool)
labels = keys.filter(lambda label: "." not in label and label != "langgraph")
items = st.lists(st.tuples(labels, keys, mappings), max_size=4, unique_by=lambda item: item[:2])

Found = dict[tuple[tuple[str, ...], str], str]


def new_root() -> str:
    return f"t{uuid.uuid4().hex[:12]}"


def as_found(found: Items | Export) -> Found:
    return {(item.namespace, item.key): fingerprint(item.value) for item in found}


def clear(session: Session, root: str) -> None:
    for item in store.search(session, root, all=True):
        store.delete(session, item.namespace, item.key)


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(given=items, kind=st.sampled_from([".jsonl", ".json", ""]))
def test_any_json_comes_back_equal_through_put_search_export_and_load(
    session: Session, tmp_path: Path, given: list[tuple[str, str, dict[str, Any]]], kind: str
) -> None:
    root = new_root()
    for label, key, value in given:
        store.put(session, (root, label), key, value)
    expected = {((root, label), key): fingerprint(value) for label, key, value in given}
    assert as_found(store.search(session, root, all=True)) == expected
    for label, key, value in given:
        assert fingerprint(store.get(session, (root, label), key).value) == fingerprint(value)
    file = str(tmp_path / f"{root}{kind}") if kind else None
    exported = store.export(session, root, to=file)
    assert as_found(exported) == expected
    clear(session, root)
    store.load(session, file or exported)
    assert as_found(store.search(session, root, all=True)) == expected
    clear(session, root)


def test_a_large_export_goes_out_in_pages_and_comes_back_whole(session: Session, tmp_path: Path) -> None:
    root, file = new_root(), str(tmp_path / "kept.jsonl")
    rows = [{"id": number, "text": f"\u2028 {number}\n" * 15_000} for number in range(120)]
    assert store.load(session, (root, "a/b"), rows, key="id")["written"] == 120
    exported = store.export(session, root, all=True, to=file)
    assert repr(exported) == f"<120 items in {root}, written to {file}>"
    clear(session, root)
    assert store.load(session, file).title == rf"Loaded 120 items into {root}/a\/b."
    assert as_found(store.search(session, root, all=True)) == as_found(exported)
    assert len(exported.df) == 120
    clear(session, root)


def test_an_item_with_an_empty_key_comes_back(session: Session, sdk: SyncLangGraphClient, tmp_path: Path) -> None:
    root, file = new_root(), str(tmp_path / "kept.jsonl")
    sdk.store.put_item([root], "", {"n": 1})
    expected = as_found(store.export(session, root, to=file))
    assert expected == {((root,), ""): fingerprint({"n": 1})}
    sdk.store.put_item([root], "", {"n": 2})
    assert store.load(session, file)["written"] == 1
    assert as_found(store.search(session, root)) == expected


def test_the_whole_store_is_exported_only_when_that_is_said(session: Session) -> None:
    root = new_root()
    store.put(session, root, "k", {"n": 1})
    assert ((root,), "k") in as_found(store.export(session, all=True))


def test_an_export_replaces_its_file_or_leaves_it(session: Session, tmp_path: Path) -> None:
    root, file = new_root(), tmp_path / "kept.json"
    file.write_text("old")
    with pytest.raises(CommandError, match=f"There is no item under {root}: .*kept.json stays as it is"):
        store.export(session, root, to=str(file))
    assert file.read_text() == "old"
    store.put(session, root, "k", {"a": 1})
    (tmp_path / "kept.json~").mkdir()
    with pytest.raises(CommandError, match="cannot be written"):
        store.export(session, root, to=str(file))
    assert file.read_text() == "old"
    (tmp_path / "kept.json~").rmdir()
    store.export(session, root, to=str(file))
    assert [item["key"] for item in json.loads(file.read_text())] == ["k"]
    assert (tmp_path / "kept.json~").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.json", "kept.json~"]
    store.export(session, new_root(), to=str(tmp_path / "new.jsonl"))  # where nothing is replaced
    assert (tmp_path / "new.jsonl").read_text() == ""


# -- frames -----------------------------------------------------------------------------------------------------


def test_each_row_is_an_item_and_each_cell_is_json(session: Session) -> None:
    root = new_root()
    frame = pd.DataFrame(
        {
            "id": [1, 2],
            "text": ["a", "b"],
            "n": [1.5, np.nan],
            "whole": pd.array([2, None], dtype="Int64"),
            "is": [True, False],
            "when": [pd.Timestamp("2024-11-22T23:59:59Z"), pd.NaT],
            "list": [["x", {"y": 1}], []],
            "vector": [np.array([1.0, 2.0]), None],
            "none": pd.Series([None, np.int64(3)], dtype=object),
        }
    )
    printed: list[str] = []
    session.progress = printed.append
    done = store.load(session, f"{root}/x", frame, key="id")
    assert (done.title, printed[-1]) == (f"Loaded 2 items into {root}/x.", "")
    assert {item.key: item.value for item in store.search(session, root)} == {
        "1": {
            "text": "a",
            "n": 1.5,
            "whole": 2,
            "is": True,
            "when": "2024-11-22T23:59:59+00:00",
            "list": ["x", {"y": 1}],
            "vector": [1.0, 2.0],
            "none": None,
        },
        "2": {"text": "b", "is": False, "list": [], "vector": None, "none": 3},
    }


REFUSED: dict[str, tuple[Any, str]] = {
    "two rows of one key": (pd.DataFrame({"id": ["a", "b", "a"]}), "row 0 and row 2 have the same key 'a': nothing is written"),
    "an infinite number": (pd.DataFrame({"id": ["a", "b"], "n": [1, float("inf")]}), "row 1.n is inf"),
    "a row without a key": (pd.DataFrame({"id": ["a", None]}), "Row 1 has no"),
    "a key that is a number with a point": (pd.DataFrame({"id": [1.5]}), "Row 0 has no key: id is 1.5"),
    "an empty key": (pd.DataFrame({"id": [""]}), "Row 0 has no key"),
    "a column that is a number": (pd.DataFrame({"id": ["a"], 0: [1]}), "The column 0 is not text"),
    "a column that stands twice": (pd.DataFrame([["a", 1, 2]], columns=["id", "n", "n"]), "The column 'n' .* twice"),
    "a thing that is no JSON": (pd.DataFrame({"id": ["a"], "o": [object()]}), "row 0.o is an object"),
    "a mapping without the key": ([{"id": "a"}, {"n": 1}], "Row 1 has no 'id'"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_a_frame_is_refused_whole_before_anything_is_sent(session: Session, what: str) -> None:
    source, said = REFUSED[what]
    root = new_root()
    with pytest.raises(CommandError, match=said):
        store.load(session, root, source, key="id")
    assert len(store.search(session, root)) == 0


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("{oops", "line 1 of f.jsonl is not JSON"),
        (
            '{"namespace": ["x"], "key": "k", "value": {}}\n\n{"key": "k"}',
            "line 3 of f.jsonl is not an item of an export",
        ),
        ('{"namespace": ["a.b"], "key": "k", "value": {}}', "cannot hold a dot"),
        ('{"namespace": [], "key": "k", "value": {}}', "not in the root"),
        ('{"namespace": ["x"], "key": 3, "value": {}}', "A key is a text"),
        ('{"namespace": ["x"], "key": "k", "value": [1]}', "The line 1 of f.jsonl is a list"),
        ('{"namespace": ["x"], "key": "k", "value": {"n": NaN}}', "line 1 of f.jsonl.n is nan"),
        (
            '{"namespace": ["x"], "key": "k", "value": {}}\n' * 2,
            "line 1 of f.jsonl and line 2 of f.jsonl have the same",
        ),
        ("\udcff", "f.jsonl is not text in UTF-8"),
    ],
)
def test_a_file_that_is_no_export_is_refused_with_its_line(
    session: Session, tmp_path: Path, lines: str, said: str
) -> None:
    (tmp_path / "f.jsonl").write_bytes(lines.encode("utf-8", "surrogateescape"))
    with pytest.raises(CommandError, match=said):
        store.load(session, str(tmp_path / "f.jsonl"))


def test_an_export_is_loaded_without_a_namespace(session: Session) -> None:
    with pytest.raises(CommandError, match="An export has its own namespaces"):
        store.load(session, "x", Export(()))
    assert store.load(session, Export(())).title == "Loaded 0 items."


# -- what ends a load -------------------------------------------------------------------------------------------


class Grudging(BaseHTTPRequestHandler):
    """A store that refuses the key `bad`, and answers the keys `slow…` only when it has, or when the test asks for it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(200, {"version": "0.1"})

    def do_POST(self) -> None:
        self._body()
        self._answer(200, [])

    def do_PUT(self) -> None:
        key = json.loads(self._body())["key"]
        if key.startswith("slow"):
            self.server.began.set()  # type: ignore[attr-defined]
            self.server.go_on.wait(120)  # type: ignore[attr-defined]
        with self.server.counting:  # type: ignore[attr-defined]
            self.server.taken += key != "bad"  # type: ignore[attr-defined]
        self._answer(422 if key == "bad" else 204, {"detail": "I will not"} if key == "bad" else None)
        if key == "bad":
            self.server.go_on.set()  # type: ignore[attr-defined]

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(self, status: int, content: Any) -> None:
        body = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def grudging() -> Iterator[tuple[Session, ThreadingHTTPServer]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Grudging)
    server.began, server.go_on = threading.Event(), threading.Event()  # type: ignore[attr-defined]
    server.counting, server.taken = threading.Lock(), 0  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    session = Session()
    deployment.connect(session, f"http://127.0.0.1:{server.server_port}")
    yield session, server
    server.go_on.set()  # type: ignore[attr-defined]
    session.close()
    server.shutdown()
    server.server_close()


def rows(*names: str) -> list[dict[str, str]]:
    return [{"id": name} for name in names]


def test_a_refused_row_is_named_with_how_many_were_written(grudging: tuple[Session, ThreadingHTTPServer]) -> None:
    session, server = grudging
    many = rows(*(f"k{number}" for number in range(100)), "bad", *(f"slow{number}" for number in range(900)))
    with pytest.raises(InvalidRequest) as caught:
        store.load(session, "x", many, key="id")
    said = str(caught.value)
    assert said.startswith("row 100, key 'bad': ")
    assert "(422): I will not" in said
    written = int(said.rpartition(" of 1,001 items")[0].rpartition(" ")[2])
    assert written == server.taken  # type: ignore[attr-defined]
    assert 100 - AT_ONCE < written < 1_000


def test_a_kernel_interrupt_ends_a_load_and_says_how_many_were_written(
    grudging: tuple[Session, ThreadingHTTPServer],
) -> None:
    session, server = grudging
    printed: list[str] = []
    session.progress = printed.append

    def interrupt() -> None:
        server.began.wait(120)  # type: ignore[attr-defined]
        os.kill(os.getpid(), signal.SIGINT)
        server.go_on.set()  # type: ignore[attr-defined]

    threading.Thread(target=interrupt).start()
    with pytest.raises(LoadInterrupted) as caught:
        store.load(session, "x", rows("a", *(f"slow{number}" for number in range(50_000))), key="id")
    written = str(caught.value).removeprefix("Stopped: ").removesuffix(" of 50,001 items were written.")
    assert int(written.replace(",", "")) == server.taken < 50_001  # type: ignore[attr-defined]
    assert printed[-1] == ""
