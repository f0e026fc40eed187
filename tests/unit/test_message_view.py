"""A conversation shows every text of every message, folded or not: on a page, in a terminal and in its frame."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from message_samples import SHAPES, messages, text_leaves

from lg_magics.model.messages import messages_from_values
from lg_magics.tables.conversation import Conversation, conversation
from lg_magics.views.bundle import bundle
from lg_magics.views.conversation import conversation_text, conversation_tree
from lg_magics.views.node import Node, attributes_of, children_of, fits, html, nodes_in, text_in


def shown(*payloads: Any) -> Conversation:
    return conversation(messages_from_values({"messages": list(payloads)}))


def on_page(tree: Node) -> str:
    """All that a person can read in a tree, on the page or by pointing at it."""
    return "\n".join([text_in(tree), *(attributes_of(each).get("title", "") for each in nodes_in(tree))])


def in_frame(found: Conversation) -> str:
    frame = found.df
    return "\n".join(str(cell) for name in frame for cell in frame[name])


def missing(leaves: Iterator[str], text: str) -> list[str]:
    return [leaf for leaf in leaves if leaf not in text and json.dumps(leaf)[1:-1] not in text]


@settings(deadline=None, max_examples=60)
@given(messages)
def test_every_text_of_a_message_is_on_the_page_and_in_the_frame(payload: dict[str, Any]) -> None:
    found = shown(payload)
    (message,) = found
    leaves = [
        leaf for leaf in text_leaves(payload) if not (message.has_failed and leaf == "error")
    ]  # the page says `failed`
    assert missing(iter(leaves), on_page(conversation_tree(found))) == []
    assert missing(text_leaves(payload), in_frame(found)) == []


@settings(deadline=None, max_examples=60)
@given(messages)
def test_every_text_that_a_person_reads_is_in_the_terminal(payload: dict[str, Any]) -> None:
    found = shown(payload)
    (message,) = found
    unread = {*text_leaves([part.value for part in message.details]), message.id, message.tool_call_id}
    unread |= {"error"} if message.has_failed else set()
    unread |= {call.id for call in message.calls}
    assert missing((leaf for leaf in text_leaves(payload) if leaf not in unread), conversation_text(found)) == []


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_of_a_vendor_can_be_read_everywhere(name: str) -> None:
    found = shown(SHAPES[name])
    places = [conversation_text(found), on_page(conversation_tree(found)), in_frame(found)]
    if name == "tool status error":
        assert [word in text for word, text in zip(("failed", "failed", "error"), places, strict=True)] == [True] * 3
    assert [text.count("MARK") >= json.dumps(SHAPES[name]).count("MARK") for text in places] == [True] * 3


def test_a_block_that_is_not_known_is_its_type_with_its_json_folded() -> None:
    block = {"type": "from_the_future", "x": {"deep": ["a" * 100]}}
    tree = conversation_tree(shown({"type": "ai", "content": [block]}))
    (fold,) = [each for each in nodes_in(tree) if each[0] == "details"]
    summary, body = children_of(fold)
    assert text_in(summary).startswith("[from_the_future] {")
    assert json.loads(text_in(body)) == {"x": {"deep": ["a" * 100]}}


def test_a_long_text_of_a_tool_is_whole_in_a_fold_and_cut_in_a_terminal() -> None:
    said = "".join(f"line {n} of the tool\n" for n in range(5_000))
    found = shown({"type": "tool", "content": said, "tool_call_id": "1"})
    page = bundle(found)
    assert said in page["text/html"]
    assert page["text/html"].count("<details>") == 1
    assert "more characters: .df has all" in page["text/plain"]
    assert len(page["text/plain"]) < 2_500


def test_long_arguments_of_a_call_are_whole_in_a_fold() -> None:
    call = {"name": "write", "args": {"body": "word " * 2_000}, "id": "1"}
    tree = conversation_tree(shown({"type": "ai", "content": "", "tool_calls": [call]}))
    assert "word " * 2_000 in text_in(tree)
    assert sum(each[0] == "details" for each in nodes_in(tree)) == 1


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("hi", 3_000),
        ("x" * 1_000_000, 3),
        ("* a\n" * 7_000, 3),
        ("a\n\n" * 30_000, 3),
        ("| a | b |\n|---|---|\n" + "| c | d |\n" * 600, 12),
    ],
)
def test_conversations_of_any_size_can_be_drawn(said: str, count: int) -> None:
    many = [{"type": "ai", "content": said}] * count
    tree = conversation_tree(shown(*many, {"type": "human", "content": "the last"}))
    assert fits(tree)
    page = html(tree)
    assert "the last" in page or "more messages: --last N shows the newest" in page


def test_raw_messages_of_any_size_can_be_drawn() -> None:
    many = messages_from_values({"messages": [{"type": "ai", "content": "x" * 5_000, "future": 1}] * 300})
    assert fits(conversation_tree(conversation(many, is_raw=True)))


def test_a_search_finds_what_a_page_folds() -> None:
    found = messages_from_values(
        {"messages": [SHAPES["artifact"], SHAPES["unknown block type"], {"type": "ai", "content": "x"}]}
    )
    assert len(conversation(found, search="mark")) == 2


def test_the_details_of_the_provider_are_behind_the_tokens() -> None:
    message = {
        "type": "ai",
        "content": "hi",
        "response_metadata": {"model_name": "small"},
        "usage_metadata": {"input_tokens": 1200, "output_tokens": 3},
    }
    page = html(conversation_tree(shown(message)))
    assert "<summary>1,200 in, 3 out</summary>" in page
    assert "small" not in conversation_text(shown(message))
