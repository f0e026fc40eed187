"""`%lg_stream` and `run.stream()`: tokens as they come, in every mode, to the run's end, however it ends."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import signal
import string
import threading
from collections.abc import Callable
from typing import Any

import pytest

from lg_magics import local
from lg_magics.commands import attach, deployment, people, runs
from lg_magics.commands.runs import stream
from lg_magics.errors import CommandError, LgError, RunFailed, WaitInterrupted
from lg_magics.follow.run import Run
from lg_magics.model.events import CustomSent, MessageStreamed, NodeStarted, RunErrored, RunStarted
from lg_magics.model.result import Result
from lg_magics.model.stream_parts import MODES, StreamPart
from lg_magics.session import Session

from .coming import until
from .lacking import lacking_server

WORDS = " ".join(f"w{n}" for n in range(30))


class Printed(list[str]):
    """What a session has printed, piece by piece."""

    def __call__(self, result: Result, text: str) -> None:
        self.append(text)

    @property
    def text(self) -> str:
        return "".join(self)


@pytest.fixture
def printed(session: Session) -> Printed:
    session.write = Printed()
    return session.write


def workbench(session: Session, **value: Any) -> dict[str, Any]:
    return {"input": value, "assistant": "workbench", "thread": "new"}


def launched(session: Session, **value: Any) -> Run:
    return runs.run(session, **workbench(session, **value))


def interrupt_once(is_time: Callable[[], object]) -> None:
    """Press the stop button when it is time."""

    def press() -> None:
        until(is_time)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()


# -- the command ------------------------------------------------------------------------------------------------


def test_what_the_model_says_is_reported_as_it_comes_and_the_run_is_given_back(
    session: Session, printed: Printed
) -> None:
    run = stream(session, **workbench(session, steps=1, tokens=30, seconds=0.6))
    assert printed.text == f"{WORDS}\n"
    assert len(printed) > 3
    assert run.status == "success"
    assert run.view.text == WORDS


def test_tools_that_are_called_are_one_line_each(session: Session, printed: Printed) -> None:
    stream(session, "what's the weather in sf", assistant="agent", thread="new")
    call, result, answer = printed.text.splitlines()
    assert call == 'weather_search(query="weather in San Francisco")'
    assert result.startswith("weather_search → ")
    assert answer.startswith("It is 18°C (64°F) and partly cloudy")


def test_modes_are_reported_under_short_headers(session: Session, printed: Printed) -> None:
    run = stream(session, mode="custom,updates", **workbench(session, steps=1, custom=1))
    assert printed.text == (
        "updates · plan\n  step: 0\ncustom\n  step: 1\n  number: 0\nupdates · work\n  step: 1\n  messages: []\n"
    )
    assert run.raw["kwargs"]["stream_mode"] == ["updates", "custom"]


def test_all_modes_at_once_are_reported(session: Session, printed: Printed) -> None:
    stream(session, mode=MODES, **workbench(session, steps=1, tokens=3, custom=1))
    headers = {line.partition(" ")[0] for line in printed.text.splitlines() if line[0] in string.ascii_lowercase}
    assert headers >= set(MODES)
    assert not re.search(r"[0-9a-f]{8}-|\d\d:\d\d", printed.text)  # no ids, no times


def test_a_mode_that_there_is_not_launches_nothing(session: Session) -> None:
    with pytest.raises(CommandError, match=r"no stream mode 'update'\. Did you mean updates\?"):
        stream(session, mode=["update"], **workbench(session))
    assert session.tracker.runs() == []


def test_a_stateless_run_is_streamed_and_has_its_result(session: Session, printed: Printed) -> None:
    run = stream(session, input={"steps": 1, "tokens": 30}, assistant="workbench", stateless=True)
    assert printed.text == f"{WORDS}\n"
    assert run.result["step"] == 1
    assert session.selection.thread is None


def test_an_error_ends_it_behind_what_was_said(session: Session, printed: Printed) -> None:
    with pytest.raises(RunFailed, match="asked to fail at step 1"):
        stream(session, **workbench(session, steps=1, tokens=30, fail_at=1))
    assert printed.text == f"{WORDS}\n"


def test_a_run_that_waits_for_a_person_says_what_is_asked_and_how_to_answer(session: Session, printed: Printed) -> None:
    run = stream(session, "plain", assistant="approval", thread="new")
    assert run.status == "waiting"
    assert printed.text.endswith("\nthe graph asks: Book the flight for 640 USD?\n%lg_resume ANSWER\n")
    assert people.resume(session, "yes").wait().status == "success"


def test_a_run_that_somebody_cancels_says_so(session: Session, printed: Printed) -> None:
    def cancel() -> None:
        until(lambda: session.tracker.live() and session.tracker.live()[0].view.chunks)
        session.tracker.live()[0].cancel()

    threading.Thread(target=cancel, daemon=True).start()
    assert stream(session, **workbench(session, steps=1, tokens=100, seconds=30)).status == "cancelled"
    assert printed.text.endswith("\nr1 was cancelled.\n")


def test_the_stop_button_ends_the_watching_and_not_the_run(session: Session, printed: Printed) -> None:
    interrupt_once(lambda: printed)
    with pytest.raises(WaitInterrupted, match=r"Stopped watching; r1 goes on\. %lg_wait r1 .* %lg_cancel r1"):
        stream(session, **workbench(session, steps=1, tokens=60, seconds=4))
    (run,) = session.tracker.runs()
    assert not run.is_settled
    assert run.wait().status == "success"


def test_the_stop_button_cancels_the_run_where_that_was_asked_for(session: Session, printed: Printed) -> None:
    interrupt_once(lambda: printed)
    with pytest.raises(WaitInterrupted, match="Stopped watching, and cancelled r1"):
        stream(session, cancel_on_interrupt=True, **workbench(session, steps=1, tokens=100, seconds=30))
    assert session.tracker.runs()[0].wait_quietly(15).status == "cancelled"


def test_a_run_that_the_deployment_does_not_cancel_is_said_to_go_on(
    server: local.LocalServer, session: Session, printed: Printed
) -> None:
    with lacking_server(server.url) as between:
        between.refused = {"POST .*/cancel.*": 503}
        deployment.connect(session, between.url)
        interrupt_once(lambda: printed)
        with pytest.raises(WaitInterrupted, match=r"Stopped watching; r1 goes on: .*503.*%lg_cancel r1 stops it"):
            stream(session, cancel_on_interrupt=True, **workbench(session, steps=1, tokens=100, seconds=30))
        (run,) = session.tracker.live()
        between.refused = {}
        assert run.cancel().wait(120).status == "cancelled"


# -- what is iterated -------------------------------------------------------------------------------------------


def test_the_events_of_a_run_come_from_its_beginning_and_end_with_it(session: Session) -> None:
    run = launched(session, steps=2, tokens=5, custom=1)
    events = list(run.stream())
    assert isinstance(events[0], RunStarted)
    assert [event.node for event in events if isinstance(event, NodeStarted)] == ["plan", "work", "work"]
    assert [event.data for event in events if isinstance(event, CustomSent)] == [
        {"step": 1, "number": 0},
        {"step": 2, "number": 0},
    ]
    assert "".join(event.text for event in events if isinstance(event, MessageStreamed)) == "w0 w1 w2 w3 w4" * 2
    assert run.is_settled
    assert list(run.stream()) == events


def test_an_async_for_gets_the_same(session: Session) -> None:
    run = launched(session, steps=2, tokens=5)

    async def read() -> list[object]:
        return [event async for event in run.stream()]

    assert asyncio.run(read()) == list(run.stream())


def test_parts_come_by_mode_as_the_server_sends_them(session: Session) -> None:
    run = runs.run(session, mode=["values"], **workbench(session, steps=1, custom=1))
    parts = list(run.stream("values", "custom"))
    assert {part.mode for part in parts} == {"values", "custom"}
    assert [part.data for part in parts if part.mode == "custom"] == [{"step": 1, "number": 0}]
    assert parts[-1].data["step"] == 1
    with pytest.raises(LgError, match="r1 was launched without the mode debug: it has tasks, updates, messages"):
        run.stream("debug")


def test_a_heavy_run_has_all_its_tasks_for_those_who_want_them(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lg_magics.follow.replay.TASKS", 20_000)
    run = launched(session, steps=30, grow=1000)
    starts = [part.node for part in run.stream("tasks") if "result" not in part.data]
    assert starts == ["plan", *["work"] * 30]
    assert [part.node for part in run.stream("tasks") if "result" not in part.data] == starts


def test_a_failed_run_tells_its_error_also_to_those_who_come_later(session: Session) -> None:
    run = launched(session, steps=1, fail_at=1)
    for events in (list(run.stream()), list(run.stream())):
        assert [event.error for event in events if isinstance(event, RunErrored)] == ["ValueError"]


def test_a_run_that_was_attached_in_its_middle_is_distinguished_from_its_beginning(
    session: Session, other: Session
) -> None:
    run = launched(session, steps=1, tokens=60, seconds=1.5)
    until(lambda: run.view.chunks > 5)
    found = attach.attach(other, run.run_id, thread=run.thread_id)
    assert isinstance(found, Run)
    assert "".join(part.data[0]["content"] for part in found.stream("messages")) == " ".join(f"w{n}" for n in range(60))


def test_breaking_off_leaves_nothing_behind(session: Session) -> None:
    run = launched(session, steps=1, tokens=100, seconds=60)
    until(lambda: tasks_of(session) == 1)
    before = set(threading.enumerate())
    for _ in run.stream():
        break
    late = run.stream()
    assert isinstance(next(late), RunStarted)
    late.close()
    assert list(late) == []

    async def read_one() -> None:
        async for _ in run.stream():
            break

    asyncio.run(read_one())
    gc.collect()
    until(lambda: tasks_of(session) == 1)  # its own follower goes on
    assert [thread for thread in set(threading.enumerate()) - before if thread.name == "lg_magics"] == []
    assert run.cancel().status == "cancelled"


def tasks_of(session: Session) -> int:
    """How many streams are read on the session's loop."""

    async def count() -> int:
        return sum("run_parts" in repr(task) or "_read_stream" in repr(task) for task in asyncio.all_tasks())

    return session.loop.wait(count())


def test_batches_hold_all_that_has_come(session: Session) -> None:
    run = launched(session, steps=1, tokens=100, seconds=0.5)
    batches = list(run.stream("messages").batches(0.05))
    parts: list[StreamPart] = [part for batch in batches for part in batch]
    assert len(parts) >= 100
    assert 3 < len(batches) < 40


def test_a_session_that_is_closed_ends_its_streams(session: Session) -> None:
    run = launched(session, steps=1, seconds=20)
    events = run.stream()
    threading.Timer(0.3, session.close).start()
    list(events)
    with pytest.raises(StopIteration):
        next(events)
