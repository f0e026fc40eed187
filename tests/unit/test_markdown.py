"""Markdown comes in, a tree of whitelisted nodes goes out, whatever comes in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lg_magics.views.markdown import GrowingMarkdown, plain
from lg_magics.views.markdown import markdown as nodes

TAGS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "strong", "em"} | {
    *("s", "br", "hr", "table", "thead", "tbody", "tr", "th", "td", "a")
}
LINK = "[the docs](https://example.org/?a=1&b=2)"


def markdown(text: str) -> list[Any]:
    """The nodes of a text, without attributes where there are none."""
    return [_bare(node) for node in nodes(text)]


def _bare(node: Any) -> Any:
    return [_bare(part) for part in node if part != {}] if isinstance(node, list) else node


HOSTILE = {
    "quotes": ">" * 10_000,
    "quotes apart": "> " * 10_000,
    "brackets": "[" * 10_000,
    "brackets to the cap": "[" * 32_000,
    "images": "![" * 10_000,
    "open links": "[a](" * 8_000,
    "nested links": "[a](" * 2_000 + ")" * 2_000,
    "stars": "a*" * 16_000,
    "nested strong": "**" * 2_400 + "a" + "**" * 2_400,
    "backticks": "".join("`" * n + " " for n in range(1, 200)),
    "list in list": "- " * 10_000,
    "list in list, indented": "".join("  " * n + "- a\n" for n in range(120)),
    "wide table": "|a" * 200 + "\n" + "|-" * 200 + "\n" + "a\n" * 8_000,
    "entities": "&" * 32_000,
    "lines": "a\n" * 16_000,
    "items": "- a\n" * 8_000,
    "rules": "---\n" * 8_000,
    "much": "lorem ipsum " * 100_000,
}


def nodes_of(tree: list[Any]) -> Iterator[Any]:
    for node in tree:
        yield node
        if not isinstance(node, str):
            yield from nodes_of([part for part in list(node)[1:] if not isinstance(part, dict)])


def test_prose_becomes_paragraphs_and_keeps_its_lines() -> None:
    assert markdown("one\ntwo\n\nthree") == [["p", "one", ["br"], "two"], ["p", "three"]]


def test_marks_become_their_elements() -> None:
    tree = markdown("# T\n**b** *i* ~~s~~ `c`")
    assert tree == [["h1", "T"], ["p", ["strong", "b"], " ", ["em", "i"], " ", ["s", "s"], " ", ["code", "c"]]]


def test_a_tight_list_has_no_paragraphs() -> None:
    assert markdown("1. a\n2. b\n   - c") == [["ol", ["li", "a"], ["li", "b", ["ul", ["li", "c"]]]]]


def test_code_is_kept_as_it_is() -> None:
    assert markdown("```python\nx = '<b>'\n```") == [["pre", ["code", "x = '<b>'"]]]


def test_a_table_has_head_and_body() -> None:
    head, body = ["thead", ["tr", ["th", "a"]]], ["tbody", ["tr", ["td", "1"]]]
    assert markdown("|a|\n|-|\n|1|") == [["table", head, body]]


def test_html_stays_text() -> None:
    assert markdown("<b>x</b> <script>alert(1)</script>") == [["p", "<b>x</b> <script>alert(1)</script>"]]


def test_a_link_to_the_web_is_a_link() -> None:
    assert markdown(LINK) == [["p", ["a", {"href": "https://example.org/?a=1&b=2"}, "the docs"]]]


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "file:///etc/passwd", "../x", "#x"]
)
def test_a_link_to_anywhere_else_stays_text(address: str) -> None:
    assert markdown(f"[x]({address})") == [["p", f"[x]({address})"]]
    assert markdown(f"![x]({address})") == [["p", f"![x]({address})"]]


def test_an_image_is_never_loaded_but_linked() -> None:
    assert markdown("![a cat](https://x.org/c.png)") == [["p", ["a", {"href": "https://x.org/c.png"}, "a cat"]]]


def test_text_quoted_too_deep_is_not_lost() -> None:
    assert "secret" in str(markdown("> " * 60 + "secret"))
    assert "secret" in str(markdown("**" * 50 + "secret" + "**" * 50))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_takes_neither_time_nor_stack(name: str) -> None:
    markdown("warm")
    started = time.process_time()
    tree = markdown(HOSTILE[name])
    assert time.process_time() - started < 5  # about 0.1; with the square of the length it would be minutes
    assert deepest(tree) <= 40


def deepest(tree: list[Any]) -> int:
    levels, depth = tree, 0
    while levels:
        levels = [part for node in levels if isinstance(node, list) for part in node[1:]]
        depth += 1
    return depth


BLOCK_MARKS = ("\n", "\n\n", "- ", "1. ", "> ", "# ", "```", "|", "|-|", "---", "===", "    ", "\t", "\r\n")
INLINE_MARKS = ("`", "**", "*", "~~", LINK, "<b>", "\\", "&amp;", "![", "](", "\u2028", "\x0b", "a", "b ")
fragments = st.sampled_from(BLOCK_MARKS + INLINE_MARKS)


@settings(max_examples=300, deadline=None)
@given(st.lists(fragments, max_size=60), st.lists(st.integers(1, 40), min_size=1, max_size=12))
def test_a_growing_text_reads_as_the_whole_text_does(parts: list[str], cuts: list[int]) -> None:
    text, growing = "".join(parts), GrowingMarkdown()
    for cut in [*sorted(cuts), len(text)]:
        assert growing.tree(text[:cut]) == nodes(text[:cut])


@settings(max_examples=200, deadline=None)
@given(st.lists(fragments | st.text(max_size=4), max_size=80).map("".join))
def test_any_text_gives_only_whitelisted_nodes(text: str) -> None:
    for node in nodes_of(markdown(text)):
        assert isinstance(node, str) or (isinstance(node, list) and node[0] in TAGS)


def test_a_growing_text_costs_its_tail_only() -> None:
    text = "lorem **ipsum** `dolor` and\n- more\n- and more\n\n" * 200
    growing = GrowingMarkdown()
    seconds = []
    for whole in (text, text + "tail"):
        started = time.process_time()
        growing.tree(whole)
        seconds.append(time.process_time() - started)
    assert seconds[1] < seconds[0] / 5  # about a fortieth


def test_another_text_is_read_from_its_beginning() -> None:
    growing = GrowingMarkdown()
    growing.tree("a\n\nb\n\nc\n\nd")
    assert growing.tree("x\n\ny") == plain("x\n\ny")
