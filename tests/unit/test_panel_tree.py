"""The panel as a tree: what stands in it, what a row offers, its form, and nothing too large for a message."""

from __future__ import annotations

import json
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from queue import Queue

from lg_magics.live.protocol import LARGEST, cut
from lg_magics.model.interrupts import Interrupt
from lg_magics.panel.lists import SectionRows
from lg_magics.panel.live_panel import LivePanel
from lg_magics.panel.section_state import SectionState
from lg_magics.panel.sections import SECTIONS
from lg_magics.session import Session
from lg_magics.views.card_questions import card_questions
from lg_magics.views.node import Node, attributes_of, fits, html, nodes_in, text_in
from lg_magics.views.panel_row import PanelRow, open_row
from lg_magics.views.panel_tree import rows_tree

from .panel_samples import DELETE, READ, USE, samples, thread


def buttons(tree: Node) -> dict[str, dict[str, str]]:
    return {text_in(each): attributes_of(each) for each in nodes_in(tree) if each[0] == "button"}


def listed(*ids: str) -> SectionRows:
    return SectionRows([PanelRow(each) for each in ids], "2")


def test_it_says_where_the_session_is_and_what_is_awaited() -> None:
    words = text_in(samples()[""])
    assert all(each in words for each in ("connected", "local", "protected", "user_id=Test", "Answered: r2 goes on."))
    assert "Asking local for its newest threads…" in words


def test_a_section_is_asked_for_where_its_fold_is_open_and_anew_when_it_has_changed() -> None:
    threads = next(each for each in nodes_in(samples()[""]) if attributes_of(each).get("key") == "threads")
    fold = next(each for each in nodes_in(threads) if each[0] == "details")
    rows = next(each for each in nodes_in(threads) if "data-lazy" in attributes_of(each))
    assert "open" in attributes_of(fold)
    assert json.loads(attributes_of(rows)["data-args"]) == {"name": "threads", "revision": 4}


def test_a_row_has_two_lines_and_the_current_one_says_so_in_words() -> None:
    first, second = [each for each in nodes_in(samples()["threads"]) if each[0] == "li"][:2]
    head = buttons(first)["Thread 1t1 ·b7a4f1 · current · idle · agent"]
    assert head["data-choice"] == "row:t1"
    assert "current" not in text_in(second)


def test_an_open_row_has_each_button_before_its_line_for_a_cell() -> None:
    row = thread(1)
    tree = open_row("t1", row, [USE, READ, DELETE], revision=3, can_show=True, can_fork=True)
    found = [text_in(each) for each in nodes_in(tree) if each[0] == "button"]
    assert found == ["Use", "+", "Read +", "Delete", "+", "Show its cell", "Fork…", "Close", "t1 ·b7a4f1"]
    assert buttons(tree)["Delete"]["data-confirm"] == "Delete thread t1?"
    assert buttons(tree)["Read +"]["aria-label"] == "Insert cell: %lg_messages -t t1"
    assert json.loads(buttons(tree)["Use"]["data-args"]) == {"row": "t1", "key": "use"}
    here = open_row("t1", row, [], revision=3)
    assert "Show its cell" not in text_in(here)
    assert "Fork…" not in text_in(here)


def test_a_typed_question_has_its_fields_and_a_call_its_ways() -> None:
    typed = [attributes_of(each) for each in nodes_in(samples()["typed question"]) if each[0] == "input"]
    assert [each["type"] for each in typed] == ["number"]
    assert {"Accept", "Edit", "Respond", "Ignore", "Resume", "+ cell"} <= set(buttons(samples()["call"]))
    sent = json.loads(buttons(samples()["call"])["Resume"]["data-args"])
    assert sent["row"] == "w1"
    assert sent["mark"]
    assert "Go on" in buttons(samples()["breakpoint"])


def test_the_forms_of_many_large_calls_fit_into_a_message_and_none_is_filled_with_a_part() -> None:
    schema = {"type": "object", "properties": {"to": {"type": "string"}, "body": {"type": "string"}}}
    for count, size, boxes in ((40, 12_000, 40), (60, 9_000, 60), (3, 1_000, 0)):
        calls = [{"name": "send", "args": {"to": f"a{n}@x.y", "body": "b" * size}} for n in range(count)]
        configs = [{"action_name": "send", "allowed_decisions": ["approve", "edit", "reject"], "args_schema": schema}]
        asked = Interrupt({"action_requests": calls, "review_configs": configs}, "i1", "n")
        row = PanelRow("th1", word="t1", questions=card_questions([asked], 40_000, "%lg_state"), mark="m")
        tree = open_row("w1", row, [], revision=1)
        assert cut({"tree": tree}) == {"tree": tree}
        assert fits(tree)
        found = [attributes_of(each) for each in nodes_in(tree) if each[0] == "textarea"]
        assert sum(each["key"] == "edit" for each in found) == boxes
        fills = [attributes_of(each)["data-fill"] for each in nodes_in(tree) if "data-fill" in attributes_of(each)]
        assert all(json.loads(each) in [call["args"] for call in calls] for each in fills)


def test_hostile_text_is_text() -> None:
    for name in ("hostile", "open hostile"):
        assert "<img" not in html(samples()[name])
        assert "\u202e" not in json.dumps(samples()[name], ensure_ascii=False)


def test_a_thousand_threads_fit_into_a_message_and_what_does_not_says_so() -> None:
    rows = {f"t{n}": PanelRow(f"{n:036}", "", f"·{n:06}", f"Thread {n}", "idle") for n in range(1_000)}
    tree = rows_tree("threads", "Threads", rows, none="", revision=1, offers={})
    assert sum(each[0] == "li" for each in nodes_in(tree)) == 1_000
    assert len(json.dumps(tree)) < 0.9 * LARGEST
    long = {handle: PanelRow(row.id, title="é" * 900) for handle, row in rows.items()}
    tree = rows_tree("threads", "Threads", long, none="", revision=1, offers={})
    count = sum(each[0] == "li" for each in nodes_in(tree))
    assert f"{count} are shown: more make too large a message." in text_in(tree)
    assert len(json.dumps(tree, ensure_ascii=False)) <= LARGEST


def test_a_row_is_called_the_same_whenever_it_is_read() -> None:
    state = SectionState(SECTIONS[2])
    state.keep(listed("a", "b"), state.reading())
    before = {row.id: handle for handle, row in state.rows.items()}
    state.keep(listed("c", "b"), state.reading())
    after = {row.id: handle for handle, row in state.rows.items()}
    assert after["b"] == before["b"]
    assert after["c"] not in before.values()


def test_of_two_readings_the_one_that_began_last_stays_whichever_ends_first() -> None:
    session = Session()
    panel = LivePanel(session)
    readings = iter([(listed(name), threading.Event()) for name in ("old", "new", "of another deployment")])
    begun: Queue[threading.Event] = Queue()

    def read(_: Session, __: int) -> SectionRows:
        rows, go = next(readings)
        begun.put(go)
        go.wait(10)
        return rows

    state = panel._sections["threads"] = SectionState(replace(SECTIONS[2], read=read))
    with ThreadPoolExecutor(2) as pool:

        def begin() -> tuple[Future[object], threading.Event]:
            return pool.submit(panel._section, {"name": "threads"}), begun.get(timeout=10)

        for asked, go in reversed([begin(), begin()]):
            go.set()
            asked.result(10)
        assert [row.id for row in state.rows.values()] == ["new"]
        late, go = begin()
        state.begin()
        go.set()
        late.result(10)
        assert state.rows == {}
    session.close()


def test_changes_at_once_are_one_reading() -> None:
    state = SectionState(SECTIONS[2])
    assert state.touch() == 0.0
    wait = state.touch()
    assert wait is not None
    assert 0 < wait <= 1
    revision = state.revision
    assert state.touch() is None
    assert state.revision == revision
    state.due()
    assert state.revision == revision + 1
