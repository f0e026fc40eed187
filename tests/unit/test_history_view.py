"""An open history: what its rows and one of its checkpoints say and offer, and nothing too large for a message."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

from lg_magics.model.changes import changes
from lg_magics.model.checkpoints import branches
from lg_magics.model.history import HistoryBuilder
from lg_magics.tables.history import History
from lg_magics.tables.state import State
from lg_magics.views.bundle import bundle
from lg_magics.views.history_tree import checkpoint_tree, first_words, history_tree
from lg_magics.views.node import Node, attributes_of, fits, html, nodes_in, text_in

from .history_samples import BUSY, HOSTILE, checkpoint, entry, forked, history, said, samples
from .html_texts import Tags


def rows(tree: Node) -> list[list[str]]:
    """The words of each row."""
    return [
        [text_in(cell) for cell in nodes_in(each) if cell[0] == "td"]
        for each in nodes_in(tree)
        if each[0] == "tr" and "data-choice" in attributes_of(each)
    ]


def of_tag(tree: Node, tag: str) -> list[Node]:
    return [each for each in nodes_in(tree) if each[0] == tag]


def line(tree: Node) -> str:
    (found,) = [text_in(each) for each in nodes_in(tree) if attributes_of(each).get("class") == "lg-line"]
    return found


@pytest.mark.parametrize("name", samples())
def test_a_view_is_made_of_what_is_allowed_and_is_saved_as_html(name: str) -> None:
    tree = samples()[name]
    assert fits(tree)
    assert json.loads(json.dumps(tree)) == tree
    tags = Tags(html(tree))
    assert not tags.still_open
    assert not {"script", "img", "button", "textarea"} & {tag for tag, _ in tags.opened}


def test_a_row_says_what_the_static_table_says_and_what_was_said() -> None:
    static = bundle(history(forked()))["text/plain"].splitlines()[2:]
    found = rows(history_tree(history(forked())))
    for (lane, step, node, _, _), text in zip(found, static, strict=True):
        assert all(word in text for word in (lane.split()[0], step, node))
    assert [change for _, _, _, change, _ in found] == [
        "ai: “You have two.”",
        "human rewritten: “Give me a summary of all ToDos. Due next week.”",
        "ai: “You have two.”",
        "human: “Give me a summary of all ToDos.”",
        "messages",
    ]


def test_the_change_of_a_step_without_words_names_what_it_wrote() -> None:
    call = {"type": "ai", "id": "1", "content": "", "tool_calls": [{"name": "search", "args": {}, "id": "c"}]}
    assert first_words(changes({"messages": []}, {"messages": [call], "n": 1})) == "ai: search, n"
    assert first_words(changes({"a": 1}, {"a": 2})) == "a"
    assert first_words(None) == ""


def test_the_frame_of_messages_has_the_same_columns_and_types_without_rows() -> None:
    full, empty = history(forked()).messages_df, history([]).messages_df
    assert (list(full.columns), full["step"].dtype) == (list(empty.columns), empty["step"].dtype)
    assert [len(full) > 0, len(empty), full["step"].dtype.name] == [True, 0, "Int64"]
    assert isinstance(empty["created_at"].dtype, pd.DatetimeTZDtype)


def test_a_line_names_the_thread_only_where_it_is_not_the_current_one() -> None:
    assert line(checkpoint(forked(), 0)) == "%lg_fork --run step:2"
    assert line(checkpoint(forked(), 0, elsewhere="-t t1")) == "%lg_fork --run -t t1 step:2"
    assert line(checkpoint(forked(), 3)) == "%lg_fork --run --message 0 b1:0 TEXT"


def test_a_line_names_a_message_by_its_id_where_its_place_is_an_id() -> None:
    odd = entry(2, 1, {"messages": [said("ai", "1", "Hello."), said("human", "m7", "Hi.")]}, step=0)
    rows_of_odd = [odd, entry(1, None, {"messages": []}, step=-1)]
    assert line(checkpoint(rows_of_odd, 0)) == "%lg_fork --run --message m7 step:0 TEXT"


def test_a_human_message_can_be_rewritten_and_another_cannot() -> None:
    (box,) = of_tag(checkpoint(forked(), 3), "textarea")
    assert attributes_of(box)["value"] == "Give me a summary of all ToDos."
    assert of_tag(checkpoint(forked(), 0), "textarea") == []


def test_a_fork_is_off_while_a_run_is_live_and_says_why() -> None:
    tree = checkpoint(forked(), 3, busy=BUSY)
    off = {text_in(each): "aria-disabled" in attributes_of(each) for each in of_tag(tree, "button")}
    assert off == {"Fork and run": True, "Fork": True, "+ cell": False}
    assert BUSY in text_in(tree)


def test_a_very_long_history_says_how_much_of_it_is_shown() -> None:
    steps = [entry(number, number - 1 or None, {"count": number}, step=number) for number in range(1_200, 0, -1)]
    builder = HistoryBuilder()
    for each in steps:
        builder.add(each)
    named = branches([step.checkpoint for step in builder.steps])
    tree = history_tree(History(tuple(builder.steps), named, thread="t1", thread_id="t"))
    assert 300 < len(rows(tree)) < 1_000
    assert len(json.dumps(tree)) < 130_000
    assert f"the newest {len(rows(tree))} are shown, .df has all" in text_in(tree)


def test_a_huge_change_and_a_huge_state_are_cut_and_say_so() -> None:
    messages = [said("human", f"m{number}", "x" * 1_000_000) for number in range(500)]
    shown = history(forked())
    found = changes({}, {"messages": messages})
    state = State(values={"messages": messages[:2]})
    tree = checkpoint_tree(shown, shown[0], found, state, busy="", elsewhere="")
    assert len(json.dumps(tree)) < 700_000
    assert "(600 more lines)" in text_in(tree)
    assert "characters are not shown" in text_in(tree)


def test_a_state_that_is_no_mapping_can_be_looked_at() -> None:
    shown = history(forked())
    state = State(values=[1, 2], thread="t1", checkpoint_id="id", step=0)
    tree = checkpoint_tree(shown, shown[0], changes(None, [1, 2]), state, busy="", elsewhere="")
    assert "[1, 2]" in text_in(tree)


def test_a_message_with_other_line_ends_is_rewritten_only_by_a_user() -> None:
    tree = checkpoint(forked("one\r\ntwo\rthree\nfour"), 3)
    (box,) = of_tag(tree, "textarea")
    (fork,) = [each for each in of_tag(tree, "button") if attributes_of(each).get("data-act") == "fork"]
    assert attributes_of(box)["value"] == "one\ntwo\nthree\nfour"  # as a page holds it
    assert json.loads(attributes_of(fork)["data-args"])["text"] == attributes_of(box)["value"]


def test_hostile_words_are_text() -> None:
    for name in ("hostile", "hostile checkpoint"):
        page = html(samples()[name])
        assert "<img" not in page
        assert HOSTILE in text_in(samples()[name])


@pytest.mark.parametrize("cell", ["shown", "display(shown)"])
def test_where_there_is_no_page_an_open_history_is_the_table(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str
) -> None:
    shell.user_ns["shown"] = history(forked(), is_open=True)
    shell.run_cell(cell)
    said = capsys.readouterr().out
    assert bundle(history(forked()))["text/plain"] in said


def test_a_step_that_changed_nothing_is_not_one_whose_parent_is_unknown() -> None:
    same = {"messages": [said("human", "m1", "hi")]}
    frame = history([entry(3, 2, same, step=1), entry(2, 1, same, step=0)]).df
    assert frame["messages_added"].isna().tolist() == [False, True]
    assert frame["keys"].tolist() == [[], None]
