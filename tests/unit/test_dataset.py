"""The rows of a batch from files, and from a dataset of LangSmith: its own SDK, and an answer as LangSmith gives it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from lg_magics.actions.batch_plan import rows_of
from lg_magics.errors import AccessDenied, CommandError, LgError, NotFound, Unreachable
from lg_magics.model.template import is_missing


@pytest.mark.parametrize(
    ("name", "text", "cells"),
    [
        ("a.csv", 'q,n\nhi,1\n"a, b",2\n', [("hi", 1), ("a, b", 2)]),
        ("a.csv", "\ufeffq,n\nhi,1\n", [("hi", 1)]),
        ("a.csv", "\nq,n\nhi,1\n", [("hi", 1)]),
        ("a.csv", "q,n\n01067,7\nNA,\n", [("01067", 7), ("NA", None)]),
        ("a.csv", "q,n\nNone,9007199254740993\nnull,\n", [("None", 9007199254740993), ("null", None)]),
        ("a.csv", "q,n\n1.50,True\n2,False\n", [(1.5, True), (2.0, False)]),
        ("a.csv", "q,n\n0.12345678901234567,true\n,yes\n", [("0.12345678901234567", "true"), (None, "yes")]),
        ("a.csv", f"q,n\n{'x' * 140_000},1\n", [("x" * 140_000, 1)]),
        ("a.tsv", "q\tn\nhi\t1\n", [("hi", 1)]),
        ("a.jsonl", '{"q": "hi", "n": 1}\n\n{"q": "é", "n": {"a": [2]}}\n', [("hi", 1), ("é", {"a": [2]})]),
        ("a.jsonl", '{"q": "a\u2028b\x85c", "n": 1}\n', [("a\u2028b\x85c", 1)]),
        ("a.json", '[{"q": "hi", "n": 1}]', [("hi", 1)]),
        ("a.json", '{"q": ["hi"], "n": [1]}', [("hi", 1)]),
    ],
)
def test_a_file_has_rows(tmp_path: Path, name: str, text: str, cells: list[tuple[Any, ...]]) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    for given in (tmp_path / name, str(tmp_path / name)):
        rows = rows_of(given)
        read = [tuple(None if is_missing(cell) else cell for cell in row) for row in rows.cells]
        assert (rows.columns, read) == (("q", "n"), cells)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"q,q\n1,2\n", "two columns named 'q'"),
        ("a.csv", b"q,n\n1,2\n1,2,3,4\n", "is not CSV"),
        ("a.csv", b"q,n\n1,2,3\n4,5,6\n", "more cells than the first line has names"),
        ("a.csv", b"q\n", "has no rows"),
        ("a.csv", b"\xff\xfe\x00", "is not text in UTF-8"),
        ("a.jsonl", b'{"q": 1}\n{"q": \n', "Line 2 of .* is not JSON"),
        ("a.jsonl", b"[1]\n", "Line 1 of .* is not a JSON object"),
        ("a.json", b"7", "A frame is needed, not an int"),
        ("a.xlsx", b"x", "is not a file that has rows"),
    ],
)
def test_a_file_that_has_none_is_reported(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CommandError, match=said):
        rows_of(str(tmp_path / name))


def test_a_file_that_is_not_there_is_reported() -> None:
    with pytest.raises(CommandError, match=r"questions.csv cannot be read: No such file"):
        rows_of("questions.csv")
    assert rows_of('[{"q": "typed"}]').cells == (("typed",),)


DATASET = str(uuid.uuid4())
AT = "2026-01-01T00:00:00Z"


@pytest.fixture
def langsmith(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An address that answers as LangSmith does, for one dataset."""
    example = {
        "id": str(uuid.uuid4()),
        "dataset_id": DATASET,
        "inputs": {"q": "hi"},
        "outputs": {"a": "ho"},
        "created_at": AT,
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            found: Any = {}
            status = 200 if self.headers.get("x-api-key") == "good" else 401
            if path.endswith("/datasets"):
                known = {"id": DATASET, "name": "questions", "created_at": AT, "example_count": 1}
                found = [known] if "name=questions" in query else []
            elif path.endswith("/examples"):
                found = [example] if "offset=0" in query else []
            body = json.dumps(found if status == 200 else {"detail": "no"}).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=running.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("LANGSMITH_ENDPOINT", f"http://127.0.0.1:{running.server_port}")
    monkeypatch.setenv("LANGSMITH_API_KEY", "good")
    yield
    running.shutdown()
    thread.join(10)
    running.server_close()


@pytest.mark.usefixtures("langsmith")
def test_a_dataset_of_langsmith_has_its_inputs_as_columns_and_its_outputs_as_reference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = rows_of("questions")
    assert rows.row(0) == {"inputs": {"q": "hi"}, "q": "hi", "reference_outputs": {"a": "ho"}}
    with pytest.raises(NotFound, match="LangSmith has no dataset 'others'"):
        rows_of("others")
    monkeypatch.setenv("LANGSMITH_API_KEY", "bad")
    with pytest.raises((AccessDenied, LgError)) as caught:
        rows_of("questions")
    assert "bad" not in str(caught.value)


def test_without_a_key_or_an_answer_it_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LANGSMITH_API_KEY", raising=False)
    monkeypatch.delenv("LANGCHAIN_API_KEY", raising=False)
    with pytest.raises(LgError, match=r"No file 'questions', and no key .* LANGSMITH_API_KEY is not set"):
        rows_of("questions")
    monkeypatch.setenv("LANGSMITH_API_KEY", "good")
    monkeypatch.setenv("LANGSMITH_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(Unreachable, match="LangSmith does not answer"):
        rows_of("questions")
