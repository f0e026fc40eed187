"""Crons on the real server: every verb, every refusal. None of these fires: see test_cron_fires for one that does."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypedDict, Unpack

import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics import local
from lg_magics.actions.crons import temporary_cron
from lg_magics.commands import crons, deployment, threads
from lg_magics.errors import CommandError, LgError, NotFound, UnknownReference, Unreachable
from lg_magics.model.cell import Cell
from lg_magics.session import Session
from lg_magics.tables.crons import Cron
from lg_magics.views.bundle import bundle
from lg_magics.views.table import table_text

YEARLY = "0 0 1 1 *"


pytestmark = pytest.mark.usefixtures("own_crons")
Own = Callable[[], list[str]]


class Options(TypedDict, total=False):
    """What `made` passes on."""

    thread: str
    timezone: str
    until: str
    keep: bool
    disabled: bool
    configurable: dict[str, object]
    metadata: dict[str, object]


def made(session: Session, text: str = "hello", schedule: str = YEARLY, **options: Unpack[Options]) -> Cron:
    return crons.create(session, schedule, text, assistant="agent", **options)


def row(sdk: SyncLangGraphClient, cron: Cron) -> dict[str, Any]:
    (found,) = [each for each in sdk.crons.search(limit=1000) if each["cron_id"] == cron.cron_id]
    return dict(found)


# -- create -----------------------------------------------------------------------------------------------------


def test_a_cron_is_made_with_all_that_was_given(session: Session, sdk: SyncLangGraphClient) -> None:
    deployment.set_defaults(session, user_id="Test", metadata={"team": "a"})
    cron = made(
        session,
        "What's up?",
        "0 9 * * MON-FRI",
        timezone="Europe/Berlin",
        keep=True,
        disabled=True,
        configurable={"n": 3},
        metadata={"purpose": "x"},
    )
    found = row(sdk, cron)
    assert (found["schedule"], found["timezone"], found["enabled"]) == ("0 9 * * MON-FRI", "Europe/Berlin", False)
    assert (found["on_run_completed"], found["thread_id"]) == ("keep", None)
    assert found["payload"]["input"] == {"messages": [{"role": "user", "content": "What's up?"}]}
    assert {"user_id": "Test", "n": 3}.items() <= found["payload"]["config"]["configurable"].items()
    assert {"team": "a", "purpose": "x", "lg_session": session.id}.items() <= found["metadata"].items()
    assert cron.title == f"Made cron c1 ·{cron.cron_id[-5:]}: At 09:00, Monday through Friday (Europe/Berlin)."


def test_a_cron_names_what_becomes_of_its_results(session: Session) -> None:
    assert made(session).warning.startswith("Each run is deleted with its thread as soon as it ends. --keep")
    assert made(session, keep=True).warning.startswith("Each run leaves a thread")
    threads.new(session)
    assert made(session, thread="t1").warning == ""


def test_the_input_may_be_an_object_or_json(session: Session, sdk: SyncLangGraphClient) -> None:
    given = crons.create(session, YEARLY, input={"steps": 2}, assistant="workbench")
    assert row(sdk, given)["payload"]["input"] == {"steps": 2}
    typed = crons.create(session, YEARLY, '{"steps": 3}', json=True, assistant="workbench")
    assert row(sdk, typed)["payload"]["input"] == {"steps": 3}


def test_what_looks_secret_is_hidden_in_what_is_given_back(session: Session, sdk: SyncLangGraphClient) -> None:
    cron = made(session, configurable={"api_key": "sesame"})
    assert row(sdk, cron)["payload"]["config"]["configurable"]["api_key"] == "sesame"
    assert "sesame" not in str(cron.data)
    crons.update(session, cron, configurable={"n": 1})
    assert row(sdk, cron)["payload"]["config"]["configurable"]["api_key"] == "sesame"


def test_an_end_is_kept_as_a_time(session: Session) -> None:
    cron = made(session, until="2h", schedule="*/5 * * * *")
    (listed,) = crons.crons(session, mine=True)
    assert timedelta(hours=1, minutes=59) < listed["until"] - datetime.now(UTC) < timedelta(hours=2)
    assert str(crons.crons(session, mine=True).df["until"].dt.tz) == "UTC"
    assert "(local time)" in cron["until"]


def test_one_that_does_not_fire_before_its_end_says_so(session: Session) -> None:
    hour = (datetime.now(UTC) + timedelta(hours=12)).hour
    cron = made(session, until="1h", schedule=f"0 {hour} * * *")
    assert "It does not fire before its end." in cron.warning
    shown = f"c1 ·{cron.cron_id[-5:]}"
    assert crons.crons(session, mine=True).note == f"{shown} does not fire before its end."
    assert "before its end" not in crons.update(session, cron, until="2d").warning
    assert "It does not fire before its end." in crons.update(session, cron, until="1h").warning


def test_the_next_times_are_those_of_the_server(session: Session, sdk: SyncLangGraphClient) -> None:
    for zone in ("", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"):
        cron = made(session, schedule="30 2 * * *", **(Options(timezone=zone) if zone else {}))
        table = crons.crons(session, all=True)
        (listed,) = [each for each in table if each["cron_id"] == cron.cron_id]
        assert listed["next_run"] == datetime.fromisoformat(row(sdk, cron)["next_run_date"])
        assert len(listed["next"]) == 3
        assert listed["next"] == sorted(listed["next"])
    assert str(table.df["next_run"].dt.tz) == "UTC"


# -- which ------------------------------------------------------------------------------------------------------


def test_a_cron_is_named_by_its_number_its_id_a_part_of_it_or_as_the_last(session: Session) -> None:
    first, second = made(session, "one"), made(session, "two")
    for name, cron in {"c1": first, "c2": second, f"·{first.cron_id[-5:]}": first, "last": second}.items():
        assert crons.show(session, name).cron_id == cron.cron_id
    assert crons.show(session, first).cron_id == crons.show(session, first.cron_id).cron_id == first.cron_id
    assert crons.show(session).cron_id == second.cron_id
    shared = itertools.takewhile(lambda both: both[0] == both[1], zip(first.cron_id, second.cron_id, strict=True))
    with pytest.raises(UnknownReference, match=rf"could be any of \d+ crons:\n.*{YEARLY[:3]}.*one"):
        crons.show(session, "".join(letter for letter, _ in shared))
    assert session.completions("cron") == ("last", "c2", "c1")


def test_the_last_one_is_never_somebody_elses(session: Session, other: Session) -> None:
    mine, theirs = made(session), made(other, "theirs")
    crons.crons(session)  # which gives theirs a number, too
    assert crons.show(session).cron_id == mine.cron_id
    crons.delete(session, "last")
    with pytest.raises(UnknownReference, match="No cron 'last'"):
        crons.delete(session, "last")
    assert crons.show(other).cron_id == theirs.cron_id


def test_one_that_was_deleted_meanwhile_is_said_to_be_gone(session: Session, sdk: SyncLangGraphClient) -> None:
    cron = made(session)
    sdk.crons.delete(cron.cron_id)
    for verb in (crons.show, crons.pause, crons.delete, crons.runs):
        with pytest.raises(NotFound, match=r"Cron c1 ·\w{5} is not on http\S+ now: it was deleted \(perhaps with its"):
            verb(session, "c1")


def test_another_sessions_cron_is_found_and_said_to_be_anothers(session: Session, other: Session) -> None:
    notebook = f"mine.ipynb·{session.id[:6]}"
    session.cell = lambda: Cell(notebook, "a")
    cron = made(session)
    (listed,) = [each for each in crons.crons(other, all=True) if each["cron_id"] == cron.cron_id]
    assert listed["owner"] == "mine.ipynb"
    assert len(crons.crons(other, mine=True)) == 0
    other.cell = lambda: Cell(notebook, "z")
    assert crons.crons(other, mine=True)[0]["owner"] == "this notebook"
    assert crons.show(other, cron.cron_id[-6:])["whose"] == "this notebook"
    assert crons.delete(other, mine=True)["deleted"] == [cron.cron_id]


# -- change -----------------------------------------------------------------------------------------------------


def test_a_cron_is_paused_and_resumed_and_twice_is_no_error(session: Session, sdk: SyncLangGraphClient) -> None:
    cron = made(session)
    assert crons.pause(session, cron)["state"] == "paused"
    assert row(sdk, cron)["enabled"] is False
    assert crons.pause(session, "c1").title.startswith("Paused already: cron c1")
    assert crons.crons(session, mine=True)[0]["next"] == []
    assert crons.resume(session, "c1")["state"] == "enabled"
    assert crons.resume(session, "c1").title.startswith("Not paused: cron c1")
    assert row(sdk, cron)["enabled"] is True


def test_what_an_update_names_changes_and_the_rest_stays(session: Session, sdk: SyncLangGraphClient) -> None:
    cron = made(session, configurable={"a": "1"}, metadata={"k": "1"}, until="7d", timezone="Europe/Berlin")
    before = row(sdk, cron)
    crons.update(session, cron, "new words", configurable={"b": "2"}, metadata={"l": "2"})
    after = row(sdk, cron)
    assert after["payload"]["input"]["messages"][0]["content"] == "new words"
    assert {"a": "1", "b": "2", "cron_id": cron.cron_id}.items() <= after["payload"]["config"]["configurable"].items()
    assert after["metadata"] == {**before["metadata"], "l": "2"}
    assert (after["schedule"], after["end_time"], after["timezone"]) == (YEARLY, before["end_time"], "Europe/Berlin")
    crons.update(session, cron, schedule="@daily", keep=True, timezone="UTC", enabled=False)
    after = row(sdk, cron)
    assert (after["schedule"], after["end_time"], after["timezone"]) == ("0 0 * * *", before["end_time"], "UTC")
    assert (after["on_run_completed"], after["enabled"]) == ("keep", False)
    with pytest.raises(CommandError, match="needs what to change"):
        crons.update(session, cron)
    with pytest.raises(CommandError, match="has no fields"):
        crons.update(session, cron, schedule="")
    with pytest.raises(CommandError, match="no time zone ''"):
        crons.update(session, cron, timezone="")
    with pytest.raises(CommandError, match="'x' is no minute"):
        crons.update(session, cron, schedule="x * * * *")


def test_an_update_that_enables_a_cron_keeps_its_new_schedule(session: Session, sdk: SyncLangGraphClient) -> None:
    cron = made(session)
    crons.update(session, cron, schedule="0 10 * * *", enabled=True)
    assert row(sdk, cron)["schedule"] == "0 10 * * *"


def test_an_update_puts_no_context_beside_configurable_values(session: Session, sdk: SyncLangGraphClient) -> None:
    by_context = crons.create(session, YEARLY, "hello", assistant="agent", context={"user_id": "A"})
    by_values = made(session, configurable={"user_id": "A"})
    changes: list[tuple[Cron, dict[str, Any]]] = [
        (by_context, {"configurable": {"a": "b"}}),
        (by_values, {"context": {"a": "b"}}),
    ]
    for cron, change in changes:
        before = row(sdk, cron)["payload"]
        with pytest.raises(CommandError, match="cannot go together"):
            crons.update(session, cron, check=False, **change)
        assert row(sdk, cron)["payload"] == before
    crons.update(session, by_values, configurable={"a": "b"})
    crons.update(session, by_context, context={"user_id": "B"})


def test_an_update_takes_a_crons_end_away(session: Session, sdk: SyncLangGraphClient) -> None:
    cron = made(session, until="7d")
    assert row(sdk, cron)["end_time"] is not None
    crons.update(session, cron, until="never")
    assert row(sdk, cron)["end_time"] is None


def test_crons_are_deleted_one_or_all_of_ones_own(session: Session, other: Session, own_crons: Own) -> None:
    theirs = made(other, "theirs")
    first, second, third = made(session), made(session), made(session)
    assert crons.delete(session, "c1").title.startswith("Deleted cron c1 ·")
    assert crons.delete(session, mine=True)["deleted"] == [third.cron_id, second.cron_id]
    assert own_crons() == [theirs.cron_id]
    assert crons.delete(session, mine=True).title == "No cron of this session or notebook is left here."
    assert first.cron_id not in own_crons()


# -- a thread's -------------------------------------------------------------------------------------------------


def test_a_threads_crons_go_with_it(session: Session, own_crons: Own) -> None:
    thread = threads.new(session, title="Trip")
    cron = made(session, thread="Trip")
    made(session, "elsewhere")
    (listed,) = crons.crons(session, thread="t1")
    assert (listed["cron_id"], listed["thread"]) == (cron.cron_id, "t1 “Trip”")
    assert "thread" in table_text(crons.crons(session, thread="t1"))
    assert listed["thread_id"] == thread.thread_id
    threads.delete(session)
    assert cron.cron_id not in own_crons()
    with pytest.raises(NotFound, match="perhaps with its thread"):
        crons.show(session, "c1")
    table = crons.crons(session, mine=True)
    assert list(table.df["thread"]) == ["a new one each time"]
    assert "thread" not in table_text(table)
    assert deployment.status(session)["crons"] == own_crons()


# -- what is left -----------------------------------------------------------------------------------------------


def test_status_and_home_name_what_this_session_made(session: Session, sdk: SyncLangGraphClient) -> None:
    assert dict(deployment.status(session).facts)["crons"] == "none of this session"
    cron = made(session, "hello there")
    shown = f"c1 ·{cron.cron_id[-5:]}"
    words = dict(deployment.status(session).facts)["crons"]
    assert words == f"{shown}: At 00:00, on day 1 of the month, only in January (UTC), agent: hello there"
    assert dict(deployment.home(session).facts)["crons"] == f"{shown} of this session: %lg_crons --mine"
    sdk.crons.delete(cron.cron_id)
    assert dict(deployment.status(session).facts)["crons"] == "none of this session"
    assert "crons" not in dict(deployment.home(session).facts)


def test_a_temporary_cron_is_deleted_at_the_end_of_its_block(
    session: Session, sdk: SyncLangGraphClient, own_crons: Own
) -> None:
    printed: list[str] = []
    with temporary_cron(session, printed.append, YEARLY, "hello", assistant="agent") as cron:
        assert row(sdk, cron)["schedule"] == YEARLY
    assert own_crons() == []
    with pytest.raises(KeyboardInterrupt), temporary_cron(session, printed.append, YEARLY, "hello", assistant="agent"):
        raise KeyboardInterrupt
    assert own_crons() == []
    with temporary_cron(session, printed.append, YEARLY, "hello", assistant="agent") as cron:
        crons.delete(session, cron)
    assert printed == []


def test_a_temporary_cron_that_cannot_be_is_refused_as_any_other(session: Session) -> None:
    before = len(session.connection.sync.crons.search(limit=1000))
    refused: tuple[tuple[dict[str, Any], str], ...] = (
        ({"schedule": 5, "text": "x"}, "schedule must be text, got an int"),
        ({"schedule": YEARLY, "text": "x", "asistant": "agent"}, "asistant"),
        ({"schedule": YEARLY, "text": "x", "assistant": "nobody"}, "No assistant 'nobody'"),
    )
    for given, words in refused:
        with pytest.raises(LgError, match=words), temporary_cron(session, print, **given):
            pytest.fail("the block was entered")
    assert len(session.connection.sync.crons.search(limit=1000)) == before


def test_a_temporary_cron_whose_server_is_gone_says_so_and_hides_no_error(session: Session) -> None:
    printed: list[str] = []
    doomed = local.start(private=True)
    deployment.connect(session, doomed.url)

    def fails_without_a_server() -> None:
        with temporary_cron(session, printed.append, YEARLY, "hello", assistant="agent"):
            local.stop(doomed)
            raise ZeroDivisionError

    def ends_without_a_server() -> None:
        with (
            temporary_cron(session, printed.append, YEARLY, "hello", assistant="agent"),
            pytest.raises(ZeroDivisionError),
        ):
            fails_without_a_server()

    try:
        with pytest.raises(Unreachable, match=r"Cron c1 ·\w{5} is not deleted, and may go on"):
            ends_without_a_server()
    finally:
        local.stop(doomed)
    assert len(printed) == 1
    assert printed[0].startswith("Unreachable: Cron c2 ·")


def test_the_hostile_text_of_a_cron_is_text(session: Session, sdk: SyncLangGraphClient) -> None:
    evil = "<img src=x onerror=alert(1)>"
    cron = made(session, evil, metadata={"note": evil})
    other: Any = sdk.crons.create("agent", schedule="0 0 1 1 *", input={}, metadata={"lg_notebook": evil})
    of_other = (crons.show(session, other["cron_id"]), crons.delete(session, other["cron_id"]))
    for result in (crons.crons(session), cron, deployment.status(session), crons.delete(session, mine=True), *of_other):
        assert "<img" not in bundle(result)["text/html"]
