"""The node tree: any JSON becomes inert HTML, limits hold, and changes turn one tree into another."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lg_magics
from lg_magics.live.changes import Change, changes
from lg_magics.views.node import NO_MATH, TOO_LARGE, Node, attributes_of, fits, html, node, nodes_in, spaced, text_in

ALLOWED = json.loads((Path(lg_magics.__file__).parent / "views/allowed.json").read_text("utf-8"))
TAGS = {*ALLOWED["tags"].split(), *ALLOWED["svg"].split()}
ATTRIBUTE_NAMES = {*" ".join(ALLOWED["attributes"].values()).split(), *ALLOWED["words"], *ALLOWED["ranges"]}
SAID = ATTRIBUTE_NAMES | {"target", "rel", "style"}

NASTY = st.sampled_from(
    [
        "<img src=x onerror=a()>",
        "javascript:a()",
        '"><script>',
        "\0",
        "\ud800",
        "lg-a jp-Dialog",
        "x" * 300,
        "1e9",
        "-1",
    ]
)
TEXT = st.text(max_size=20) | NASTY
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from([*sorted(TAGS), "script", "img", "form", "iframe", "style", "use", "foreignObject", "object"])
ATTRIBUTES = st.dictionaries(
    st.sampled_from([*sorted(ATTRIBUTE_NAMES), "onclick", "style", "id", "name", "src", "data-commandlinker-command"]),
    TEXT | st.integers() | st.none(),
    max_size=4,
)
NEARLY_TREES = st.recursive(
    TEXT | ANY_JSON,
    lambda inner: (
        st.tuples(NAMES | TEXT, ATTRIBUTES | ANY_JSON, inner, inner).map(list) | st.tuples(NAMES, ATTRIBUTES).map(list)
    ),
    max_leaves=12,
)


class Reader(HTMLParser):
    """What a page would make of HTML: its tags, attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


@settings(max_examples=150)
@given(NEARLY_TREES)
def test_any_json_becomes_html_that_only_shows(tree: Any) -> None:
    said = html(tree)
    said.encode("utf-8")
    assert "\0" not in said
    read = Reader(said)
    assert {tag.lower() for tag in read.tags} <= {tag.lower() for tag in TAGS}
    assert not {"button", "input", "select", "textarea", "script", "img", "form", "iframe"} & set(read.tags)
    for name, value in read.attributes:
        assert name.lower() in {each.lower() for each in SAID}
        assert not name.startswith(("on", "data-"))
        if name == "class":
            assert all(
                word.startswith("lg-") or word in ("mathjax_ignore", "tex2jax_ignore") for word in str(value).split()
            )
        if name == "href":
            assert str(value).lower().startswith(("http://", "https://", "mailto:"))
        if name == "style":
            assert set(str(value).replace("--a:", "").replace("--w:", "")) <= set("0123456789.%;")


def test_text_and_attributes_are_escaped_and_what_is_not_allowed_is_left_out() -> None:
    tree = node(
        "div", "a < b & 'c'", node("a", "x", href="javascript:alert(1)"), class_="lg-card jp-Dialog", title='"><b>'
    )
    assert html(tree) == (
        '<div class="lg-card mathjax_ignore tex2jax_ignore" title="&quot;&gt;&lt;b&gt;">'
        "a &lt; b &amp; &#x27;c&#x27;<a>x</a></div>"
    )


def test_saved_html_has_no_buttons_but_keeps_the_text_of_ids() -> None:
    tree = node(
        "div",
        node("button", "t1 ·0e7caf", class_="lg-id", title="whole-id", data_copy="whole-id", data_static="text"),
        node("button", "Cancel", data_act="cancel"),
        node("textarea", value="typed"),
        node("p", "only live", data_static="no"),
    )
    assert html(tree) == (
        '<div class="mathjax_ignore tex2jax_ignore"><code class="lg-id" title="whole-id">t1 ·0e7caf</code></div>'
    )


def test_a_bar_keeps_its_place_as_two_numbers() -> None:
    assert 'style="--a:22.5%;--w:100%"' in html(node("div", node("i", data_a="22.5", data_w="900")))


@pytest.mark.parametrize(
    "tree",
    [
        node("div", *("x" for _ in range(3)), *[node("b")] * 20_001),
        node("div", "x" * 500_001),
        ["div", {"title": "x" * 500_001}],
    ],
)
def test_what_passes_a_limit_is_too_large_to_show(tree: Node) -> None:
    assert not fits(tree)
    assert TOO_LARGE in html(tree)
    assert len(html(tree)) < 200


def test_depth_is_limited_without_recursion() -> None:
    tree: Any = "x"
    for _ in range(100_000):
        tree = ["div", {}, tree]
    assert not fits(tree)
    assert TOO_LARGE in html(tree)


def test_children_are_flattened_and_neighbouring_strings_are_one() -> None:
    assert node("p", "a", None, ["b", ["", node("i", "c")]], "d") == ["p", {}, "ab", ["i", {}, "c"], "d"]
    assert spaced("a", None, node("b", "c")) == ["a", " ", ["b", {}, "c"]]
    assert text_in(node("p", "a", node("b", "c"))) == "ac"
    assert [each[0] for each in nodes_in(node("p", node("b", node("i"))))] == ["p", "b", "i"]
    assert attributes_of(node("p", key="k"))["key"] == "k"


# -- changes ----------------------------------------------------------------------------------------------------

KEYS = st.sampled_from(["", "a", "b", "c", "d"])
LEAVES = st.sampled_from(["x", "xy", "xyz", "z", ""])
TREES: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda tag, key, title, children: node(tag, *children, key=key, title=title),
        st.sampled_from(["p", "b"]),
        KEYS,
        LEAVES,
        st.lists(inner, max_size=5),
    ),
    max_leaves=15,
)


def applied(tree: Any, made: list[Change]) -> Any:
    """What a page has after these changes."""
    tree = ["root", {}, json.loads(json.dumps(tree))]
    for name, path, *rest in json.loads(json.dumps(made)):
        parent, place = tree, 2
        for step in path:
            parent, place = parent[place], step + 2
        target = parent[place]
        if name == "replace":
            parent[place] = rest[0]
        elif name == "text":
            parent[place] += rest[0]
        elif name == "set":
            target[1] = rest[0]
        elif name == "insert":
            target.insert(rest[0] + 2, rest[1])
        elif name == "remove":
            del target[rest[0] + 2]
        else:
            target.insert(rest[1] + 2, target.pop(rest[0] + 2))
    return tree[2]


@settings(max_examples=200)
@given(
    st.builds(lambda *c: node("div", *c), TREES, TREES, TREES),
    st.builds(lambda *c: node("div", *c), TREES, TREES, TREES),
)
def test_changes_turn_one_tree_into_the_other(old: Node, new: Node) -> None:
    before = json.dumps(old)
    assert applied(old, changes(old, new)) == new
    assert json.dumps(old) == before
    assert changes(new, new) == []


def test_what_only_grows_is_sent_as_what_was_added() -> None:
    assert changes(node("p", "Buy"), node("p", "Buy milk")) == [["text", [0], " milk"]]


def test_a_new_row_and_a_moved_row_are_one_change_each() -> None:
    rows = [node("li", name, key=name) for name in "abcd"]
    assert changes(node("ul", rows), node("ul", node("li", "n", key="n"), rows)) == [["insert", [], 0, rows_new()]]
    assert changes(node("ul", rows), node("ul", rows[3], rows[:3])) == [["move", [], 3, 0]]


def rows_new() -> Node:
    return node("li", "n", key="n")


def test_the_text_of_a_running_clock_is_no_change() -> None:
    clock = [node("p", node("span", text, class_="lg-time", data_since=12.5)) for text in ("1 s", "2 s")]
    assert changes(*clock) == []


def test_a_clock_that_stops_has_the_time_at_which_it_stopped() -> None:
    """The page has the text with which it began: what came between was not sent."""
    page, kernel = (node("p", node("span", text, class_="lg-time", data_since=12.5)) for text in ("<0.1 s", "2.1 s"))
    stopped = node("p", node("span", "2.1 s", class_="lg-time"))
    assert applied(page, changes(kernel, stopped)) == stopped


def test_what_saved_html_leaves_out_does_not_make_it_too_large() -> None:
    field = node("textarea", key="text", value="x" * 600_000)
    hidden = node("div", node("p", "y" * 600_000), data_static="no")
    assert html(node("div", "a question", field, hidden)) == f'<div class="{NO_MATH}">a question</div>'
    assert TOO_LARGE in html(node("div", node("p", "y" * 600_000)))
