"""A response of another shape than the call promises gives one clear error, and no command reports what is untrue."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from re import fullmatch

import pytest

from lg_magics import local
from lg_magics.commands import deployment, runs, store, threads
from lg_magics.errors import LgError, UnexpectedResponse
from lg_magics.model.result import Result
from lg_magics.session import Session
from lg_magics.views.bundle import bundle

from .lacking import Lacking, lacking_server
from .lines import typed

SHAPES: dict[str, tuple[int, bytes]] = {
    "nothing": (204, b""),
    "an empty text": (200, b""),
    "null": (200, b"null"),
    "a list": (200, b"[]"),
    "an empty object": (200, b"{}"),
    "a list of an empty object": (200, b"[{}]"),
    "a list of a text": (200, b'["x"]'),
    "an object that explains": (200, b'{"detail": "please wait"}'),
    "a text": (200, b'"ok"'),
}

LINES: tuple[tuple[str, str], ...] = (
    ("assistants", ""),
    ("assistant use", "other"),
    ("assistant show", "agent"),
    ("assistant create", "polyglot --graph agent"),
    ("assistant update", "agent -c user_id=x"),
    ("assistant versions", "agent"),
    ("assistant use-version", "1 agent"),
    ("assistant delete", "polyglot"),
    ("schemas", "agent"),
    ("graph", "agent"),
    ("threads", ""),
    ("thread new", ""),
    ("thread use", "t9"),
    ("thread use", "trip --create"),
    ("thread show", ""),
    ("thread copy", ""),
    ("thread rename", "Trip"),
    ("thread update", "--metadata a=b"),
    ("run", "hello -a agent"),
    ("run", "hello -a agent -t new"),
    ("run", "hello -a agent --stateless"),
    ("attach", "019a0000-0000-7000-8000-000000000000"),
    ("attach", "--mine"),
    ("attach", ""),
    ("resume", "yes"),
    ("inbox", ""),
    ("runs", ""),
    ("runs", "--all --status success"),
    ("state", ""),
    ("messages", ""),
    ("state update", '{"messages": []}'),
    ("fork", "step:1 --as-node agent"),
    ("history", ""),
    ("diff", "step:1 step:2"),
    ("store search", ""),
    ("store search", "--all"),
    ("store get", "odd/test k1"),
    ("store delete", "odd/test k1"),
    ("store namespaces", ""),
    ("store export", "{folder}/backup.jsonl"),
    ("crons", ""),
    ("cron create", '"0 0 1 1 *" hello -a agent'),
    ("cron show", "c1"),
    ("cron runs", "c1"),
    ("cron pause", "c1"),
    ("cron update", "c1 --keep"),
    ("cron delete", "c1"),
    ("thread delete", ""),
)


@dataclass
class Odd:
    """The deployment between, and a session on it that has a thread with a run."""

    between: Lacking
    session: Session


@pytest.fixture(scope="module")
def odd(server: local.LocalServer) -> Iterator[Odd]:
    with lacking_server(server.url) as between:
        session = Session()
        deployment.connect(session, between.url)
        runs.run(session, "what's the weather in sf", assistant="agent", wait=True)
        store.put(session, "odd/test", "k1", {"a": 1})
        yield Odd(between, session)
        between.instead = lambda call: None
        threads.delete(session)
        session.close()


@pytest.mark.parametrize("shape", SHAPES)
def test_every_command_says_in_one_line_that_the_response_is_another(odd: Odd, shape: str, tmp_path: Path) -> None:
    status, body = SHAPES[shape]
    backup = tmp_path / "backup.jsonl"
    backup.write_text("a good backup\n")
    raw, untrue = [], []
    for name, line in LINES:
        odd.between.instead = lambda call: (
            None if call in ("GET /info", "GET /ok") else (status, "application/json", body)
        )
        kept = odd.session.selection
        try:
            found = typed(odd.session, name, line.replace("{folder}", str(tmp_path)))
        except LgError:
            pass
        except Exception as problem:  # noqa: BLE001 - the test counts them
            raw.append(f"{name} {line}: {type(problem).__name__}: {problem}")
        else:
            untrue.append(f"{name} {line}: {shown(found)}")
        odd.session.selection = kept
    assert raw == []
    assert [each for each in untrue if not is_true(shape, each)] == []
    assert backup.read_text() == "a good backup\n"


def shown(found: object) -> str:
    return str(bundle(found)["text/plain"])[:150] if isinstance(found, Result) else repr(found)


def is_true(shape: str, said: str) -> bool:
    """Whether what a command says is what such a response means: an empty list is a list of nothing.

    A DELETE whose status is 200 was done, whatever else it says.
    """
    return shape == "a list" and (": no " in said or said.startswith("thread delete"))


def test_the_error_names_what_came_and_what_was_asked_for(odd: Odd) -> None:
    odd.between.instead = lambda call: (
        (200, "application/json", b'{"detail": "please wait"}') if fullmatch("POST /threads/search", call) else None
    )
    with pytest.raises(UnexpectedResponse) as caught:
        typed(odd.session, "threads", "")
    odd.between.instead = lambda call: None
    said = "answered with an object that says “please wait” in place of a list: cannot list the threads"
    assert said in str(caught.value)
    assert "%lg_status" in caught.value.hint


def test_a_launch_whose_response_is_odd_is_found_by_its_mark(odd: Odd) -> None:
    """The run is there: who launched it again would have it twice."""

    def after(call: str) -> tuple[int, str, bytes] | None:
        return None

    odd.between.instead = after
    original = odd.between.changed

    def changed(answer: object, sent: bytes, ask: object) -> object:
        if isinstance(answer, dict) and answer.get("status") == "pending" and "lg_launch" in json.dumps(answer):
            odd.between.changed = original  # type: ignore[method-assign]
            return {}
        return original(answer, sent, ask)  # type: ignore[arg-type]

    odd.between.changed = changed  # type: ignore[method-assign]
    before = len(odd.session.connection.runs.newest(odd.session.selection.thread.id))  # type: ignore[union-attr]
    run = runs.run(odd.session, "and in nyc?", assistant="agent", wait=True)
    assert run.status == "success"
    assert len(odd.session.connection.runs.newest(run.thread_id)) == before + 1
