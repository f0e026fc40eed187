"""A stream reads as text: tokens as they come, each speaker on its own line, everything else short, and all of it inert."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from message_samples import SHAPES

from lg_magics.model.effects import effects_from_writes
from lg_magics.model.interrupts import interrupts_from_payload
from lg_magics.model.messages import messages_from_values
from lg_magics.model.plain_text import WIDTH, brief, brief_lines, call_line
from lg_magics.model.stream_parts import MODES, Mode, StreamPart, part_from_event
from lg_magics.model.stream_text import HELD, MOST, StreamText, text_of_questions
from lg_magics.model.visible_text import visible_text
from lg_magics.tables.conversation import conversation
from lg_magics.views.conversation import conversation_text

FIXTURES = Path(__file__).parents[1] / "stream_fixtures"
HOSTILE = "\x1b[2J\x1b]8;;http://evil\x07\x00\x9b31m\u202eevil\r<script>alert(1)</script>\ud800"


def recorded(name: str) -> list[StreamPart]:
    stream = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return [part for each in stream["parts"] if (part := part_from_event(*each))]


def text(parts: Sequence[StreamPart], *modes: Mode) -> str:
    made = StreamText(modes)
    return "".join([*(made.add([part]) for part in parts), made.rest()])


def token(said: object, node: str = "poet", *, id: str = "", last: bool = False, **more: Any) -> StreamPart:
    chunk = {"type": "AIMessageChunk", "content": said, "id": id or node, "chunk_position": "last" if last else None}
    return StreamPart("messages", [{**chunk, **more}, {"langgraph_node": node}])


def whole(said: str, node: str = "poet", type: str = "ai", **more: Any) -> StreamPart:
    return StreamPart("messages", [{"type": type, "content": said, "id": said, **more}, {"langgraph_node": node}])


def test_a_run_with_a_tool_reads_as_it_went() -> None:
    call, result, answer = text(recorded("weather")).splitlines()
    assert call == 'weather_search(query="weather in San Francisco")'
    assert result.startswith('weather_search → {"city": "San Francisco", "temp_c": 18')
    assert answer.startswith("It is 18°C (64°F) and partly cloudy in San Francisco now")


def test_tokens_of_one_speaker_are_its_text_and_nothing_else() -> None:
    assert text([token("Roses "), token("are "), token("red", last=True)]) == "Roses are red\n"


def test_two_who_speak_at_once_are_reported_one_after_the_other() -> None:
    parts = [token(f"{node[0]}{n} ", node) for n in range(4) for node in ("poet", "joker")]
    ends = [token("", "poet", last=True), token("", "joker", last=True)]
    assert text([*parts, *ends]) == "p0 p1 p2 p3 \njoker: j0 j1 j2 j3 \n"


def test_the_first_token_of_the_current_speaker_is_shown_at_once() -> None:
    made = StreamText()
    assert made.add([token("Roses ")]) == "Roses "
    assert made.add([token("Why ", "joker"), token("are ")]) == "are "
    assert made.add([token("red", last=True)]) == "red\njoker: Why "
    assert made.add([token("not", "joker")]) == "not"


def test_a_model_that_has_waited_for_long_is_shown_although_another_goes_on() -> None:
    made = StreamText()
    made.add([token("Once ")])
    assert made.add([token("x" * HELD, "joker")]) == f"\njoker: {'x' * HELD}"
    assert made.add([token("upon ")]) == ""
    assert made.rest() == "\npoet: upon \n"


def test_a_node_that_has_ended_gives_the_floor_away_although_its_model_marks_no_end() -> None:
    parts = [token("Roses "), token("Why not", "joker"), StreamPart("updates", {"poet": {}})]
    assert StreamText().add(parts) == "Roses \njoker: Why not"


WORDS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["", "\n", "." * 150]), st.booleans()), max_size=60)


@given(WORDS, st.integers(1, 9))
def test_all_words_of_each_model_are_shown_once_and_in_order(words: list[tuple[str, str, bool]], size: int) -> None:
    parts = [token(f"{who}{n} {more}", who.upper(), last=last) for n, (who, more, last) in enumerate(words)]
    made = StreamText()
    printed = "".join(made.add(parts[at : at + size]) for at in range(0, len(parts), size)) + made.rest()
    assert printed == text(parts)
    for who in "abc":
        said = [f"{who}{n}" for n, (speaker, *_) in enumerate(words) if speaker == who]
        assert re.findall(rf"{who}\d+", printed) == said


def test_a_message_in_one_piece_is_reported_and_not_a_second_time() -> None:
    assert text([whole("Hello")]) == "Hello\n"
    assert text([token("Hel"), token("lo", last=True), whole("Hello")]) == "Hello\n"
    assert text([whole("Hello", type="human")]) == ""


def test_what_a_model_thinks_aloud_is_printed_as_reasoning() -> None:
    thinks = [token([{"type": "thinking", "thinking": word, "index": 0}]) for word in ("Let me ", "see.")]
    assert text([*thinks, token("It is "), token("42.", last=True)]) == "(reasoning) Let me see.\nIt is 42.\n"
    said = [token("It is 42.", last=True), whole("It is 42.", additional_kwargs={"reasoning_content": "Hm."})]
    assert text(said) == "It is 42.\n"
    assert text([whole("It is 42.", additional_kwargs={"reasoning_content": "Hm."})]) == "(reasoning) Hm.\nIt is 42.\n"
    kept = [token("", additional_kwargs={"reasoning_content": word}) for word in ("a", "b")]
    call = token("", tool_call_chunks=[{"index": 0, "name": "f", "args": "{}"}], last=True)
    assert text([*kept, call]) == "(reasoning) ab\nf()\n"


NOT_TOLD = ("human", "filename", "file_id", "role")


@pytest.mark.parametrize("name", [name for name in SHAPES if not any(word in name for word in NOT_TOLD)])
def test_a_message_of_any_vendor_s_shape_is_reported(name: str) -> None:
    printed = text([StreamPart("messages", [SHAPES[name], {"langgraph_node": "poet"}])])
    assert "MARK" in printed or " failed boom" in printed


CALL = {"name": "find", "args": {"q": "a"}, "id": "1", "type": "tool_call"}
BROKEN = {"name": "find", "args": "{'q", "id": "2", "error": "no JSON", "type": "invalid_tool_call"}
WORDED: dict[str, dict[str, Any]] = {
    'find(q="a")': {"type": "ai", "content": "", "tool_calls": [CALL]},
    "find({'q) could not be read: no JSON": {"type": "ai", "content": "", "invalid_tool_calls": [BROKEN]},
    'find(q="a") by the provider': {
        "type": "ai",
        "content": [{"type": "server_tool_use", "name": "find", "input": {"q": "a"}, "id": "3"}],
    },
    "find → nothing": {"type": "tool", "content": "nothing", "name": "find", "tool_call_id": "1"},
    "find failed no day": {"type": "tool", "content": "no day", "name": "find", "tool_call_id": "1", "status": "error"},
    "(reasoning) Hm.": {"type": "ai", "content": "", "additional_kwargs": {"reasoning_content": "Hm."}},
}


@pytest.mark.parametrize("words", WORDED)
def test_calls_results_and_reasoning_have_the_same_words_everywhere(words: str) -> None:
    """In a stream, in a value of a stream, on a card, and in a conversation, which has a tool's name and `failed` in its head."""
    payload = WORDED[words]
    assert text([StreamPart("messages", [payload, {"langgraph_node": "poet"}])]) == f"{words}\n"
    assert [str(each) for each in effects_from_writes({"messages": [payload]})] == [words]
    assert brief(payload).removeprefix("ai: ") == words
    read = conversation_text(conversation(messages_from_values({"messages": [payload]})))
    role, _, said = read.partition("\n")
    if payload["type"] == "tool":
        assert (role, said) == (f"── tool find{' · failed' if 'failed' in words else ''}", payload["content"])
    else:
        assert (role, said) == ("── ai", words)


def test_a_refusal_is_reported_as_it_comes_and_of_an_unknown_block_its_type() -> None:
    pieces = [token([{"type": "refusal", "refusal": word, "index": 0}]) for word in ("I ", "cannot")]
    block = {"type": "from_the_future", "x": "a"}
    assert text([*pieces, token([block]), token([block]), token("", last=True)]) == "I cannot\n[from_the_future]\n"


def test_a_call_that_comes_in_pieces_is_one_line() -> None:
    pieces = [("search", '{"q": "a'), ("", 'b", "n"'), ("", ": 3}")]
    parts = [token("", tool_call_chunks=[{"index": 0, "name": name, "args": args}]) for name, args in pieces]
    assert text([token("Let me see."), *parts, token("", last=True)]) == 'Let me see.\nsearch(q="ab", n=3)\n'


def test_nodes_of_subgraphs_have_the_way_to_them_and_no_ids() -> None:
    inner = StreamPart("messages", token("deep", "inner").data, ("sub:1f0c2b9e", "deeper:77"))
    assert text([token("high ", last=True), inner]) == "high \nsub › deeper › inner: deep\n"
    assert text([StreamPart("custom", {"a": 1}, ("sub:1f0c2b9e",))], "custom") == "custom · sub\n  a: 1\n"


def test_each_mode_has_a_header_and_a_few_lines() -> None:
    assert text(recorded("custom")[:4], "updates", "custom") == "updates · plan\n  step: 0\n"
    printed = text(recorded("fails"), "tasks", "updates")
    assert "tasks · plan · starts\n  messages: []\n  steps: 3\n" in printed
    assert "tasks · work · fails\n" in printed
    assert "asked to fail at step 2" in printed
    asked = text(recorded("asks_inbox"), "updates")
    assert "updates\n  asks: " in asked


def test_tokens_among_other_modes_have_a_header_where_they_begin() -> None:
    parts = [token("Roses "), StreamPart("custom", {"n": 1}), token("are "), token("red")]
    assert text(parts, "messages", "custom") == "messages · poet\nRoses \ncustom\n  n: 1\nmessages · poet\nare red\n"


def test_checkpoints_debug_and_events_have_no_ids_and_no_times() -> None:
    state = {"values": {"step": 1}, "next": ["work"], "metadata": {"step": 3}, "config": {"id": "1f1e590e"}}
    task = {"id": "aca08055", "name": "work", "input": {"step": 1}}
    assert text([StreamPart("checkpoints", state)], "checkpoints") == "checkpoints · step 3\n  next: work\n  step: 1\n"
    debug = StreamPart("debug", {"type": "task", "step": 2, "timestamp": "2026-11-21", "payload": task})
    assert text([debug], "debug") == "debug · work · task · step 2\n  step: 1\n"
    event = StreamPart(
        "events", {"event": "on_chain_end", "name": "work", "run_id": "01", "data": {"output": {"a": 1}}}
    )
    assert text([event], "events") == 'events · work · on_chain_end\n  output: {"a": 1}\n'


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("data", [HOSTILE, {HOSTILE: HOSTILE}, [HOSTILE, {"langgraph_node": HOSTILE}], None, 3, []])
def test_nothing_that_a_server_sends_can_move_a_cursor(mode: Mode, data: Any) -> None:
    parts = [StreamPart(mode, data, (HOSTILE,)), token(HOSTILE, HOSTILE), whole(HOSTILE, type="tool", name=HOSTILE)]
    printed = text([*parts, token("x", id="2", tool_call_chunks=[{"name": HOSTILE, "args": HOSTILE}])], mode)
    printed += text([*parts, StreamPart("updates", {HOSTILE: 1})])
    assert re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", printed) == []
    printed.encode()


def test_a_large_state_is_a_few_short_lines() -> None:
    state = {f"key{n}": {"text": "x" * 1_000_000, "list": list(range(1000))} for n in range(100)}
    printed = text([StreamPart("values", state)], "values")
    assert len(printed.splitlines()) < 20
    assert max(map(len, printed.splitlines())) < WIDTH + 40
    assert "… 88 more" in printed


def test_there_is_a_limit_to_all_that_is_reported() -> None:
    made = StreamText()
    printed = "".join(made.add([token("x" * 1000)]) for _ in range(MOST // 1000 + 50))
    assert len(printed) < MOST + 200
    assert printed.endswith("%lg_messages and %lg_state have it\n")
    assert made.add([token("more")]) == made.rest() == ""


def test_a_value_is_brief() -> None:
    assert brief([1, 2, 3]) == "[1, 2, 3]"
    assert brief({"type": "ai", "content": "Hi\nthere", "id": "7"}) == "ai: Hi there"
    assert brief(list(range(100)), 20) == "[0, 1, 2, 3, … (100)"
    assert len(brief("x" * 10**6)) <= WIDTH
    assert brief_lines({"messages": [{"type": "human", "content": "a"}, {"type": "ai", "content": "b"}]}) == [
        "messages: 2 messages, the last ai: b"
    ]
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    assert brief(deep).startswith("[[[")


def test_a_call_whose_arguments_are_no_json_is_reported_as_it_came() -> None:
    assert call_line("search", '{"q": "a') == 'search({"q": "a)'
    assert call_line("search", "") == "search()"


def test_what_is_asked_says_how_to_go_on() -> None:
    (plain,) = interrupts_from_payload([{"value": "Sure?\x1b[2J", "id": "1"}], "ask")
    assert text_of_questions([plain]) == "ask asks: Sure?␛[2J\n%lg_resume ANSWER\n"
    assert text_of_questions([]) == "stopped at a breakpoint: %lg_resume goes on\n"
    assert visible_text("a\r\nb\tc") == "a\nb\tc"
