"""How long a call may take, and what a person sees meanwhile."""

from __future__ import annotations

import json
import socket
import time
import tracemalloc
import uuid
from collections.abc import Callable

import pytest

import lg_magics as lg
from lg_magics.commands import deployment, runs, state, store, threads
from lg_magics.errors import DeploymentError, UnexpectedResponse, Unreachable
from lg_magics.server import body, connection, retries, waits
from lg_magics.session import Session

from .faulty import FAULTS, SLOW_FAULTS, Faulty, answers, endless, faulty_server, late, packed

# The others are slow tests: each takes its time.
SOME = [
    name if name in ("silent", "a body that drips") else pytest.param(name, marks=pytest.mark.slow)
    for name in SLOW_FAULTS
]


@pytest.mark.parametrize("name", SOME)
def test_the_first_call_takes_at_most_two_seconds_in_all(name: str, faulty: Faulty) -> None:
    faulty.set(SLOW_FAULTS[name])
    began = time.monotonic()
    with pytest.raises(Unreachable, match="within 2 s"):
        deployment.connect(Session(), faulty.url)
    assert time.monotonic() - began < 2.5


def test_the_first_call_takes_longer_where_a_longer_time_is_given(faulty: Faulty) -> None:
    faulty.set(late(3), lambda call: call == "GET /info", times=1)
    assert "Connected" in deployment.connect(Session(), faulty.url, timeout=60).title


def test_so_does_one_that_must_be_asked_in_other_ways(faulty: Faulty) -> None:
    """Without `/info`, several requests find out whether it is a deployment: together they may not take longer."""
    faulty.set(SLOW_FAULTS["a body that drips"], lambda call: call != "GET /info")
    with faulty_server(faulty.url) as lacking:
        lacking.set(answers(404, b'{"detail": "Not Found"}'), lambda call: call == "GET /info")
        began = time.monotonic()
        with pytest.raises(Unreachable, match="within 2 s"):
            deployment.connect(Session(), lacking.url)
        assert time.monotonic() - began < 2.5


def test_looking_up_a_name_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def slow(host: object, *arguments: object, **options: object) -> object:
        if host == "slow.example":
            time.sleep(4)
        return real(host, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    began = time.monotonic()
    with pytest.raises(Unreachable, match="within 2 s"):
        deployment.connect(Session(), "http://slow.example:1")
    assert time.monotonic() - began < 2.5


@pytest.mark.parametrize("name", SOME)
def test_a_call_without_progress_ends(name: str, faulty: Faulty, session: Session) -> None:
    """`--timeout` is shorter here than the usual 30 s. A byte now and then is no progress."""
    deployment.connect(session, faulty.url, timeout=1.0)
    faulty.set(SLOW_FAULTS[name])
    began = time.monotonic()
    with pytest.raises(Unreachable, match="stopped answering: cannot list the threads") as caught:
        threads.threads(session)
    assert 0.9 < time.monotonic() - began < 2
    assert "--timeout" in caught.value.hint


def test_what_makes_progress_may_take_longer(faulty: Faulty, session: Session) -> None:
    """Each page, and each kilobyte, has its own time."""
    deployment.connect(session, faulty.url, timeout=1.5)
    for key in range(3):
        store.put(session, "pages", f"k{key}", {"text": "x" * 3000})
    faulty.set(FAULTS["late"])  # a second for each answer
    began = time.monotonic()
    assert len(store.search(session, "pages", limit=3)) == 3
    assert len(store.search(session, "pages", limit=3)) == 3
    assert time.monotonic() - began > 1.9


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW_FAULTS)
def test_the_usual_time_is_thirty_seconds_and_each_five_are_shown(name: str, faulty: Faulty, session: Session) -> None:
    faulty.set(SLOW_FAULTS[name])
    seen: list[str] = []
    began = time.monotonic()
    with pytest.raises(Unreachable, match="stopped answering"), waits.notes_to(seen.append):
        threads.threads(session)
    assert 29 < time.monotonic() - began < 32
    assert seen[:5] == [f"still waiting for {faulty.url} ({seconds} s)" for seconds in (5, 10, 15, 20, 25)]
    assert seen[-1] == ""


def test_a_longer_time_is_given(faulty: Faulty, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "IDLE_SECONDS", 0.5)
    hasty = Session()
    deployment.connect(hasty, faulty.url)
    faulty.set(FAULTS["late"])
    with pytest.raises(Unreachable):
        threads.threads(hasty)
    hasty.close()
    faulty.set(None)
    deployment.connect(session, faulty.url, timeout=20)
    faulty.set(FAULTS["late"])
    threads.threads(session)


def test_a_line_shows_what_is_waited_for_and_takes_it_away(
    faulty: Faulty, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waits, "NOTE_EVERY", 0.3)
    faulty.set(FAULTS["late"])
    seen: list[str] = []
    with waits.notes_to(seen.append):
        threads.threads(session)
    assert seen[0].startswith(f"still waiting for {faulty.url} (")
    assert (len(seen) >= 3, seen[-1]) == (True, "")
    threads.threads(session)  # nobody asked to see it
    assert seen[-1] == ""


def test_a_function_prints_what_it_waits_for(
    faulty: Faulty, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(waits, "NOTE_EVERY", 0.3)
    lg.connect(faulty.url)
    faulty.set(FAULTS["late"])
    lg.threads()
    assert f"still waiting for {faulty.url}" in capsys.readouterr().err
    faulty.set(None)
    lg.disconnect()


@pytest.mark.parametrize(
    ("status", "path", "call"),
    [
        (429, "POST /threads/search", threads.threads),
        (503, "POST /threads/search", threads.threads),
        (429, "POST /threads", threads.new),
    ],
)
def test_a_server_that_is_busy_for_a_moment_is_waited_for(
    status: int, path: str, call: Callable[[Session], object], faulty: Faulty, session: Session
) -> None:
    """For a write after a 429 too: it was not done."""
    seen: list[str] = []
    faulty.set(answers(status, b"slowly", "text/plain", retry_after="1"), times=2)
    began = time.monotonic()
    with waits.notes_to(seen.append):
        call(session)
    assert 1.9 < time.monotonic() - began < 6
    assert seen[0] == f"{faulty.url} is busy, and asks to wait 1 s"
    assert faulty.calls.count(path) == 3


def test_an_answer_without_end_is_ended_by_its_size(
    faulty: Faulty, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = threads.new(session)
    monkeypatch.setattr(body, "LARGEST", 20_000_000)
    faulty.set(endless(b" " * 1_000_000))
    with pytest.raises(UnexpectedResponse, match=f"The answer of {faulty.url} has more than 20 MB") as caught:
        threads.threads(session)
    assert caught.value.hint == "lg.client() reads answers of any size."
    with pytest.raises(UnexpectedResponse, match="more than 20 MB"):
        session.loop.wait(session.connection.background.threads.get(made.thread_id), 20)
    with pytest.raises(DeploymentError, match="more than 20 MB"):
        deployment.connect(Session(), faulty.url)
    faulty.set(None)
    threads.threads(session)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw deflate"])
def test_an_answer_that_is_small_until_it_is_unpacked_is_ended_by_its_size(
    encoding: str, faulty: Faulty, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """50 kB become 50 MB. No more than the limit is unpacked, by any client: foreground, background, first call, long wait."""
    made = threads.new(session)
    monkeypatch.setattr(body, "LARGEST", 20_000_000)
    faulty.set(packed(encoding, b" " * 50_000_000))
    background, loop = session.connection.background, session.loop
    calls: list[Callable[[], object]] = [
        lambda: threads.threads(session),
        lambda: loop.wait(background.threads.get(made.thread_id), 20),
        lambda: loop.wait(background.runs.join(made.thread_id, made.thread_id), 20),
        lambda: deployment.connect(Session(), faulty.url),
    ]
    tracemalloc.start()
    try:
        for call in calls:
            with pytest.raises(DeploymentError, match="more than 20 MB"):
                call()
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()


def test_a_line_of_a_stream_that_is_small_until_it_is_unpacked_is_ended_by_its_size(
    faulty: Faulty, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "LARGEST", 20_000_000)
    faulty.set(packed("gzip", b" " * 50_000_000, "text/event-stream"), lambda call: call.endswith("/stream"))
    tracemalloc.start()
    try:
        run = runs.run(session, "hello", assistant="agent").wait(60)
        assert run.status == "success"  # by its row
        assert faulty.count >= 1
        assert tracemalloc.get_traced_memory()[1] < 60_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw deflate", "identity", ""])
def test_an_answer_is_unpacked(encoding: str, faulty: Faulty, session: Session) -> None:
    text = json.dumps([{"thread_id": str(uuid.UUID(int=n)), "metadata": {"n": "x" * n}} for n in range(90)]).encode()
    faulty.set(packed(encoding, text) if encoding not in ("", "identity") else answers(200, text))
    assert len(threads.threads(session, limit=90)) == 90


def test_an_encoding_that_was_not_asked_for_is_refused(faulty: Faulty, session: Session) -> None:
    faulty.set(answers(200, b"[]", content_encoding="br"))
    with pytest.raises(UnexpectedResponse, match="has the encoding 'br', which was not asked for"):
        threads.threads(session)


def test_an_answer_without_end_is_ended_by_its_time(
    faulty: Faulty, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It makes progress, so that no call is without it for 30 s."""
    monkeypatch.setattr(body, "LONGEST", 0.02)
    faulty.set(endless(b" " * 2_000, pause=0.05))
    with pytest.raises(UnexpectedResponse, match=r"has no end after 0\.6 s, and was not read further"):
        threads.threads(session)


def test_one_that_is_busy_for_long_is_not_and_says_for_how_long(
    faulty: Faulty, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty.set(FAULTS["429 for a minute"])
    with pytest.raises(DeploymentError, match=r"\(429\): slowly. It asks to try again in 60 s"):
        threads.threads(session)
    faulty.set(answers(429, b"slowly", "text/plain", retry_after="1"))
    monkeypatch.setattr(retries, "LATER_AT_MOST", 1.5)  # ten seconds otherwise
    with pytest.raises(DeploymentError, match="try again in 1 s"):
        threads.threads(session)
    assert faulty.count == 2
    faulty.set(answers(503, b"x", "text/plain", retry_after="Wed, 21 Oct 2099 07:28:00 GMT"))
    with pytest.raises(DeploymentError, match="asks to try again in"):
        threads.threads(session)
    faulty.set(answers(503, b"x", "text/plain", retry_after="soon"))
    with pytest.raises(DeploymentError, match=r"\(503\): x$"):
        threads.threads(session)


@pytest.mark.parametrize("moment", ["0", "0.001", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_one_that_asks_to_come_back_at_once_is_not_asked_all_the_time(
    moment: str, faulty: Faulty, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "LATER_AT_MOST", 1.5)
    faulty.set(answers(429, b"slowly", "text/plain", retry_after=moment))
    with pytest.raises(DeploymentError, match=r"\(429\): slowly"):
        threads.threads(session)
    assert 2 <= faulty.count <= 4


@pytest.mark.parametrize("name", ["closes", "resets"])
def test_a_read_on_a_connection_that_was_closed_is_tried_once_more(name: str, faulty: Faulty, session: Session) -> None:
    threads.new(session)
    reads: list[Callable[[], object]] = [
        lambda: threads.threads(session),
        lambda: state.history(session),
    ]
    for read in reads:
        faulty.set(FAULTS[name], times=1)
        read()
        assert faulty.count == 1
        faulty.set(FAULTS[name], times=2)
        with pytest.raises(Unreachable, match="was lost"):
            read()
    faulty.set(FAULTS[name], lambda call: call.startswith("PATCH"), times=1)
    with pytest.raises(DeploymentError):
        threads.rename(session, "a title", thread="t1")
    assert len([call for call in faulty.calls if call.startswith("PATCH")]) == 1  # a write is not


@pytest.mark.parametrize("name", ["500", "502", "503", "504", "500 without a word"])
def test_a_server_that_fails_has_not_refused_and_no_page_of_it_is_shown(
    name: str, faulty: Faulty, session: Session
) -> None:
    faulty.set(FAULTS[name])
    with pytest.raises(DeploymentError, match=rf"failed to list the threads \({name[:3]}\)") as caught:
        threads.threads(session)
    assert "refused" not in str(caught.value)
    assert "<" not in str(caught.value)
