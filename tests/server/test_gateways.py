"""Something else answers in the deployment's place for a while: a page to log in, a gateway that has lost its server.

Nothing is known of what was asked then, so nothing is said of it, and it is asked again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from re import fullmatch
from typing import Any

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.commands import deployment, runs
from lg_magics.errors import Unreachable
from lg_magics.follow import stream_pool
from lg_magics.session import Session

from .batches import begun, orders
from .lacking import Lacking, lacking_server
from .listening import requests_of

Answer = tuple[int, str, bytes]
LOGIN: Answer = (200, "text/html", b"<html><body>Please log in</body></html>")
GONE: Answer = (404, "text/plain", b"404 page not found")
ELSEWHERE: Answer = (302, "text/html", b"")
HALF: Answer = (200, "application/json", b'[{"thread_id": "0')
RUN = "GET /threads/[^/]+/runs/[^/]+"
SEARCH = "POST /threads/search"
LAUNCH = "POST /threads/[^/]+/runs"
ANSWERS = {"a page to log in": LOGIN, "a gateway's 404": GONE, "a redirect": ELSEWHERE, "half an answer": HALF}
each_answer = pytest.mark.parametrize("answer", ANSWERS.values(), ids=list(ANSWERS))


@pytest.fixture
def gateway(server: local.LocalServer) -> Iterator[Lacking]:
    with lacking_server(server.url) as between:
        yield between


@pytest.fixture
def session(gateway: Lacking) -> Iterator[Session]:
    new = Session()
    deployment.connect(new, gateway.url, assistant="workbench")
    yield new
    new.close()


def once(pattern: str, answer: Answer, times: int = 1) -> Callable[[str], Answer | None]:
    """This answer to the first calls of a kind."""
    left = [answer] * times

    def answered(call: str) -> Answer | None:
        return left.pop() if left and fullmatch(pattern, call) else None

    return answered


def launched(session: Session, **options: Any) -> Any:
    return runs.run(session, input={"steps": 1, "seconds": 0.3}, assistant="workbench", thread="new", **options)


@each_answer
def test_a_run_whose_end_is_asked_for_meanwhile_still_ends_in_a_true_status(
    session: Session, gateway: Lacking, answer: Answer
) -> None:
    gateway.instead = once(RUN, answer, times=2)
    assert launched(session).wait(120).status == "success"


@each_answer
def test_the_poll_goes_on_and_no_run_takes_a_stream(
    session: Session, gateway: Lacking, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_pool, "STREAMS", 0)
    monkeypatch.setattr(stream_pool, "STREAMS_FOR_ANYBODY", 0)
    asked = requests_of(session)
    gateway.instead = once(SEARCH, answer)
    assert launched(session, card=False).wait(120).status == "success"
    assert launched(session, card=False).wait(120).status == "success"
    assert "GET /threads/*/runs/*/stream" not in asked


@each_answer
def test_a_batch_goes_on_and_launches_each_row_once(
    session: Session, gateway: Lacking, sdk: SyncLangGraphClient, answer: Answer
) -> None:
    for pattern in (SEARCH, RUN, "POST /threads"):
        gateway.instead = once(pattern, answer)
        made = begun(session, orders({}, {}, {})).wait(180)
        assert made.counts == {"success": 3}
        assert [len(sdk.runs.list(entry.thread_id)) for entry in made.entries] == [1, 1, 1]


@each_answer
def test_who_asks_is_answered_that_it_was_something_else(session: Session, gateway: Lacking, answer: Answer) -> None:
    gateway.instead = once(LAUNCH, answer)
    with pytest.raises(Unreachable, match="Something else answers in place of the deployment at http"):
        launched(session)


def test_a_gateway_that_has_lost_its_server_deletes_nothing(session: Session, gateway: Lacking) -> None:
    run = runs.run(session, input={"steps": 1, "seconds": 2}, assistant="workbench", thread="new")
    until = time.monotonic() + 1
    gateway.instead = lambda call: GONE if time.monotonic() < until else None
    assert run.wait(120).status == "success"
