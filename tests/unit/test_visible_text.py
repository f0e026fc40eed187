"""Every character of a text is seen: the rules that Python and the page share, on their shared fixture, and where they hold."""

from __future__ import annotations

import json
import pickle
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lg_magics.errors import LgError, UnknownReference
from lg_magics.model.run_info import ThreadInfo
from lg_magics.model.stream_parts import StreamPart
from lg_magics.model.stream_text import StreamText
from lg_magics.model.visible_text import breakable, open_end, visible_json, visible_line, visible_text

SAMPLES: dict[str, Any] = json.loads((Path(__file__).parents[1] / "text_fixtures/visible_text.json").read_text())
SUSPECTS = "".join(sample["text"] for sample in SAMPLES["texts"])
TEXTS = st.text(st.one_of(st.sampled_from(SUSPECTS), st.characters()), max_size=30)


def shown_alone() -> set[int]:
    ends = [each.split("-") for each in SAMPLES["shown"]]
    return {code for first, *last in ends for code in range(int(first, 16), int((last or [first])[0], 16) + 1)}


@pytest.mark.parametrize("sample", SAMPLES["texts"], ids=lambda sample: sample["name"])
def test_a_text_is_shown_as_the_fixture_says(sample: dict[str, str]) -> None:
    assert visible_text(sample["text"]) == sample["visible"]


def test_every_character_between_letters_is_as_the_fixture_says() -> None:
    between = {code: f"a{chr(code)}b" for code in range(0x110000)}
    assert {code for code, text in between.items() if visible_text(text) != text} == shown_alone()


def test_no_control_no_format_character_and_no_half_is_left() -> None:
    seen = {*range(0x0600, 0x0606), 0x06DD, 0x070F, 0x0890, 0x0891, 0x08E2, 0x110BD, 0x110CD}  # Cf, but with a shape
    hidden = {code for code in range(0x110000) if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert hidden - shown_alone() == seen | {0x9, 0xA}


@given(TEXTS)
def test_what_is_visible_stays_as_it_is(text: str) -> None:
    assert visible_text(visible_text(text)) == visible_text(text)


@given(st.recursive(TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=5))
def test_visible_json_means_the_same(value: Any) -> None:
    written = visible_json(json.dumps(value, ensure_ascii=False))
    assert json.loads(written) == value
    assert visible_text(written) == written


@pytest.mark.parametrize("sample", SAMPLES["breaks"])
def test_an_unbroken_text_may_break_at_every_500_letters(sample: dict[str, Any]) -> None:
    text = "".join(piece * times for piece, times in sample["text"])
    pieces = breakable(text)
    assert [len(piece) for piece in pieces] == sample["pieces"]
    assert "".join(pieces) == text


def said(*pieces: str) -> str:
    made = StreamText()
    chunks = [
        StreamPart("messages", [{"type": "AIMessageChunk", "id": "1", "content": piece}, {"langgraph_node": "say"}])
        for piece in pieces
    ]
    return "".join([*(made.add([chunk]) for chunk in chunks), made.rest()])


@pytest.mark.parametrize("sample", SAMPLES["texts"], ids=lambda sample: sample["name"])
def test_a_stream_that_is_cut_anywhere_reads_as_the_whole(sample: dict[str, str]) -> None:
    text = sample["text"]
    assert {said(text[:place], text[place:]).rstrip("\n") for place in range(len(text) + 1)} == {
        sample["visible"].rstrip("\n")
    }
    assert said(*text).rstrip("\n") == sample["visible"].rstrip("\n")


def test_only_an_end_that_more_text_may_change_waits() -> None:
    assert open_end("plain") == ""
    assert open_end("line\r") == "\r"
    assert len(open_end("\U0001f3f4" + "\U000e0067" * 500)) < 10


def test_an_error_is_shown_visible_and_kept_exact() -> None:
    problem = LgError("No thread 'a\x1b[2Jb'.", hint="\u202e")
    assert str(problem) == "No thread 'a␛[2Jb'. \\u202e"
    assert problem.message == "No thread 'a\x1b[2Jb'."


def test_a_thread_is_named_visibly_and_its_title_kept_exact() -> None:
    thread = ThreadInfo("t1", "01a1", "a\x1b]52;c;eA==\x07\u202e")
    assert str(thread) == "t1 “a␛]52;c;eA==␇\\u202e”"
    assert thread.title.endswith("\u202e")


def test_a_name_stays_on_its_line() -> None:
    assert visible_line("plain") == "plain"
    assert visible_line("a\nb\tc\r\nd\x1b") == "a␊b␉c␊d␛"
    assert str(ThreadInfo("t2", "0e7caf", "a\nt3 “mine”")) == "t2 “a␊t3 “mine””"


def test_an_error_is_one_line_below_which_only_we_list() -> None:
    problem = UnknownReference("No run 'r9\nr7 · success'.", hint="x\ny")
    assert str(problem) == "No run 'r9␊r7 · success'. x␊y"
    assert problem.message == "No run 'r9\nr7 · success'."
    listed = UnknownReference("'a\nb' could be:", listing="  t1\n  t2", hint="Give its number.")
    assert str(listed) == "'a␊b' could be:\n  t1\n  t2\nGive its number."
    assert str(pickle.loads(pickle.dumps(listed))) == str(listed)


def test_a_shown_error_breaks_between_words_and_a_name_writes_no_line() -> None:
    problem = LgError(
        f"No thread 'a\nb' {'on a long way ' * 10}home.", listing="  t1  one\n  t2  two", hint="%lg_threads\nlists."
    )
    (shown,) = problem._render_traceback_()
    *message, first, second, hint = shown.split("\n")
    assert " ".join(message) == f"LgError: No thread 'a␊b' {'on a long way ' * 10}home."
    assert max(map(len, message)) <= 80
    assert (first, second, hint) == ("  t1  one", "  t2  two", "%lg_threads␊lists.")
