"""Names, values and shapes that a person gives by mistake: each is an error in one line, and nothing is changed."""

from __future__ import annotations

import uuid
from typing import Any

import pandas as pd
import pytest
from langgraph_sdk.client import SyncLangGraphClient

from lg_magics.commands import assistants, crons, runs, state, store, threads
from lg_magics.errors import CommandError, LgError, NotFound, UnknownReference
from lg_magics.session import Session

from .lines import typed


def test_a_name_that_is_none_is_not_the_current_thread(session: Session, sdk: SyncLangGraphClient) -> None:
    kept = threads.new(session)
    for command in ("thread delete", "thread prune", "thread show", "thread copy"):
        with pytest.raises(
            CommandError, match=r"\$t is None, and names no thread\. Leave it out if you mean the current"
        ):
            typed(session, command, "$t", t=None)
    with pytest.raises(CommandError, match=r"is None, and names no thread"):
        typed(session, "thread update", "-t $t['id'] --metadata a=b", t={"id": None})
    assert sdk.threads.get(kept.thread_id)["metadata"] == {}
    threads.delete(session)


@pytest.mark.parametrize("given", ['""', '" "', "$empty"])
@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("cron delete", ""),
        ("cron pause", ""),
        ("assistant delete", ""),
        ("assistant update", "-c a=b"),
        ("thread delete", ""),
        ("cancel", ""),
    ],
)
def test_an_empty_text_names_no_object(session: Session, other: Session, given: str, command: str, line: str) -> None:
    theirs = crons.create(other, "0 0 1 1 *", "hello", assistant="agent")
    with pytest.raises(LgError, match=r"is an empty text, and names no|An empty text names no"):
        typed(session, command, f"{given} {line}", empty="")
    with pytest.raises(UnknownReference, match="An empty text names no cron"):
        crons.delete(session, "")
    crons.delete(other, theirs.cron_id)


def test_a_filter_that_is_none_deletes_nothing(session: Session, sdk: SyncLangGraphClient) -> None:
    kept = threads.new(session)
    for option in ("--older-than", "--status", "--metadata"):
        with pytest.raises(CommandError, match=r"\$none is None|--metadata is empty"):
            typed(session, "thread delete", f"{option} $none", none=None)
    assert sdk.threads.get(kept.thread_id)["thread_id"] == kept.thread_id
    threads.delete(session)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (5, "the history must be a list, got an int"),
        ("abc", "the history must be a list, got a str"),
        ({"updates": []}, "the history must be a list, got a dict"),
        ([5], "'updates' of step 0 must be a list, got None"),
        ([{}], "'updates' of step 0 must be a list, got None"),
        ([{"updates": 5}], "'updates' of step 0 must be a list, got an int"),
        ([{"updates": []}, {"updates": [5]}], "an update of step 1 needs 'as_node' and 'values'"),
        ([{"updates": [{"values": {}}]}], "an update of step 0 needs 'as_node' and 'values'"),
    ],
)
def test_a_history_of_another_shape_is_an_error_in_one_line(session: Session, given: Any, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        typed(session, "thread new", "--graph agent --supersteps $given", given=given)
    assert session.selection.thread is None


@pytest.mark.parametrize("name", ["", " ", "t999", "new", "last", "last~1"])
def test_a_thread_gets_no_name_that_means_another(session: Session, name: str) -> None:
    with pytest.raises(CommandError, match="A thread cannot have"):
        threads.use(session, name, create=True)
    assert session.selection.thread is None


def test_a_graph_that_is_not_there_is_no_missing_feature(session: Session) -> None:
    with pytest.raises(NotFound, match="No graph 'nope'"):
        assistants.assistants(session, graph="nope")
    assert session.connection.lacking == set()
    assert assistants.assistants(session, graph="agent")


def test_an_id_is_no_name_of_an_assistant(session: Session) -> None:
    with pytest.raises(CommandError, match="cannot have an id for its name"):
        assistants.create(session, "agent", name=str(uuid.uuid4()))


@pytest.mark.parametrize("name", ['a"b', "$y", "-x", "a b"])
def test_the_lines_that_an_assistant_suggests_can_be_typed(session: Session, name: str) -> None:
    made = assistants.create(session, "agent", name=name)
    try:
        for line, _ in (*made.lines, *assistants.show(session, name).lines):
            noun, _, rest = line.removeprefix("%lg_").partition(" ")
            command, word = (
                (f"{noun} {rest.split()[0]}", rest.partition(" ")[2]) if noun == "assistant" else (noun, rest)
            )
            typed(session, command, word)
        assert session.selection.assistant == made.data["assistant_id"]
    finally:
        assistants.delete(session, made.data["assistant_id"])


@pytest.mark.parametrize("until", ["9999-12-31", "9999-12-31 18:00"])
def test_an_end_beyond_the_calendar_of_some_time_zone_is_too_far(session: Session, until: str) -> None:
    with pytest.raises(CommandError, match="is too far away"):
        crons.create(session, "0 0 1 1 *", "hello", assistant="agent", until=until)


def test_what_marks_a_cron_as_mine_is_not_overwritten(session: Session) -> None:
    made = crons.create(session, "0 0 1 1 *", "hello", assistant="agent")
    with pytest.raises(CommandError, match="--metadata lg_session: lg_magics writes this itself"):
        crons.update(session, made, metadata={"lg_session": "another"})
    assert crons.delete(session, mine=True)["deleted"] == [made.cron_id]


def test_a_table_is_loaded_like_its_frame(session: Session) -> None:
    threads.new(session, title="loaded")
    table = threads.threads(session, limit=1)
    root = f"t{uuid.uuid4().hex[:12]}"
    assert typed(session, "store load", f"{root} $table --key thread_id", table=table)["written"] == 1
    (item,) = store.search(session, root)
    assert (item.key, item.value["title"]) == (table[0]["thread_id"], table[0]["title"])
    store.delete(session, root, item.key)
    threads.delete(session)


@pytest.mark.parametrize("source", ["", b"", "text"])
def test_a_text_is_no_rows(session: Session, source: object) -> None:
    with pytest.raises(CommandError, match="Load needs a frame"):
        store.load(session, "notes", source, key="id")


def test_keys_that_are_the_index_of_a_frame_are_named_so(session: Session) -> None:
    frame = pd.DataFrame({"id": ["a"], "x": [1]}).set_index("id")
    with pytest.raises(CommandError, match=r"frame\.reset_index\(\)"):
        store.load(session, "notes", frame, key="id")


@pytest.mark.parametrize("given", [None, [None], [[None]], pd.Series([None])])
def test_none_in_place_of_a_run_is_not_the_last_run(session: Session, given: object) -> None:
    ended = runs.run(session, "hello", assistant="agent", thread="new").wait()
    live = runs.run(session, input={"steps": 1, "seconds": 30}, assistant="workbench", thread="new")
    for command in (runs.cancel, runs.wait, runs.delete):
        with pytest.raises(UnknownReference, match=r"A run is needed, got (None|a list)\. Name a run"):
            command(session, given)
    with pytest.raises(UnknownReference, match="A run is needed, got None"):
        typed(session, "runs delete", "$ended $chosen --yes", ended=ended, chosen=[None])
    assert (ended.status, live.is_settled) == ("success", False)
    live.cancel()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-f {text}", "The text is empty. Leave it out to go on without new input."),
        ("-f  {text} ", "The text is empty."),
        ("-i $none", "--input: $none is None. Leave it out for the default."),
        ("--update $none", "--update: $none is None."),
        ("-c $none", "--configurable: $none is None."),
    ],
)
def test_an_input_that_is_empty_does_not_pass_a_breakpoint(session: Session, line: str, said: str) -> None:
    stopped = runs.run(session, "weather", assistant="agent", thread="new", interrupt_before=["*"]).wait()
    with pytest.raises(CommandError) as caught:
        typed(session, "run", line, text="", none=None)
    assert said in str(caught.value)
    with pytest.raises(CommandError, match="The text is empty"):
        runs.run(session, " ")
    assert len(runs.runs(session)) == 1
    assert runs.run(session, thread=stopped.thread_id).wait().thread_id == stopped.thread_id


def test_a_filter_of_a_list_that_is_none_is_not_dropped(session: Session) -> None:
    for option in ("--values", "--metadata", "--ids"):
        with pytest.raises(CommandError, match=rf"{option}: \$none is None"):
            typed(session, "threads", f"{option} $none", none=None)


def test_a_thread_name_with_half_a_character_is_refused(session: Session) -> None:
    for create in (False, True):
        with pytest.raises(CommandError, match=r"cannot have the name '.ud800': it has half a character"):
            threads.use(session, "\ud800", create=create)


def test_an_empty_checkpoint_is_not_the_head(session: Session) -> None:
    runs.run(session, "hello", assistant="agent", thread="new").wait()
    for call in (lambda: state.state(session, ""), lambda: state.update(session, {"messages": []}, at="")):
        with pytest.raises(UnknownReference, match="No checkpoint ''"):
            call()
    threads.delete(session)
