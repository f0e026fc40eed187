"""What a hostile or clumsy person types gets a clear error, and loses nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from lg_magics.commands import assistants, deployment, runs, state, threads
from lg_magics.commands.runs import stream
from lg_magics.errors import (
    CommandError,
    InvalidRequest,
    LgError,
    NotFound,
    RunFailed,
    SettingsError,
    UnknownReference,
    Unreachable,
    WaitInterrupted,
)
from lg_magics.model.result import Result
from lg_magics.session import Session
from lg_magics.views.bundle import bundle

from .pressing import pressed

NOBODY = "01a1faa6-5475-715e-a455-20158515fd36"
DEEP: Any = 1
for _ in range(300):
    DEEP = [DEEP]


REFUSED: dict[str, tuple[Callable[[Session], object], type[Exception], str]] = {
    "a thread that nobody has": (lambda s: threads.use(s, NOBODY), NotFound, f"No thread '{NOBODY}'"),
    "a word for a thread": (lambda s: threads.use(s, "nonsense"), UnknownReference, "No thread 'nonsense'"),
    "the state of no thread": (lambda s: state.state(s), UnknownReference, "No thread yet"),
    "a run on no such thread": (lambda s: runs.run(s, "hi", thread=NOBODY), NotFound, NOBODY),
    "an assistant by a typo": (lambda s: runs.run(s, "hi", assistant="agnet"), UnknownReference, "Did you mean agent"),
    "an assistant by an id that is none": (lambda s: runs.run(s, "hi", assistant=NOBODY), LgError, NOBODY),
    "an assistant to use": (lambda s: assistants.use(s, "nobody"), UnknownReference, "There are agent, approval"),
    "a run by a number": (lambda s: runs.wait(s, "r99"), UnknownReference, "No run 'r99'"),
    "the last of no runs": (lambda s: runs.wait(s), UnknownReference, "has launched no run yet"),
    "a thing that is no run": (lambda s: runs.cancel(s, 3), UnknownReference, "A run is needed, got an int"),
    "text and input": (lambda s: runs.run(s, "hi", input={"a": 1}), CommandError, "Both --input and a text"),
    "broken JSON": (lambda s: runs.run(s, '{"a": ', json=True), CommandError, "not JSON.*line 1, column"),
    "a stateless run on a thread": (lambda s: runs.run(s, "x", stateless=True, thread="t1"), CommandError, "no thread"),
    "a timeout without a wait": (lambda s: runs.run(s, "x", timeout=3), CommandError, "belongs to --wait"),
    "a time that is none": (lambda s: runs.run(s, "x", wait=True, timeout=-1), CommandError, "must be >= 0 seconds"),
    "no text for a new thread": (lambda s: runs.run(s, " \n", thread="new"), CommandError, "The text is empty"),
    "nothing without a thread": (lambda s: stream(s, None, stateless=True), CommandError, "needs text or --input"),
    "an object that is no JSON": (
        lambda s: runs.run(s, input={"messages": object()}),
        InvalidRequest,
        "cannot be sent as JSON",
    ),
    "300 levels": (lambda s: runs.run(s, input={"messages": DEEP}), InvalidRequest, "Recursion limit"),
    "a context beside configurable values": (
        lambda s: runs.run(s, "x", configurable={"a": 1}, context={"b": 2}),
        CommandError,
        "cannot go together",
    ),
    "an address that is none": (lambda s: deployment.connect(s, "http://"), SettingsError, "not the address"),
    "a password in an address": (
        lambda s: deployment.connect(s, "http://me:secret@x.org"),
        SettingsError,
        "x.org holds a user",
    ),
    "a deployment by no name": (
        lambda s: deployment.connect(s, "prod"),
        SettingsError,
        "No deployment is named 'prod'",
    ),
    "a port with nobody behind it": (
        lambda s: deployment.connect(s, "127.0.0.1:9"),
        Unreachable,
        "No deployment answers",
    ),
    "a key by hand": (
        lambda s: deployment.connect(s, "http://127.0.0.1:9", header={"X-Api-Key": "secret"}),
        SettingsError,
        "--api-key-env",
    ),
    "a key variable that is not set": (
        lambda s: deployment.connect(s, "http://127.0.0.1:9", api_key_env="NO_SUCH_KEY"),
        SettingsError,
        "NO_SUCH_KEY is not set",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_in_words_and_the_session_goes_on(session: Session, what: str) -> None:
    do, kind, words = REFUSED[what]
    with pytest.raises(kind, match=words) as caught:
        do(session)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert session.connection.is_alive()
    assert session.tracker.runs() == []


@pytest.mark.parametrize("name", ["message", "state", "thread"])
def test_hostile_html_is_text_in_every_view(session: Session, name: str) -> None:
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    runs.run(session, f"{evil} $x$ [a](javascript:alert(3))", assistant="agent", thread="new", wait=True)
    threads.rename(session, evil)
    views: dict[str, Callable[[Session], Result]] = {
        "message": state.messages,
        "state": state.state,
        "thread": threads.threads,
    }
    shown = views[name](session)
    page = bundle(shown)["text/html"]
    assert "<img" not in page
    assert "<script" not in page
    assert "href" not in page
    assert "&lt;img src=x" in page


def test_ten_megabytes_are_sent_whole_and_shown_in_part(session: Session) -> None:
    text = "x <b>y</b> " * 1_000_000
    run = runs.run(session, text, assistant="agent", thread="new", wait=True)
    assert len(run.messages[0].text) == len(text)
    for result in (state.messages(session), state.state(session)):
        assert all(len(part) < 400_000 for part in bundle(result).values())
    assert len(run.info.code) < 10_000


def test_a_kernel_interrupt_ends_the_waiting_and_not_the_run(session: Session) -> None:
    run = runs.run(session, input={"steps": 1, "seconds": 2}, assistant="workbench", thread="new")
    with pressed(), pytest.raises(WaitInterrupted, match=rf"Stopped waiting; {run.number} goes on"):
        runs.wait(session, run)
    assert run.wait().status == "success"


def test_deleting_a_thread_under_a_live_run_cancels_it_first(session: Session) -> None:
    run = runs.run(session, input={"steps": 9, "seconds": 5}, assistant="workbench", thread="new")
    facts = threads.delete(session)
    assert facts.title.startswith(f"Cancelled {run.number}. Deleted thread t")
    assert run.wait_quietly(10).status in ("cancelled", "deleted")
    assert session.selection.thread is None


def test_a_protected_deployment_is_not_deleted_from_without_yes(session: Session, tmp_path: Any) -> None:
    (tmp_path / "lg_magics.toml").write_text(f'[deployments.prod]\nurl = "{session.connection.url}"\nprotect = true\n')
    before = os.getcwd()
    os.chdir(tmp_path)
    try:
        deployment.connect(session, "prod")
    finally:
        os.chdir(before)
    threads.new(session)
    with pytest.raises(LgError, match="prod is protected"):
        threads.delete(session)
    assert threads.delete(session, yes=True).title.startswith("Deleted thread")


def test_a_failed_run_is_one_line_with_some_of_its_error_below_and_has_the_whole(session: Session) -> None:
    run = runs.run(session, input=5, assistant="agent", thread="new", check=False)
    with pytest.raises(RunFailed) as caught:
        run.wait()
    first, *more = str(caught.value).splitlines()
    assert first == f"r1 failed: {(run.error or '').splitlines()[0]}"
    assert [line.strip() for line in more] == (run.error or "").splitlines()[1:]
