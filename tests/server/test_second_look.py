"""What a careful reader found: secrets that come back, questions unseen, halves of a change, words that were not true."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest

from lg_magics.commands import deployment, people, runs, threads
from lg_magics.errors import AlreadyEnded, LgError, SettingsError, Unreachable
from lg_magics.session import Session
from lg_magics.views.run_card import CardMaker
from lg_magics.views.run_tree import run_tree


def asked(session: Session) -> Any:
    return runs.run(session, "plain", assistant="approval", thread="new").wait()


def test_a_secret_header_does_not_come_back_on_the_card_of_a_resumed_run(session: Session) -> None:
    deployment.set_defaults(session, header={"X-LG-Token": "SECRET123"}, user_id="Ada")
    asked(session)
    resumed = people.resume(session, "yes").wait()
    assert resumed.info.launch is not None
    assert resumed.info.launch.request.config == {"configurable": {"user_id": "Ada"}}
    assert "SECRET123" not in str(run_tree(CardMaker(resumed.info).card(resumed.view, settled=True)))
    assert "SECRET123" not in repr(resumed.info)


def test_a_question_that_this_session_has_not_shown_is_shown_and_not_answered(session: Session, other: Session) -> None:
    run = asked(other)
    threads.use(session, run.thread_id)
    with pytest.raises(LgError, match=r"has not shown the question yet, and nothing was sent(.|\n)*Book the flight"):
        people.resume(session, "yes")
    assert people.resume(session, "yes").wait().status == "success"


def test_cancelling_all_of_ones_own_passes_over_what_has_just_ended(session: Session) -> None:
    live = [runs.run(session, input={"seconds": 20}, assistant="workbench", thread="new") for _ in range(3)]
    client = session.connection.sync
    client.runs.cancel(live[1].thread_id, live[1].run_id)
    runs.cancel(session, mine=True)
    assert {run.wait_quietly(5).status for run in live} == {"cancelled"}
    with pytest.raises(AlreadyEnded):
        runs.cancel(session, live[0])


def test_a_named_thread_is_made_again_after_it_was_deleted(session: Session) -> None:
    made = threads.use(session, "second look", create=True)
    threads.delete(session)
    assert threads.use(session, "second look", create=True).thread_id == made.thread_id
    threads.delete(session)


def test_a_run_that_waits_is_listed_as_waiting_by_a_session_that_did_not_launch_it(
    session: Session, other: Session
) -> None:
    run = asked(other)
    threads.use(session, run.thread_id)
    assert [row["status"] for row in runs.runs(session)] == ["waiting"]
    assert len(runs.runs(session, status="waiting")) == 1
    assert len(runs.runs(session, status="success")) == 0


@pytest.mark.parametrize("address", ["http://[::1", "http://a..b", "http://\x00host"])
def test_an_address_that_is_none_is_refused_in_words(session: Session, address: str) -> None:
    with pytest.raises((SettingsError, Unreachable)):
        deployment.connect(session, address)


@pytest.mark.parametrize("header", [{"X-Name": "Zoë"}, {"X-Name": "a\nb"}, {"X Name": "a"}, {"x-api-key": "a"}])
def test_a_header_that_cannot_be_sent_is_refused_without_its_value(session: Session, header: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as by_defaults:
        deployment.set_defaults(session, header=header)
    with pytest.raises(SettingsError) as by_connecting:
        deployment.connect(session, session.connection.url, header=header)
    assert "Zoë" not in f"{by_defaults.value} {by_connecting.value}"


def test_the_status_names_the_key_that_is_sent_and_not_one_that_was_set_later(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "LANGSMITH_API_KEY", "later")
    assert deployment.status(session)["key"] == "none sent"


def test_a_connect_that_fails_halfway_leaves_the_last_connection_as_it_was(session: Session, other: Session) -> None:
    before = session.connection, session.selection
    with pytest.raises(LgError, match="No assistant 'nobody'"):
        deployment.connect(session, session.connection.url, assistant="nobody")
    assert (session.connection, session.selection) == before


def test_a_cancel_that_comes_too_late_does_not_change_the_word(session: Session) -> None:
    run = runs.run(session, input={"steps": 1}, assistant="workbench", stateless=True)
    while not run.is_settled:
        time.sleep(0.001)
    with pytest.raises(AlreadyEnded):
        run.cancel()
    assert run.status == "success"
